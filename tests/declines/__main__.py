"""`make orders`: what people do with a lead, at once and in random orders, on both databases, and what was wrong.

make orders ARGS="--engine postgresql --orders 2000 --first 0"
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from storage.database import Database
from storage.migrate import migrate
from tests.declines.orders import Tried, try_orders
from tests.postgres import running_postgres
from tests.world import World

BATCH = 250
"""So many orders share a database: time goes on in them, by years."""


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit code: 1 when something was wrong."""
    parser = argparse.ArgumentParser(prog="make orders", description=__doc__)
    parser.add_argument("--engine", choices=("sqlite", "postgresql"), action="append", help="default: both")
    parser.add_argument("--orders", type=int, default=10_000, help="of each engine")
    parser.add_argument("--first", type=int, default=0, help="the seed of the first order")
    asked = parser.parse_args(arguments)
    red = False
    for engine in asked.engine or ("sqlite", "postgresql"):
        began, tried = time.perf_counter(), Tried()
        last = asked.first + asked.orders
        for first in range(asked.first, last, BATCH):
            with _world(engine) as world:
                try_orders(world, range(first, min(first + BATCH, last)), tried)
            print(f"{engine}: {tried.orders} of {asked.orders} orders, {len(tried.wrong)} wrong", flush=True)
        ends = ", ".join(f"{count} {state}" for state, count in tried.ends.most_common())
        took = time.perf_counter() - began
        print(f"{engine}: {tried.steps} steps in {tried.orders} orders, {took:.0f} s; the leads ended: {ends}")
        for one in tried.wrong[:20]:
            print(one)
        red = red or bool(tried.wrong)
    return 1 if red else 0


@contextmanager
def _world(engine: str) -> Iterator[World]:
    with tempfile.TemporaryDirectory(prefix="tandem-orders-") as folder:
        if engine == "sqlite":
            yield from _in(f"sqlite:///{Path(folder) / 'tandem.db'}")
        else:
            with running_postgres() as server:
                yield from _in(server.create_database("orders"))


def _in(url: str) -> Iterator[World]:
    database = Database(url)
    try:
        migrate(database.engine)
        yield World(database)
    finally:
        database.close()


if __name__ == "__main__":
    raise SystemExit(main())
