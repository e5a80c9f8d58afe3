"""What our own paths are measured against: the least that the same libraries can do, each in a process of its own.

`ack`: a Bolt app with one listener that only acknowledges. `insert`: a Starlette route that stores what was posted.
"""

from __future__ import annotations

import asyncio
import os
import socket
import sys
from concurrent.futures import ThreadPoolExecutor

import uvicorn
from slack_bolt.adapter.starlette.async_handler import AsyncSlackRequestHandler
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_bolt.authorization import AuthorizeResult
from sqlalchemy import JSON, Column, Integer, MetaData, Table
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.program import settle_memory
from storage.database import Database
from storage.engines import POSTGRES_WRITERS

POSTED = Table("bench_posted", MetaData(), Column("id", Integer, primary_key=True), Column("body", JSON))


def only_acks() -> Starlette:
    """Bolt as its documentation has it, with its own check of the signature, and one command that is acknowledged."""

    async def authorize() -> AuthorizeResult:
        return AuthorizeResult(enterprise_id=None, team_id="T1", bot_token="xoxb-1", bot_id="B1", bot_user_id="U1")

    app = AsyncApp(authorize=authorize, signing_secret=os.environ["SLACK_SIGNING_SECRET"], process_before_response=True)

    @app.command("/voc")
    async def acknowledge(ack: AsyncAck) -> None:
        await ack("logged")

    handler = AsyncSlackRequestHandler(app)

    async def receive(request: Request) -> Response:
        return await handler.handle(request)

    return Starlette(routes=[Route("/slack/events", receive, methods=["POST"])])


def only_inserts(db: Database) -> Starlette:
    """One row for what was posted, committed for itself, in a thread: as one writes it without a unit of work.

    SQLite has one writer at a time anyway, so one thread; PostgreSQL as many as the program has.
    """
    POSTED.create(db.engine)
    statement = POSTED.insert()
    threads = ThreadPoolExecutor(1 if db.is_sqlite else POSTGRES_WRITERS)

    def insert(body: object) -> None:
        with db.engine.begin() as connection:
            connection.execute(statement, {"body": body})

    async def receive(request: Request) -> Response:
        await asyncio.get_running_loop().run_in_executor(threads, insert, await request.json())
        return JSONResponse({"status": "accepted"}, status_code=202)

    return Starlette(routes=[Route("/posted", receive, methods=["POST"])])


async def serve(app: Starlette) -> None:
    """The same uvicorn as the program's."""
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.bind(("127.0.0.1", 0))
    settle_memory()
    sys.setswitchinterval(0.001)
    sys.stdout.write(f"PORT={listening.getsockname()[1]}\nREADY\n")
    sys.stdout.flush()
    config = uvicorn.Config(
        app, loop="asyncio", http="httptools", ws="none", lifespan="off", log_config=None, access_log=False
    )
    await uvicorn.Server(config).serve([listening])


if __name__ == "__main__":
    asyncio.run(serve(only_acks() if sys.argv[1] == "ack" else only_inserts(Database(os.environ["DATABASE_URL"]))))
