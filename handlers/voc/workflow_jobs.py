"""What a run of the workflow's step does: it logs, and tells Slack with what, or why not."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from slack_sdk.errors import SlackApiError
from sqlalchemy.orm import Session

from domain.errors import Deactivated, FieldProblems, NotForGuests, NotOurs
from domain.text import shorten
from domain.voc.errors import SensitiveText
from domain.voc.facts import VocFacts, item_name
from domain.voc.workflow import EndStep, RunStep, end_step, load_logged, log_step
from handlers.failed_calls import error_name
from handlers.jobs import JobKind, RunningJob, Tools
from handlers.voc.describing import look_at
from handlers.words import plain_sentence

ENDED: Final = ("execution_not_in_running_state", "function_execution_not_found")
"""What Slack says of a run that it was told of before, or gave up."""

LONGEST_REASON: Final = 500
_REFUSED: Final[dict[type[Exception], str]] = {
    NotOurs: "Whoever heard it is nobody of this workspace, so nothing was logged. Pick one of its people.",
    NotForGuests: "Whoever heard it is a guest in this workspace, so nothing was logged. Pick a member.",
    Deactivated: "Whoever heard it has no active account in Slack, so nothing was logged. Pick somebody else.",
    SensitiveText: "A card number, a secret or a list of phones seems to stand in the text, so nothing was logged. "
    "Take it out, and run the workflow again.",
}


async def look_at_person(job: RunningJob[RunStep], tools: Tools) -> None:
    """Slack says who heard it, before anything is logged in their name."""
    await look_at(job.arguments.user_id, job.workspace_id, tools)


def record_step(session: Session, job: RunningJob[RunStep], _looked: None, at: datetime) -> None:
    """The item, and the job that tells of it, in one transaction."""
    run = job.arguments
    try:
        end = EndStep(run.execution_id, log_step(session, job.workspace_id, run, at=at))
    except (NotOurs, NotForGuests, Deactivated, SensitiveText) as refused:
        end = EndStep(run.execution_id, reason=_REFUSED[type(refused)])
    except FieldProblems as problems:
        end = EndStep(
            run.execution_id, reason=shorten(f"Nothing was logged. {plain_sentence(problems)}", LONGEST_REASON)
        )
    end_step(session, job.workspace_id, end, at=at)


async def tell_end(job: RunningJob[EndStep], tools: Tools) -> None:
    """Complete the run, or fail it in words, which Slack shows to whoever looks after the workflow."""
    end = job.arguments
    item = await tools.tandem.db.read(load_logged, job.workspace_id, end.item_id) if end.item_id else None
    try:
        if item is not None:
            await tools.client.functions_completeSuccess(
                function_execution_id=end.execution_id, outputs=outputs_of(item)
            )
        else:
            reason = end.reason or "The item is there no more."
            await tools.client.functions_completeError(function_execution_id=end.execution_id, error=reason)
    except SlackApiError as error:
        if error_name(error) not in ENDED:
            raise


def record_end(_session: Session, _job: RunningJob[EndStep], _told: None, _at: datetime) -> None:
    """Nothing is kept of it."""


def outputs_of(item: VocFacts) -> dict[str, str]:
    """What later steps of the workflow can use."""
    about = f" #{item.theme}" if item.theme else ""
    return {
        "item_id": str(item.id),
        "summary": f"{item_name(item)} logged{about}",
        "theme": item.theme or "",
        "permalink": item.permalink or "",
    }


kinds = (
    JobKind(
        RunStep,
        look_at_person,
        record_step,
        what="the step of a workflow that logs what a customer said",
        remedy="Try again: what was said is kept in the job until then.",
        awaited=True,
    ),
    JobKind(
        EndStep,
        tell_end,
        record_end,
        what="to tell Slack how a step of a workflow ended",
        remedy="What the step logged is saved. Try again while the workflow waits.",
        awaited=True,
    ),
)
