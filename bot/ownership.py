"""A SQLite file belongs to one running program: a second one would deliver what the first holds."""

from __future__ import annotations

import fcntl
import os
from io import TextIOWrapper

from sqlalchemy.engine import URL

from bot.address import file_problem
from bot.settings import SettingsProblem
from storage.file import OWNER_ONLY, DatabaseFile


class Ownership:
    """The lock on a database file, held while the program runs; the system lets it go when the program dies.

    It lies beside the file itself (`tandem.db.lock`), whatever link led there. PostgreSQL and databases in memory
    need none.
    """

    def __init__(self, url: URL) -> None:
        file = DatabaseFile.of(url)
        self._database = file.path if file is not None else None
        self._file: TextIOWrapper | None = None

    def take(self) -> None:
        """Own the file from now on. Raises SettingsProblem when another program does, naming the way out."""
        database = self._database
        if database is None:
            return
        if database.is_dir():
            raise SettingsProblem([str(file_problem(database))])
        if database.exists() and database.stat().st_nlink > 1:
            sentence = (
                f"The database {database} has a second name (a hard link), and SQLite spoils a file that is used under "
                f"two names. Find the names with: find / -samefile {database}. Then delete all but one."
            )
            raise SettingsProblem([sentence])
        try:
            descriptor = os.open(f"{database}.lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, OWNER_ONLY)
        except OSError as error:
            told = file_problem(database) or f"The database {database} cannot be used: {error.strerror}."
            raise SettingsProblem([told]) from None
        file = os.fdopen(descriptor, "a")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.close()
            sentence = (
                f"Another Tandem already runs on {database}, and a SQLite file belongs to one process. Stop that one, "
                "or set DATABASE_URL to PostgreSQL to run several: postgresql://user:password@host/name"
            )
            raise SettingsProblem([sentence]) from None
        self._file = file

    def release(self) -> None:
        """Let the file go."""
        if self._file is not None:
            self._file.close()
            self._file = None
