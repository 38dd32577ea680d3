"""Log lines: one JSON object each (or plain text), on standard error, never of an image's content.

A reader that stops reading must not stop the service: lines are written by a thread of their own from a
bounded queue, and are dropped, and counted, when it is full.
"""

import json
import logging
import queue
import sys
import threading
import time
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

request_id: ContextVar[str | None] = ContextVar("request_id", default=None)
trace_id: ContextVar[str | None] = ContextVar("trace_id", default=None)

MAX_WAITING = 10_000
FLUSH_SECONDS = 2.0


class JSONFormatter(logging.Formatter):
    """A record as one line of JSON; what was given as `extra={"fields": {...}}` becomes members."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
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
    """A record as one line for a terminal."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, and the traceback below it where there is one."""
        stamp = datetime.fromtimestamp(record.created).strftime("%H:%M:%S")
        members = " ".join(f"{name}={value}" for name, value in _context(record).items())
        line = f"{stamp} {record.levelname.lower():8} {record.getMessage()} {members}".rstrip()
        return f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line


def _context(record: logging.LogRecord) -> dict[str, Any]:
    members: dict[str, Any] = {}
    for name, variable in (("request_id", request_id), ("trace_id", trace_id)):
        value = variable.get()
        if value is not None:
            members[name] = value
    members.update(getattr(record, "fields", {}))
    return members


class DetachedHandler(logging.Handler):
    """Hands each formatted line to a writing thread, and never waits for it."""

    def __init__(self) -> None:
        super().__init__()
        self.dropped = 0
        self._lines: queue.Queue[str | None] = queue.Queue(MAX_WAITING)
        self._thread = threading.Thread(target=self._write, name="log", daemon=True)
        self._thread.start()

    def emit(self, record: logging.LogRecord) -> None:
        """Queue the record's line, or drop it."""
        try:
            self._lines.put_nowait(self.format(record))
        except queue.Full:
            self.dropped += 1
        except Exception:
            self.handleError(record)

    def close(self) -> None:
        """Write what is queued, for two seconds at most."""
        deadline = time.monotonic() + FLUSH_SECONDS
        try:
            self._lines.put(None, timeout=FLUSH_SECONDS)
            self._thread.join(max(0.0, deadline - time.monotonic()))
        except queue.Full:
            pass
        super().close()

    def _write(self) -> None:
        while (line := self._lines.get()) is not None:
            if self.dropped:
                line += f"\n{self.dropped} log lines were dropped: nobody read them"
                self.dropped = 0
            try:
                sys.stderr.write(line + "\n")
                sys.stderr.flush()
            except (OSError, ValueError):  # standard error is closed: there is nowhere left to say so
                return


def configure(log_format: str, level: str) -> None:
    """Send all logging to standard error in the format and from the level given."""
    handler = DetachedHandler()
    handler.setFormatter(JSONFormatter() if log_format == "json" else TextFormatter())
    root = logging.getLogger()
    for old in root.handlers[:]:
        root.removeHandler(old)
        old.close()
    root.addHandler(handler)
    root.setLevel(level.upper())
    for name in ("uvicorn.error", "PIL", "asyncio"):
        # Their warnings tell of what clients send, request by request.
        logging.getLogger(name).setLevel(logging.ERROR)
