"""What was stamped by a clock that was ahead, and would wait until time has caught up: it waits its own bound at most.

A clock that is put back by an hour leaves rows behind that say "in an hour". Whatever asks for the present reads them
as a wait. So after the clock was put back, and when a worker starts (nobody knows what happened before), they are
brought back. What is brought back too early costs a look, or one more 429. Deadlines of leads are promises and stay.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import case, exists, literal, or_, select, update
from sqlalchemy.orm import Session

from storage.base import UTCDateTime
from storage.database import wake
from storage.jobs import bring_jobs_back
from storage.lanes import COMES_LATE
from storage.models import (
    IS_LEFT,
    IS_WAITING,
    Card,
    Delivery,
    Lane,
    RateBucket,
    ThemeRise,
    WebhookEndpoint,
    WebhookMessage,
    Workspace,
)
from storage.outbox import Priority
from storage.pace import LIMITS

LONGEST_WAIT: Final = timedelta(minutes=5)
LONGEST_WAIT_OF_ALARMS: Final = timedelta(seconds=30)
"""Between two tries of a delivery."""

LONGEST_PAUSE: Final = timedelta(minutes=1)
"""What is believed of a pause that Slack asked for, when nobody knows by which clock it was written down."""

LONGEST_WAIT_OF_WEBHOOKS: Final = timedelta(hours=27)
"""Between two tries of a webhook's message."""

LONGEST_REST: Final = timedelta(hours=6)
"""For so long an endpoint of webhooks may ask to be left alone."""

BETWEEN_QUESTIONS: Final = timedelta(days=7)
"""Between two questions to marketing, unless a team is closed for longer."""

TRIED_BEFORE: Final = timedelta(hours=1)
"""A first try that lies ahead was made within this time: the courier looks for its post from then on."""


def bring_back(session: Session, at: datetime, *, lease: timedelta) -> int:
    """Let nothing wait for longer than it may at `at`. `lease`: of couriers and jobs. Returns how many lanes were."""
    ahead = list(session.scalars(select(Lane.id).where(Lane.due_at > at).order_by(Lane.id).with_for_update()))
    _deliveries(session, at)
    _lanes(session, at, lease)
    _buckets(session, at)
    _rises(session, at)
    _webhooks(session, at)
    _questions(session, at)
    bring_jobs_back(session, at, lease=lease)
    if ahead:
        wake(session, "courier")
    return len(ahead)


def _lanes(session: Session, at: datetime, lease: timedelta) -> None:
    """A held lane keeps its holder for a lease at most; any other is looked at now, or when Slack's pace allows."""
    free = Lane.free_at
    run = {"synchronize_session": False}
    session.execute(update(Lane).where(free > at + LONGEST_PAUSE).values(free_at=None), execution_options=run)
    held = Lane.holder.is_not(None)
    session.execute(update(Lane).where(held, Lane.due_at > at + lease).values(due_at=at + lease), execution_options=run)
    session.execute(
        update(Lane)
        .where(~held, Lane.due_at > at)
        .values(due_at=case((free > at, free), else_=literal(at, UTCDateTime()))),
        execution_options=run,
    )


def _deliveries(session: Session, at: datetime) -> None:
    """What was never tried is due; another try waits as long as tries may; a lost post is looked for from now on."""
    run = {"synchronize_session": False}
    longest = case(
        (Delivery.attempts == 0, literal(at, UTCDateTime())),
        (Delivery.priority == Priority.ALARM, literal(at + LONGEST_WAIT_OF_ALARMS, UTCDateTime())),
        else_=literal(at + LONGEST_WAIT, UTCDateTime()),
    )
    for stamp, most in (
        (Delivery.next_at, longest),
        (Delivery.due_at, at),
        (Delivery.late_until, at + COMES_LATE),
    ):
        session.execute(update(Delivery).where(IS_WAITING, stamp > most).values({stamp: most}), execution_options=run)
    tried = Delivery.first_tried_at
    session.execute(
        update(Delivery).where(IS_WAITING, tried > at).values({tried: at - TRIED_BEFORE}), execution_options=run
    )


def _buckets(session: Session, at: datetime) -> None:
    """A bucket is full again after its own time; pauses are believed for a while; who waits lines up anew."""
    stamps = (RateBucket.full_at, RateBucket.paused_until, RateBucket.warned_until)
    rows = session.scalars(select(RateBucket).where(or_(*(stamp > at for stamp in stamps))).with_for_update())
    for bucket in rows:
        limit = LIMITS.get(bucket.method)
        fills = timedelta(minutes=limit.burst / limit.per_minute) if limit else timedelta()
        bucket.full_at = min(bucket.full_at, at + fills)
        for name in ("paused_until", "warned_until"):
            until = getattr(bucket, name)
            if until is not None and until > at + LONGEST_PAUSE:
                setattr(bucket, name, at + LONGEST_PAUSE)
    session.flush()
    session.execute(update(RateBucket).values(lines={}), execution_options={"synchronize_session": False})


def _rises(session: Session, at: datetime) -> None:
    """A theme is looked at now, and counts as told of now."""
    for stamp in (ThemeRise.look_at, ThemeRise.told_at):
        session.execute(
            update(ThemeRise).where(stamp > at).values({stamp: at}), execution_options={"synchronize_session": False}
        )


def _webhooks(session: Session, at: datetime) -> None:
    """What was never tried is sent now, and nothing waits for longer than its own pause."""
    run = {"synchronize_session": False}
    most = case((WebhookMessage.tries == 0, literal(at, UTCDateTime())), else_=at + LONGEST_WAIT_OF_WEBHOOKS)
    session.execute(
        update(WebhookMessage).where(IS_LEFT, WebhookMessage.due_at > most).values(due_at=at), execution_options=run
    )
    for stamp, longest in (
        (WebhookEndpoint.rests_until, at + LONGEST_REST),
        (WebhookEndpoint.failing_since, at),
        (WebhookEndpoint.dead_told_at, at),
    ):
        session.execute(update(WebhookEndpoint).where(stamp > longest).values({stamp: at}), execution_options=run)


def _questions(session: Session, at: datetime) -> None:
    """Marketing is asked within BETWEEN_QUESTIONS. No day comes a second time (theme_batches)."""
    session.execute(
        update(Workspace).where(Workspace.ask_at > at + BETWEEN_QUESTIONS).values(ask_at=at),
        execution_options={"synchronize_session": False},
    )


def expire_leases(session: Session, at: datetime) -> None:
    """No courier is alive (one process, just started): what a dead one held comes due now.

    An edit that was on its way is sent again when Slack can no longer store it, lest it undo a newer one.
    """
    held = select(Lane.id).where(Lane.holder.is_not(None))
    edits = exists().where(Card.id == Delivery.card_id, or_(Card.ts.is_not(None), Card.kind == "home"))
    session.execute(
        update(Delivery)
        .where(Delivery.lane_id.in_(held), IS_WAITING, Delivery.state == "sending", edits)
        .values(state="pending", next_at=Delivery.late_until)
        .execution_options(synchronize_session=False)
    )
    session.execute(
        update(Lane).where(Lane.holder.is_not(None)).values(due_at=at).execution_options(synchronize_session=False)
    )
