"""The folder in which the worker processes of one service add up their metrics."""

import fcntl
import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

_PREFIX = "digits-metrics-"
_OWNER = "owner"
"""A file that its owner keeps locked: the system unlocks it when that is gone, however it ended."""


class MetricsFolder:
    """A new folder for this process's workers; those of processes that were killed are removed."""

    def __init__(self) -> None:
        _remove_abandoned()
        self.path = tempfile.mkdtemp(prefix=_PREFIX)
        # Under that name only once it is locked: who starts meanwhile would take it for abandoned.
        unlocked = Path(self.path) / "starting"
        self._owner = unlocked.open("wb")
        fcntl.flock(self._owner, fcntl.LOCK_EX)
        unlocked.rename(unlocked.with_name(_OWNER))

    def remove(self) -> None:
        """Remove it."""
        shutil.rmtree(self.path, ignore_errors=True)
        self._owner.close()


def _remove_abandoned() -> None:
    """Remove the folders of this user's that nobody owns any more."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        # It may go, or be another's: neither is an error, and the next start looks again.
        with suppress(OSError):
            if folder.is_symlink() or folder.stat().st_uid != os.geteuid():
                continue
            with (folder / _OWNER).open("rb") as owner:
                fcntl.flock(owner, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)
