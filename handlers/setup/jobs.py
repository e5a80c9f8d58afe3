"""The slow looks of setup: what `/tandem doctor` asks of Slack."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from domain.wall import local_time
from handlers.answers import Receipt
from handlers.jobs import JobKind, RunningJob, Tools
from handlers.messages import Messages, Rendering, Subject
from handlers.receipts import message_of, send_to
from handlers.setup.checks import check_schema, check_slack, check_stored, not_asked
from handlers.setup.doctor import Examination, doctor_card
from handlers.setup.finding import Finding
from storage import outbox
from storage.outbox import Priority

SLACK_SECONDS = 20.0
REPORT = "doctor_report"

messages = Messages()


@dataclass(frozen=True, slots=True)
class Examined:
    """The card, and whether it reached the person where they asked."""

    card: Receipt
    shown: bool


async def examine(job: RunningJob[Examination], tools: Tools) -> Examined:
    """Look at everything, and show it where it was asked for, while Slack takes it there."""
    tandem, at = tools.tandem, tools.tandem.clock.now()
    stored = await tandem.db.read(
        check_stored,
        job.workspace_id,
        at=at,
        unseal=tandem.unseal,
        prefix=tandem.prefix,
        kinds=tools.kinds,
        renderers=tandem.renderers,
        llm=tandem.llm,
        networks=tandem.webhook_networks,
    )
    schema = await asyncio.to_thread(check_schema, tandem.db.engine)
    try:
        async with asyncio.timeout(SLACK_SECONDS):
            slack = await check_slack(
                tools.client, stored, tandem.listeners, prefix=tandem.prefix, public_url=tandem.public_url
            )
    except TimeoutError:
        slack = [Finding("slack", False, f"no answer within {SLACK_SECONDS:.0f} s", "See status.slack.com.")]
        slack += not_asked("Slack kept silent")
    apart = (tandem.clock.outside() - local_time()).total_seconds()
    name = tandem.db.url.get_backend_name()
    database = Finding("database", True, name if tandem.db.is_sqlite else f"{name}, {apart:+.1f} s from our clock")
    card = doctor_card([database, schema, *stored.findings, *slack], stored.queue, at)
    card = replace(card, replace=job.arguments.replacing)
    message = message_of(card) | {"replace_original": card.replace}
    return Examined(card, job.secret is not None and await send_to(job.secret, message))


def record_examination(session: Session, job: RunningJob[Examination], result: Examined, at: datetime) -> None:
    """The card that could not be shown where it was asked for goes into the person's DM."""
    if result.shown:
        return
    outbox.put_notice(
        session,
        job.workspace_id,
        REPORT,
        job.id,
        job.arguments.asked_by,
        at=at,
        priority=Priority.REMINDER,
        once=f"{REPORT}:{job.token}",
        data={"text": result.card.text, "blocks": list(result.card.blocks)},
    )


@messages.kind(REPORT)
def doctor_report(_session: Session, subject: Subject) -> Rendering:
    """The card as it was made when the doctor looked."""
    return Rendering(str(subject.data["text"]), blocks=list(subject.data["blocks"]))


kinds = (
    JobKind(
        Examination,
        examine,
        record_examination,
        what="the look that the doctor was asked for",
        remedy="Ask the doctor once more. If that fails, too, the log has the details.",
        patience=timedelta(seconds=60),
        tries=3,
        awaited=True,
        without_token=True,
    ),
)
