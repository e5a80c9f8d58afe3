"""What is sent to an endpoint and when: in order for each subject, again after a failure, and less while all fails.

A round is a job (handlers/setup/webhook_jobs.py) that delivers to one endpoint for some seconds. There is one at a time
for each endpoint, so a slow endpoint keeps nobody else waiting. A message may be sent twice, after a crash; its id is
the same then.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar, Final, Literal

from sqlalchemy import ColumnElement, Select, and_, exists, func, literal_column, or_, select, update
from sqlalchemy.orm import Session, aliased

from domain.people import admins_of
from storage import jobs, outbox
from storage.models import IS_LEFT, Job, WebhookEndpoint, WebhookMessage, Workspace
from storage.outbox import Priority

PAUSES: Final = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
"""Between two tries of a message, as Standard Webhooks suggests; after the last one it is given up."""

AT_ONCE: Final = 4
FAILS_AFTER: Final = 5
"""So many failures in a row are the endpoint's and not a message's: one message at a time is tried then."""
FIRST_REST: Final = timedelta(seconds=30)
LONGEST_REST: Final = timedelta(minutes=10)
LONGEST_PATIENCE: Final = timedelta(hours=6)
"""How long an endpoint may ask to be left alone."""
FAILED_FOR: Final = timedelta(days=3)
TOLD_EVERY: Final = timedelta(days=1)
ADMINS_TOLD: Final = 3
TROUBLE: Final = "webhook_trouble"

Why = Literal["failing", "gone", "dead"]


@dataclass(frozen=True)
class Round:
    """The job that delivers to an endpoint."""

    kind: ClassVar[str] = "webhook_round"

    endpoint_id: int


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message to be sent now. `tries`: how often it was tried before."""

    id: int
    event_id: str
    body: str
    tries: int


@dataclass(frozen=True, slots=True)
class Batch:
    """What goes to an endpoint now. `sealed`: the secrets that sign, the newest first."""

    url: str
    sealed: tuple[str, ...]
    messages: tuple[Outgoing, ...]


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of a try. `error`: None when it was delivered. `gone`: the endpoint wants nothing any more.
    `patience`: for how long it asked to be left alone.
    """

    message: Outgoing
    error: str | None = None
    gone: bool = False
    patience: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits for endpoints, and what was given up. `late`: how long the oldest that is due waits."""

    waiting: int
    late: timedelta
    dead: int


def endpoints_due(session: Session, at: datetime) -> Sequence[int]:
    """The endpoints to which something may be sent now and nobody sends, of workspaces that are served."""
    at_work = exists().where(Job.id == WebhookEndpoint.round_id, Job.due_at.is_not(None))
    return session.scalars(
        select(WebhookEndpoint.id)
        .join(Workspace, Workspace.id == WebhookEndpoint.workspace_id)
        .where(Workspace.state == "active", *_may_send(at), _has_due(at), ~at_work)
        .order_by(WebhookEndpoint.id)
    ).all()


def call_round(session: Session, endpoint_id: int, *, at: datetime) -> bool:
    """Have a round made for the endpoint, unless one is under way, or nothing is to be sent."""
    here = select(WebhookEndpoint).where(WebhookEndpoint.id == endpoint_id, *_may_send(at), _has_due(at))
    endpoint = session.scalars(_held(here)).one_or_none()
    if endpoint is None:
        return False
    if endpoint.round_id is not None:
        under_way = select(Job.id).where(Job.id == endpoint.round_id, Job.due_at.is_not(None))
        if session.scalar(under_way) is not None:
            return False
    endpoint.round_id = jobs.enqueue(session, endpoint.workspace_id, Round(endpoint.id), at=at)
    session.flush()
    return True


def end_round(session: Session, workspace_id: int, endpoint_id: int, *, at: datetime) -> None:
    """A round has ended: what waits behind a message that is tried later waits until then, and the next round follows
    where more is due."""
    mine = (WebhookEndpoint.id == endpoint_id, WebhookEndpoint.workspace_id == workspace_id)
    if session.scalars(_held(select(WebhookEndpoint).where(*mine))).one_or_none() is None:
        return
    earlier = aliased(WebhookMessage)
    before = (
        earlier.endpoint_id == WebhookMessage.endpoint_id,
        earlier.subject == WebhookMessage.subject,
        earlier.id < WebhookMessage.id,
        earlier.due_at.is_not(None),
        earlier.due_at > at,
    )
    then = select(func.max(earlier.due_at)).where(*before).correlate(WebhookMessage).scalar_subquery()
    session.execute(
        update(WebhookMessage)
        .where(
            WebhookMessage.endpoint_id == endpoint_id,
            IS_LEFT,
            WebhookMessage.due_at <= at,
            exists().where(*before).correlate(WebhookMessage),
        )
        .values(due_at=then),
        execution_options=_PLAINLY,
    )
    call_round(session, endpoint_id, at=at)


def next_batch(session: Session, workspace_id: int, endpoint_id: int, *, at: datetime) -> Batch | None:
    """The first message of each subject that is due, a few; None when there is none, the endpoint rests, or its
    workspace left."""
    endpoint = session.scalars(
        select(WebhookEndpoint)
        .join(Workspace, Workspace.id == WebhookEndpoint.workspace_id)
        .where(
            WebhookEndpoint.id == endpoint_id,
            WebhookEndpoint.workspace_id == workspace_id,
            Workspace.state == "active",
            *_may_send(at),
        )
    ).one_or_none()
    if endpoint is None:
        return None
    earlier = aliased(WebhookMessage)
    has_earlier = exists().where(
        earlier.endpoint_id == endpoint_id,
        earlier.subject == WebhookMessage.subject,
        earlier.id < WebhookMessage.id,
        earlier.due_at.is_not(None),
    )
    rows = session.execute(
        select(WebhookMessage.id, WebhookMessage.event_id, WebhookMessage.body, WebhookMessage.tries)
        .where(WebhookMessage.endpoint_id == endpoint_id, IS_LEFT, WebhookMessage.due_at <= at, ~has_earlier)
        .order_by(WebhookMessage.due_at, WebhookMessage.id)
        .limit(1 if endpoint.failures >= FAILS_AFTER else AT_ONCE)
    ).all()
    if not rows:
        return None
    old = endpoint.sealed_old_secret
    signs_too = old is not None and endpoint.old_until is not None and endpoint.old_until > at
    sealed = (endpoint.sealed_secret, *((old,) if old is not None and signs_too else ()))
    return Batch(endpoint.url, sealed, tuple(Outgoing(*row) for row in rows))


def record_tries(session: Session, endpoint_id: int, tried: Sequence[Tried], *, at: datetime) -> None:
    """Write down what came of these tries. A try that somebody else wrote down meanwhile counts once."""
    endpoint = session.scalars(_held(select(WebhookEndpoint).where(WebhookEndpoint.id == endpoint_id))).one_or_none()
    if endpoint is None:
        return
    told: set[Why] = set()
    for one in sorted(tried, key=lambda one: one.message.id):
        message = session.scalars(
            select(WebhookMessage)
            .where(WebhookMessage.id == one.message.id, IS_LEFT, WebhookMessage.tries == one.message.tries)
            .with_for_update()
            .execution_options(populate_existing=True)
        ).one_or_none()
        if message is None:
            continue
        message.tries += 1
        message.error = one.error
        if one.error is None:
            _succeeded(session, endpoint, at)
            _end(session, message, "delivered", at)
        elif message.tries > len(PAUSES) and not one.gone:
            _failed(endpoint, one, at)
            _end(session, message, "dead", at)
            told.add("dead")
        else:
            _failed(endpoint, one, at)
            pause = max(_stretched(PAUSES[min(message.tries, len(PAUSES)) - 1], message), _patience(one))
            _put_off(session, message, at + pause)
        session.flush()
    told |= _judged(endpoint, gone=any(one.gone for one in tried), at=at)
    session.flush()
    _tell_admins(session, endpoint, told, at)


def read_waiting(session: Session, at: datetime, *of: ColumnElement[bool]) -> Waiting:
    """What waits and what is dead, of all endpoints, or of some."""
    count, oldest = session.execute(
        select(func.count(), func.min(WebhookMessage.created_at)).where(IS_LEFT, WebhookMessage.due_at <= at, *of)
    ).one()
    later = session.scalar(select(func.count()).where(IS_LEFT, WebhookMessage.due_at > at, *of)) or 0
    dead = session.scalar(select(func.count()).where(WebhookMessage.state == literal_column("'dead'"), *of)) or 0
    return Waiting(count + later, max(timedelta(), at - oldest) if oldest else timedelta(), dead)


def _may_send(at: datetime) -> tuple[ColumnElement[bool], ...]:
    rested = or_(WebhookEndpoint.rests_until.is_(None), WebhookEndpoint.rests_until <= at)
    return WebhookEndpoint.state == "active", rested


def _has_due(at: datetime) -> ColumnElement[bool]:
    return exists().where(WebhookMessage.endpoint_id == WebhookEndpoint.id, IS_LEFT, WebhookMessage.due_at <= at)


def _held(query: Select[Any]) -> Select[Any]:
    """The endpoint, held. New messages refer to it all the while, and whoever adds one is not kept waiting."""
    return query.with_for_update(key_share=True).execution_options(populate_existing=True)


def _succeeded(session: Session, endpoint: WebhookEndpoint, at: datetime) -> None:
    if endpoint.failures >= FAILS_AFTER:
        # It answers again: what waits only because it did not is sent now.
        waits = (WebhookMessage.endpoint_id == endpoint.id, IS_LEFT, WebhookMessage.due_at > at)
        session.execute(update(WebhookMessage).where(*waits).values(due_at=at), execution_options=_PLAINLY)
    endpoint.failures, endpoint.failing_since, endpoint.rests_until = 0, None, None
    endpoint.succeeded_at = at


def _failed(endpoint: WebhookEndpoint, one: Tried, at: datetime) -> None:
    endpoint.failures += 1
    endpoint.failing_since = endpoint.failing_since or at
    endpoint.last_error = one.error
    rest = _patience(one)
    if endpoint.failures >= FAILS_AFTER:
        alone = max(0, endpoint.failures - FAILS_AFTER - AT_ONCE)  # those of one batch count as one
        rest = max(rest, min(FIRST_REST * 2 ** min(alone, 10), LONGEST_REST))
    if rest:
        endpoint.rests_until = max(at + rest, endpoint.rests_until or at)


def _patience(one: Tried) -> timedelta:
    return min(one.patience or timedelta(), LONGEST_PATIENCE)


def _stretched(pause: timedelta, message: WebhookMessage) -> timedelta:
    """Up to a tenth longer, by the message: what failed together does not come back in one moment."""
    return pause * (1 + (message.id % 11) / 100)


def _end(session: Session, message: WebhookMessage, state: str, at: datetime) -> None:
    """The message is delivered or given up, and the next one of its subject may go."""
    message.state, message.due_at, message.finished_at = state, None, at
    behind = (*_behind(message), WebhookMessage.due_at > at)
    session.execute(update(WebhookMessage).where(*behind).values(due_at=at), execution_options=_PLAINLY)


def _put_off(session: Session, message: WebhookMessage, due_at: datetime) -> None:
    """The message is tried again then, and what waits behind it is not looked at before."""
    message.due_at = due_at
    behind = (*_behind(message), WebhookMessage.due_at < due_at)
    session.execute(update(WebhookMessage).where(*behind).values(due_at=due_at), execution_options=_PLAINLY)


def _behind(message: WebhookMessage) -> tuple[ColumnElement[bool], ...]:
    mine = and_(WebhookMessage.endpoint_id == message.endpoint_id, WebhookMessage.subject == message.subject)
    return mine, WebhookMessage.id > message.id, IS_LEFT


def _judged(endpoint: WebhookEndpoint, *, gone: bool, at: datetime) -> set[Why]:
    """Pause what is gone, or failed for days. Returns why, if so."""
    if endpoint.state != "active":
        return set()
    failed = endpoint.failing_since is not None and at - endpoint.failing_since >= FAILED_FOR
    why: Why | None = "gone" if gone else "failing" if failed and endpoint.failures >= FAILS_AFTER else None
    if why is None:
        return set()
    endpoint.state, endpoint.paused_why = "paused", why
    return {why}


def _tell_admins(session: Session, endpoint: WebhookEndpoint, told: set[Why], at: datetime) -> None:
    """One message for what happened: that it is paused says more than that something was given up."""
    why: Why | None = next((one for one in ("gone", "failing", "dead") if one in told), None)
    if why is None:
        return
    if why == "dead":
        if endpoint.dead_told_at is not None and at - endpoint.dead_told_at < TOLD_EVERY:
            return
        endpoint.dead_told_at = at
        session.flush()
    for admin in admins_of(session, endpoint.workspace_id)[:ADMINS_TOLD]:
        outbox.put_notice(
            session,
            endpoint.workspace_id,
            TROUBLE,
            endpoint.id,
            admin.slack_user_id,
            at=at,
            priority=Priority.REMINDER,
            once=f"{TROUBLE}:{admin.id}:{endpoint.id}:{why}:{at:%Y-%m-%dT%H:%M}",
            data={"why": why, "error": endpoint.last_error},
        )


_PLAINLY: Final = {"synchronize_session": False}
