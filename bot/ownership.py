"""A SQLite file belongs to one running program: a second one would deliver what the first holds."""

from __future__ import annotations

import fcntl
from io import TextIOWrapper
from pathlib import Path

from sqlalchemy.engine import URL

from bot.settings import SettingsProblem


class Ownership:
    """The lock on a database file, held while the program runs; the system lets it go when the program dies.

    It lies beside the file (`tandem.db.lock`). PostgreSQL and databases in memory need none.
    """

    def __init__(self, url: URL) -> None:
        named = url.get_backend_name() == "sqlite" and url.database not in (None, "", ":memory:")
        self._path = Path(f"{url.database}.lock") if named else None
        self._file: TextIOWrapper | None = None

    def take(self) -> None:
        """Own the file from now on. Raises SettingsProblem when another program does, naming the way out."""
        if self._path is None:
            return
        try:
            file = self._path.open("a")
        except OSError as error:
            raise SettingsProblem(
                [f"The database {self._path.with_suffix('')} cannot be used: {error.strerror}. Set DATABASE_URL."]
            ) from None
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.close()
            sentence = (
                f"Another Tandem already runs on {self._path.with_suffix('')}, and a SQLite file belongs to one "
                "process. Stop that one, or set DATABASE_URL to PostgreSQL to run several: "
                "postgresql://user:password@host/name"
            )
            raise SettingsProblem([sentence]) from None
        self._file = file

    def release(self) -> None:
        """Let the file go."""
        if self._file is not None:
            self._file.close()
            self._file = None
