"""A kind of job of the test's own, in the processes of a run: it asks a system outside, and tells somebody the answer.

Its record counts nothing and forgets nothing by itself: done twice, it would tell the answer twice.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar, Final

from sqlalchemy.orm import Session

from handlers import catalog
from handlers.jobs import Impossible, JobKind, Retry, RunningJob, Tools
from handlers.messages import Messages, Rendering, Subject
from storage import outbox
from storage.held import DISTRIBUTED
from storage.outbox import Priority
from storage.pace import LIMITS, Limit

DESK: Final = "CHAOS_DESK"
"""The variable of the environment with the address of the system outside."""
ANSWERED: Final = "errand_answered"
PROGRAM: Final = "from tests.chaos.errands import main; main()"

LOOKS_A_MINUTE: Final = 60
"""How often the quiet workspace may look into a history: a minute here loses as many replies as weeks elsewhere."""

messages = Messages()


@dataclass(frozen=True, slots=True)
class Errand:
    """`number`: of the errand in its workspace. `told`: the Slack user id of whoever reads the answer."""

    kind: ClassVar[str] = "errand"

    number: int = 0
    told: str = ""


def words(answer: str, number: int, team_id: str) -> str:
    """What somebody reads when an errand is done."""
    return f"{answer} to errand {number} of {team_id}"


async def run_errand(job: RunningJob[Errand], tools: Tools) -> str:
    """Ask the system outside, and Slack which workspace this is."""
    async with tools.http.post(f"{os.environ[DESK]}/{job.token}") as answer:
        if answer.status == 429:
            raise Retry(timedelta(seconds=float(answer.headers["Retry-After"])), "the desk is busy")
        if answer.status == 410:
            raise Impossible("the desk is closed")
        answer.raise_for_status()
        said = await answer.text()
    me = await tools.client.auth_test()
    return words(said, job.arguments.number, str(me["team_id"]))


def record_errand(session: Session, job: RunningJob[Errand], result: str, at: datetime) -> None:
    """Tell the answer in a DM."""
    place = job.arguments.told
    outbox.put_notice(
        session, job.workspace_id, ANSWERED, job.id, place, at=at, priority=Priority.REMINDER, data={"text": result}
    )


@messages.kind(ANSWERED)
def errand_answered(_session: Session, subject: Subject) -> Rendering:
    """The answer as it was recorded."""
    return Rendering(str(subject.data["text"]))


kind = JobKind(
    Errand,
    run_errand,
    record_errand,
    what="an errand",
    remedy="Ask again.",
    patience=timedelta(seconds=20),
    tries=3,
)


def main() -> None:
    """Tandem's command line, with one more kind of job, and the minute between two looks in miniature."""
    # The other limits are set higher by TANDEM_SLACK_LIMITS; that of a distributed app is none that grows.
    for method in ("conversations.history", "conversations.replies"):
        LIMITS[f"{method}{DISTRIBUTED}"] = Limit(burst=1, per_minute=LOOKS_A_MINUTE, reserve=0)  # type: ignore[index]
    catalog.JOB_KINDS = (*catalog.JOB_KINDS, kind)  # type: ignore[misc]  # what a subject of its own would add
    catalog.MESSAGES = (*catalog.MESSAGES, messages)  # type: ignore[misc,assignment]
    from bot.cli import main as command_line

    command_line()
