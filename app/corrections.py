"""What people say a drawing was meant to be, kept in an SQLite file for training.

The table `corrections` has a row for each: `id`, `created` (UTC, ISO 8601), `label` (0 to 9), and either
`strokes` (JSON, as they were sent) or `image` (the file as it was sent). Nothing says who sent it.
"""

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from app.errors import Refusal

BUSY_SECONDS = 5.0
"""How long one worker process waits for another to finish writing."""
SCHEMA = """
CREATE TABLE IF NOT EXISTS corrections (
    id INTEGER PRIMARY KEY,
    created TEXT NOT NULL,
    label INTEGER NOT NULL CHECK (label BETWEEN 0 AND 9),
    strokes TEXT,
    image BLOB,
    CHECK ((strokes IS NULL) <> (image IS NULL))
)
"""


class CorrectionsError(Exception):
    """The file cannot hold corrections; the message is one clear line."""


class Corrections:
    """The corrections in one file. Each call opens the file anew and may come from any thread.

    Args:
        path: The file; it is created if it does not exist. `CorrectionsError` if it cannot be written, or
            is another kind of file.
        most: How many it may hold.
    """

    def __init__(self, path: Path, most: int) -> None:
        self._path = path
        self._most = most
        try:
            with self._open() as connection:
                connection.execute(SCHEMA)
                connection.execute("SELECT id, created, label, strokes, image FROM corrections LIMIT 0")
        except sqlite3.Error as error:
            raise CorrectionsError(f"{path}: cannot hold corrections ({error})") from error

    def keep(self, sent: bytes | Sequence[Sequence[Sequence[float]]], label: int) -> int:
        """Keep an image file or strokes meant to be `label`; return its number, or `Refusal` if full."""
        strokes, image = (None, sent) if isinstance(sent, bytes) else (json.dumps(sent), None)
        row = (datetime.now(UTC).isoformat(timespec="seconds"), label, strokes, image)
        try:
            with self._open() as connection:
                (kept,) = connection.execute("SELECT count(*) FROM corrections").fetchone()
                if kept >= self._most:
                    raise Refusal("corrections-full", f"{kept} corrections are kept, and no more are taken.")
                insert = "INSERT INTO corrections (created, label, strokes, image) VALUES (?, ?, ?, ?)"
                return int(connection.execute(insert, row).lastrowid or 0)
        except sqlite3.Error as error:
            raise Refusal("corrections-full", f"The correction could not be written ({error}).") from error

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(self._path, timeout=BUSY_SECONDS)) as connection, connection:
            yield connection
