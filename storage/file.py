"""The file of a SQLite database: only its owner may read it, and it stays the same one while a program works on it."""

from __future__ import annotations

import os
import sqlite3
import stat
import threading
from contextlib import suppress
from pathlib import Path
from typing import Final

from sqlalchemy.engine import URL

OWNER_ONLY: Final = 0o600
MOVED: Final = "SQLITE_READONLY_DBMOVED"
"""SQLite's name for a file that is no longer where it was opened; in WAL mode SQLite itself does not look."""


class FileMoved(sqlite3.OperationalError):
    """The file was deleted or replaced: what would be kept in the old one would be lost with the program's end."""

    sqlite_errorname = MOVED


class DatabaseFile:
    """The file at `path`. Made by `of`; a database in memory has none."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._known: tuple[int, int] | None = None
        self._lock = threading.Lock()

    @classmethod
    def of(cls, url: URL) -> DatabaseFile | None:
        """The file that a URL of SQLAlchemy names, its links followed."""
        named = url.get_backend_name() == "sqlite" and url.database not in (None, "", ":memory:")
        if not named or str(url.database).startswith("file:"):
            return None
        return cls(Path(str(url.database)).resolve())

    def prepare(self) -> None:
        """Before each connection. The first makes the file, or takes it from other eyes. Raises FileMoved later."""
        with self._lock:
            if self._known is not None:
                self.check()
                return
            # What cannot be made or changed is told by SQLite. A file that is there is not opened: closing it again
            # would end the locks that this process holds on it.
            with suppress(OSError):
                os.close(os.open(self.path, os.O_CREAT | os.O_EXCL | os.O_RDWR, OWNER_ONLY))
            for suffix in ("", "-wal", "-shm", ".lock"):
                with suppress(OSError):
                    one = self.path.with_name(self.path.name + suffix)
                    mode = one.stat().st_mode
                    # A folder or a device that was named by mistake is somebody else's, and stays as it is.
                    if stat.S_ISREG(mode) and mode & 0o077:
                        one.chmod(OWNER_ONLY)
            self._known = self._there()

    def check(self) -> None:
        """Raises FileMoved when another file, or none, is where the one that was opened stood."""
        if self._known is not None and self._there() != self._known:
            raise FileMoved("the file was deleted or replaced")

    def _there(self) -> tuple[int, int] | None:
        try:
            found = self.path.stat()
        except OSError:
            return None
        return found.st_dev, found.st_ino
