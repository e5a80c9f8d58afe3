"""The machine's baseline: what one durable SQLite commit costs, the least that any acknowledgement waits."""

import sqlite3
import statistics
import tempfile
import time
from contextlib import closing
from pathlib import Path

from bench import Row, bench

COMMITS = 500


@bench("sqlite_commit")
def sqlite_commit() -> list[Row]:
    """One small row a commit, with the settings of the product's own database (WAL, `synchronous=FULL`)."""
    with (
        tempfile.TemporaryDirectory(prefix="tandem-bench-") as folder,
        closing(sqlite3.connect(Path(folder) / "commits.db", isolation_level=None)) as connection,
    ):
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("CREATE TABLE voc (id INTEGER PRIMARY KEY, verbatim TEXT)")
        taken = [_commit(connection) * 1000 for _ in range(COMMITS)]
    note = f"{COMMITS} commits in {tempfile.gettempdir()}"
    return [
        Row("durable SQLite commit, median", statistics.median(taken), "ms", note=note),
        Row("durable SQLite commit, 99th percentile", statistics.quantiles(taken, n=100)[98], "ms", note=note),
    ]


def _commit(connection: sqlite3.Connection) -> float:
    began = time.perf_counter()
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("INSERT INTO voc (verbatim) VALUES ('too expensive')")
    connection.execute("COMMIT")
    return time.perf_counter() - began
