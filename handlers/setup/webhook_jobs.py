"""The job that delivers to an endpoint: what is due, a few messages at once, each tried and written down."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from domain.webhooks.rounds import Batch, Round, Tried, end_round, next_batch, record_tries
from handlers.arrival import Tandem
from handlers.jobs import JobKind, RunningJob, Tools
from handlers.setup.webhook_sending import SECONDS, Answered, Sender
from storage.crash import crash_point

ROUND_SECONDS: Final = 10
"""So long a round goes on with what is due; others have their turn then."""


async def deliver(job: RunningJob[Round], tools: Tools) -> None:
    """The step: each batch is written down before the next one, so that a crash repeats one batch at the most."""
    db, clock = tools.tandem.db, tools.tandem.clock
    loop = asyncio.get_running_loop()
    ends = loop.time() + ROUND_SECONDS
    endpoint_id = job.arguments.endpoint_id
    while loop.time() < ends:
        batch = await db.read(next_batch, job.workspace_id, endpoint_id, at=clock.now())
        if batch is None:
            return
        tried = await send_batch(batch, tools.tandem)
        crash_point("webhooks.sent")
        await db.run(record_tries, endpoint_id, tried, at=clock.now())
        crash_point("webhooks.recorded")


async def send_batch(batch: Batch, tandem: Tandem) -> list[Tried]:
    """Send all messages of a batch at once, and say what came of each."""
    secrets = _unsealed(batch.sealed, tandem)
    if not secrets:
        return [Tried(one, "no_secret") for one in batch.messages]
    at = tandem.clock.outside()  # a receiver holds it against its own clock
    async with Sender(batch.url, tandem.webhook_networks) as sender:
        answers: list[Answered] = await asyncio.gather(
            *(sender.send(one.event_id, one.body, secrets, at=at) for one in batch.messages)
        )
    return [
        Tried(message, answer.error, answer.gone, answer.patience)
        for message, answer in zip(batch.messages, answers, strict=True)
    ]


def go_on(session: Session, job: RunningJob[Round], _result: None, at: datetime) -> None:
    """The record: where more is due, the next round follows at once."""
    end_round(session, job.workspace_id, job.arguments.endpoint_id, at=at)


def _unsealed(sealed: tuple[str, ...], tandem: Tandem) -> list[str]:
    """The secrets that sign. When the present one cannot be read, nothing is signed: its receiver would refuse."""
    if tandem.unseal is None:
        return []
    try:
        return [tandem.unseal(one) for one in sealed]
    except ValueError:
        return []


kinds = (
    JobKind(
        Round,
        deliver,
        go_on,
        what="a delivery of webhooks",
        remedy="The log says why. Nothing is lost: what waits is sent again by itself.",
        patience=timedelta(seconds=ROUND_SECONDS + SECONDS + 40),
    ),
)
