"""DATABASE_URL: whether it can be one, and in plain words why the database behind it cannot be used.

No sentence holds more of it than the host, the port, the database and the file: a password that was written without
its signs replaced may stand anywhere else, and PostgreSQL's own words may repeat it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, DBAPIError

from storage.engines import SILENCE_NOTICED, driver_url
from storage.file import DatabaseFile
from storage.migrate import LOCKED, ForeignDatabase

WANTED: Final = "It should be sqlite:///tandem.db, or postgresql://user:password@host/name."
OTHERS: Final = ("mysql", "mariadb", "mssql", "oracle", "mongodb", "redis", "http", "https", "file")
SIGNS: Final = "In a password, @ is written as %40, : as %3A, / as %2F, ? as %3F, # as %23 and % as %25."

# What PostgreSQL and its library say, in small letters, and what it means: the first that is found counts.
_POSTGRES: Final = (
    (("password authentication failed", "no password supplied"), f"refuses the user or the password. {SIGNS}"),
    (("does not support ssl",), "offers no TLS, which DATABASE_URL asks for: take out sslmode, or turn on TLS there."),
    (("no encryption", "ssl off", "ssl/tls required"), "wants TLS: add ?sslmode=require to DATABASE_URL."),
    (("no pg_hba.conf entry",), "does not let this user in from this computer: its pg_hba.conf says who may."),
    (
        ("certificate", "ssl error"),
        "shows a TLS certificate that cannot be verified: name its root with sslrootcert, or use sslmode=require.",
    ),
    (("role ", "user "), "knows no such user: make one with createuser, or correct DATABASE_URL."),
    (
        ("resolve host", "translate host name", "name or service not known"),
        "is not to be found: no computer has that name. Look at the host in DATABASE_URL.",
    ),
    (
        ("connection refused", "no such file or directory"),
        "is not there: nothing listens. Is PostgreSQL running, and are host and port right?",
    ),
    (
        ("timeout", "timed out", "no route", "unreachable"),
        "does not answer. Look at the host in DATABASE_URL, and at firewalls in between.",
    ),
    (
        ("too many clients", "connection slots", "too many connections"),
        "has no connection left: raise max_connections.",
    ),
    (("starting up", "shutting down"), "is starting or stopping: try again in a moment."),
    (
        ("invalid response", "expected authentication request", "received invalid", "unsupported frontend protocol"),
        "is something else: what answers there does not speak as PostgreSQL does. Look at the port in DATABASE_URL.",
    ),
    (("permission denied",), "does not let this user make tables: GRANT CREATE ON SCHEMA public TO that user."),
)
_SQLITE: Final = {
    "SQLITE_NOTADB": "is no SQLite database. Name another file in DATABASE_URL; one that is not there yet is made.",
    "SQLITE_CORRUPT": "is damaged. Put a backup in its place.",
    "SQLITE_READONLY": "cannot be written to. Look at its permissions and its folder's.",
    "SQLITE_BUSY": "is being written to by another program. Try again when that has ended.",
    "SQLITE_FULL": "finds no room: the disk is full.",
    "SQLITE_IOERR": "cannot be read or written: the disk or its file system fails.",
}


def address_problem(address: str, name: str = "DATABASE_URL") -> str | None:
    """What is wrong with an address as it is written, None when nothing is. `name`: the setting it stands in."""
    scheme, _, rest = address.partition("://") if "://" in address else ("", "", "")
    kind = scheme.partition("+")[0]
    if address[:1] in "\"'" or address[-1:] in "\"'":
        return f"{name} has quotation marks around it. Take them away. {WANTED}"
    if kind not in ("postgres", "postgresql", "sqlite"):
        named = f"begins with {scheme}://" if scheme in OTHERS else "is not usable"
        return f"{name} {named}: Tandem keeps its data in SQLite or PostgreSQL. {WANTED}"
    if kind != "sqlite" and "@" in rest.partition("@")[2]:
        return f"{name} is not usable: it has an @ too many. {SIGNS}"
    try:
        url = driver_url(address)
    except (ArgumentError, ValueError):
        return f"{name} is not usable: its port is no number. {SIGNS} {WANTED}"
    if kind != "sqlite":
        out_of_range = url.port is not None and not 0 < url.port <= 65535
        return f"{name} is not usable: its port is no number from 1 to 65535. {WANTED}" if out_of_range else None
    if url.host:
        return f"{name} is not usable: a file here has three slashes (sqlite:///tandem.db), one elsewhere has four."
    if url.database in (None, "", ":memory:") or "mode=memory" in address:
        return f"{name} keeps everything in memory only, so that a restart loses it. {WANTED}"
    return None


def why_not(error: Exception, url: URL) -> str | None:
    """Why the database cannot be used, and what to do; None for errors that say nothing of that."""
    place = _place(url)
    if isinstance(error, ForeignDatabase):
        return f"{place} belongs to another program: {error}. Give Tandem a database of its own in DATABASE_URL."
    if not isinstance(error, DBAPIError):
        return None
    if url.get_backend_name() == "sqlite":
        return _why_not_sqlite(str(getattr(error.orig, "sqlite_errorname", "")), url, place)
    state, said = str(getattr(error.orig, "sqlstate", None) or ""), str(error.orig).lower()
    if state in LOCKED:
        return f"{place} is being worked on by another program, which does not let go. Try again in a moment."
    if state == "3D000" or ("database " in said and "does not exist" in said):
        return f"{place} is not there: the server knows no such database. Make one with createdb."
    if "connection option" in said or "uri query parameter" in said:
        known = ", ".join(sorted(key for key in url.query if key.isidentifier() and key not in SILENCE_NOTICED))
        return f"DATABASE_URL has a setting after the ? that PostgreSQL does not know. Look at: {known}."
    if state[:2] not in ("", "08", "28", "42", "53", "57") or (state[:2] == "42" and state != "42501"):
        return None
    for signs, meaning in _POSTGRES:
        if any(sign in said for sign in signs):
            return f"{place} {meaning}"
    return f"{place} does not let Tandem in. Its own log says why. {WANTED}"


def file_problem(path: Path) -> str | None:
    """Why a SQLite file cannot be opened or made, None when that is not to be seen."""
    if path.is_dir():
        return f"{path} is a folder. Name a file in it: sqlite:///{path}/tandem.db"
    if not path.parent.exists():
        return f"The folder {path.parent} is not there. Make it, or name another in DATABASE_URL."
    if not path.parent.is_dir():
        return f"{path.parent} is no folder, so no database can be in it. Name another in DATABASE_URL."
    return None


def _why_not_sqlite(name: str, url: URL, place: str) -> str | None:
    for code, meaning in _SQLITE.items():
        if name.startswith(code):
            return f"{place} {meaning}"
    if not name.startswith("SQLITE_CANTOPEN"):
        return None
    file = DatabaseFile.of(url)
    told = file_problem(file.path) if file is not None else None
    return told or f"{place} cannot be opened. Look at its permissions and its folder's."


def _place(url: URL) -> str:
    """The database as a sentence begins with it."""
    file = DatabaseFile.of(url)
    if file is not None:
        return f"The database {file.path}"
    host = url.host or url.query.get("host") or "this computer"
    port = f":{url.port}" if url.port else ""
    return f"The database {url.database or ''} of PostgreSQL at {host}{port}".replace("  ", " ")
