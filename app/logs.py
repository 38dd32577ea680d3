"""Log lines: one JSON object each (or plain text), on standard error, never with an image's content.

A reader that stops reading must not stop the service: a separate thread writes the lines from a bounded
queue. When the queue is full, lines are dropped and counted.
"""

import json
import logging
import queue
import sys
from contextlib import suppress
from contextvars import ContextVar
from datetime import UTC, datetime
from logging.handlers import QueueHandler, QueueListener

request_id: ContextVar[str | None] = ContextVar("request_id", default=None)
trace_id: ContextVar[str | None] = ContextVar("trace_id", default=None)

MAX_WAITING = 10_000
"""Lines that may wait to be written."""

FLUSH_SECONDS = 2.0
"""How long writing the waiting lines may take at shutdown."""


class LineFormatter(logging.Formatter):
    """Formats a record as one line, of JSON or for a terminal; `extra={"fields": {...}}` adds members.

    For a terminal, a traceback follows on lines of its own.
    """

    def __init__(self, *, as_json: bool) -> None:
        super().__init__()
        self._as_json = as_json

    def format(self, record: logging.LogRecord) -> str:
        """Format one record."""
        ids = {"request_id": request_id.get(), "trace_id": trace_id.get()}
        context = {name: value for name, value in ids.items() if value is not None}
        context |= getattr(record, "fields", {})
        level, message = record.levelname.lower(), record.getMessage()
        trace = self.formatException(record.exc_info) if record.exc_info else ""
        if not self._as_json:
            time = datetime.fromtimestamp(record.created).strftime("%H:%M:%S")
            members = " ".join(f"{name}={value}" for name, value in context.items())
            return f"{time} {level:8} {message} {members}".rstrip() + (trace and f"\n{trace}")
        time = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line = {"time": time, "level": level, "logger": record.name, "message": message, **context}
        return json.dumps(line | ({"exception": trace} if trace else {}), ensure_ascii=False, default=str)


class _Writer(QueueListener):
    """Writes formatted lines to standard error, from a thread of its own.

    It has no handlers: `logging.shutdown` would wait for the lock of one that is blocked.
    """

    def handle(self, record: logging.LogRecord) -> None:
        """Write one line."""
        with suppress(OSError, ValueError):  # standard error is closed: there is nowhere left to say so
            sys.stderr.write(f"{record.msg}\n")
            sys.stderr.flush()


class QueuedHandler(QueueHandler):
    """Formats lines at once, and queues them for the thread that writes."""

    def __init__(self, formatter: logging.Formatter) -> None:
        self._lines: queue.Queue[logging.LogRecord] = queue.Queue(MAX_WAITING)
        super().__init__(self._lines)
        self.setFormatter(formatter)
        self._dropped = 0
        _Writer(self._lines).start()

    def enqueue(self, record: logging.LogRecord) -> None:
        """Queue a line, or drop it."""
        try:
            if self._dropped:
                notice = f"{self._dropped} log lines were dropped: nobody read standard error"
                members = {"name": __name__, "levelname": "WARNING", "msg": notice}
                self._lines.put_nowait(self.prepare(logging.makeLogRecord(members)))
                self._dropped = 0
            self._lines.put_nowait(record)
        except queue.Full:
            self._dropped += 1

    def close(self) -> None:
        """Wait until what is queued is written, for `FLUSH_SECONDS` at most."""
        lines = self._lines
        with lines.all_tasks_done:
            lines.all_tasks_done.wait_for(lambda: not lines.unfinished_tasks, FLUSH_SECONDS)
        super().close()


def configure(log_format: str, level: str) -> None:
    """Send all logging to standard error in the format and from the level given."""
    handler = QueuedHandler(LineFormatter(as_json=log_format == "json"))
    logging.basicConfig(handlers=[handler], level=level.upper(), force=True)
    for name in ("uvicorn.error", "PIL", "asyncio"):
        # These loggers warn about what clients send, request by request.
        logging.getLogger(name).setLevel(logging.ERROR)
