"""Log lines: one JSON object each (or plain text), on standard error, never of an image's content.

A reader that stops reading must not stop the service: a thread of its own writes the lines from a bounded
queue. When the queue is full, lines are dropped and counted.
"""

import json
import logging
import queue
import sys
import threading
from contextlib import suppress
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

request_id: ContextVar[str | None] = ContextVar("request_id", default=None)
trace_id: ContextVar[str | None] = ContextVar("trace_id", default=None)

MAX_WAITING = 10_000
"""Lines that may wait to be written."""

FLUSH_SECONDS = 2.0
"""How long, at the end, waiting lines may take to be written."""


class JSONFormatter(logging.Formatter):
    """Formats a record as one line of JSON; `extra={"fields": {...}}` adds members."""

    def format(self, record: logging.LogRecord) -> str:
        """Format one record."""
        members: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        members.update(_context(record))
        if record.exc_info:
            members["exception"] = self.formatException(record.exc_info)
        return json.dumps(members, ensure_ascii=False, default=str)


class TextFormatter(logging.Formatter):
    """Formats a record as one line for a terminal."""

    def format(self, record: logging.LogRecord) -> str:
        """Format one record; a traceback follows on lines of its own."""
        time = datetime.fromtimestamp(record.created).strftime("%H:%M:%S")
        members = " ".join(f"{name}={value}" for name, value in _context(record).items())
        line = f"{time} {record.levelname.lower():8} {record.getMessage()} {members}".rstrip()
        return f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line


def _context(record: logging.LogRecord) -> dict[str, Any]:
    ids = {"request_id": request_id.get(), "trace_id": trace_id.get()}
    given = {name: value for name, value in ids.items() if value is not None}
    return given | getattr(record, "fields", {})


class QueuedHandler(logging.Handler):
    """Formats lines at once, and queues them for the thread that writes them to standard error."""

    def __init__(self, formatter: logging.Formatter) -> None:
        super().__init__()
        self.setFormatter(formatter)
        self._lines: queue.Queue[str] = queue.Queue(MAX_WAITING)
        self._dropped = 0
        threading.Thread(target=self._write, name="log", daemon=True).start()

    def emit(self, record: logging.LogRecord) -> None:
        """Queue a line, or drop it."""
        try:
            self._lines.put_nowait(self.format(record))
        except queue.Full:
            self._dropped += 1

    def _write(self) -> None:
        while True:
            line = self._lines.get()
            with suppress(OSError, ValueError):  # standard error is closed: there is nowhere left to say so
                sys.stderr.write(f"{line}\n")
                sys.stderr.flush()
            self._lines.task_done()
            if self._dropped:
                dropped, self._dropped = self._dropped, 0
                notice = {"msg": f"{dropped} log lines were dropped: nobody read standard error"}
                self.emit(logging.makeLogRecord({"name": __name__, "levelname": "WARNING", **notice}))

    def close(self) -> None:
        """Wait until what is queued is written, for `FLUSH_SECONDS` at most."""
        written = threading.Thread(target=self._lines.join, daemon=True)
        written.start()
        written.join(FLUSH_SECONDS)
        super().close()


def configure(log_format: str, level: str) -> None:
    """Send all logging to standard error in the format and from the level given."""
    handler = QueuedHandler(JSONFormatter() if log_format == "json" else TextFormatter())
    logging.basicConfig(handlers=[handler], level=level.upper(), force=True)
    for name in ("uvicorn.error", "PIL", "asyncio"):
        # They warn of what clients send, request by request.
        logging.getLogger(name).setLevel(logging.ERROR)
