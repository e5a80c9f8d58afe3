"""The systems that changes are sent to: added, changed, paused and removed by admins. Secrets are told once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from sqlalchemy import Select, delete, func, select
from sqlalchemy.orm import Session

from domain.errors import Changed, FieldProblems, NotFound, TandemError
from domain.people import Actor, audit
from domain.sources import new_secret
from domain.versions import version_of
from domain.webhooks.addresses import Network, WebhookWrong, check_url, host_of
from domain.webhooks.events import TEST_EVENT, unknown_events
from domain.webhooks.rounds import Waiting, read_waiting
from domain.webhooks.telling import keep_messages
from storage.models import WebhookEndpoint, WebhookMessage, Workspace

MOST_ENDPOINTS: Final = 10
OLD_SECRET_SIGNS: Final = timedelta(days=1)
REMOVED_AT_ONCE: Final = 1_000

State = Literal["active", "paused", "removed"]
PausedWhy = Literal["admin", "failing", "gone"]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An endpoint as admins see it. `failing_since`: of the failures that no success came after.

    `waiting`: what has not been delivered yet; `dead`: what was given up. `old_signs_until`: so long the secret before
    the present one signs, too.
    """

    id: int
    url: str
    events: tuple[str, ...]
    state: str
    paused_why: str | None
    waiting: Waiting
    succeeded_at: datetime | None
    failing_since: datetime | None
    last_error: str | None
    old_signs_until: datetime | None
    created_at: datetime

    @property
    def host(self) -> str:
        """What it is called in lists."""
        return host_of(self.url)

    @property
    def version(self) -> str:
        """Of what a form changes."""
        return _version(self.url, self.events)


def load_endpoints(session: Session, workspace_id: int, *, at: datetime) -> tuple[Endpoint, ...]:
    """The workspace's endpoints, the oldest first."""
    return tuple(_seen(session, one, at) for one in session.scalars(_of(workspace_id)))


def load_endpoint(session: Session, workspace_id: int, endpoint_id: int, *, at: datetime) -> Endpoint:
    """One of them. Raises NotFound."""
    one = session.scalars(_of(workspace_id).where(WebhookEndpoint.id == endpoint_id)).one_or_none()
    if one is None:
        raise NotFound("endpoint")
    return _seen(session, one, at)


def add_endpoint(
    session: Session,
    workspace_id: int,
    url: str,
    events: Sequence[str],
    *,
    seal: Callable[[str], str] | None,
    networks: Sequence[Network] = (),
    by: Actor | None = None,
    at: datetime,
) -> tuple[Endpoint, str]:
    """Send these events of the workspace to `url`, from now on. Returns its secret, too, which is readable only now.

    `events`: types, or the beginnings of types. `networks`: of the operator, to which webhooks may go. `seal`: None
    where there is no key. Raises FieldProblems (`url`; `groups`: there are no events; `types`: there are no such).
    """
    # Held: of two that are added at once, the second counts the first.
    session.get_one(Workspace, workspace_id, with_for_update={"key_share": True}, populate_existing=True)
    known = session.scalars(_of(workspace_id)).all()
    problems = _problems(url, events, networks, [one.url for one in known])
    if "url" not in problems and len(known) >= MOST_ENDPOINTS:
        problems["url"] = WebhookWrong("too_many", (str(MOST_ENDPOINTS),))
    if seal is None:
        problems.setdefault("url", WebhookWrong("no_secret_key"))
    if problems or seal is None:
        raise FieldProblems(problems)
    secret = new_secret()
    endpoint = WebhookEndpoint(
        workspace_id=workspace_id,
        url=url.strip(),
        events=list(dict.fromkeys(events)),
        sealed_secret=seal(secret),
        created_at=at,
    )
    session.add(endpoint)
    session.flush()
    _audit(session, endpoint, "webhook.add", by, at)
    return _seen(session, endpoint, at), secret


def change_endpoint(
    session: Session,
    workspace_id: int,
    endpoint_id: int,
    url: str,
    events: Sequence[str],
    *,
    version: str | None = None,
    networks: Sequence[Network] = (),
    by: Actor | None = None,
    at: datetime,
) -> Endpoint:
    """Send to another address, or other events, from now on; what waits goes to the new address.

    `version`: of what the form was opened with; None: whatever it is. Raises Changed when it is another, NotFound, and
    FieldProblems as add_endpoint.
    """
    endpoint = hold_endpoint(session, workspace_id, endpoint_id)
    now = _version(endpoint.url, endpoint.events)
    if version is not None and version != now:
        raise Changed("endpoint", None, version=now, changes=(endpoint.url,))
    others = [one.url for one in session.scalars(_of(workspace_id)) if one.id != endpoint_id]
    problems = _problems(url, events, networks, others)
    if problems:
        raise FieldProblems(problems)
    moved = endpoint.url != url.strip()
    endpoint.url, endpoint.events = url.strip(), list(dict.fromkeys(events))
    if moved:
        _forget_failures(endpoint)
    session.flush()
    _audit(session, endpoint, "webhook.change", by, at)
    return _seen(session, endpoint, at)


def rotate_secret(
    session: Session,
    workspace_id: int,
    endpoint_id: int,
    *,
    seal: Callable[[str], str] | None,
    by: Actor | None = None,
    at: datetime,
) -> tuple[Endpoint, str]:
    """Sign with a new secret, and for a day with the old one, too. Returns the new one.

    Raises NotFound, and WebhookWrong where there is no key to seal with.
    """
    endpoint = hold_endpoint(session, workspace_id, endpoint_id)
    if seal is None:
        raise WebhookWrong("no_secret_key")
    secret = new_secret()
    endpoint.sealed_old_secret, endpoint.old_until = endpoint.sealed_secret, at + OLD_SECRET_SIGNS
    endpoint.sealed_secret = seal(secret)
    session.flush()
    _audit(session, endpoint, "webhook.rotate", by, at)
    return _seen(session, endpoint, at), secret


def pause_endpoint(
    session: Session, workspace_id: int, endpoint_id: int, *, paused: bool, by: Actor | None = None, at: datetime
) -> Endpoint:
    """Send nothing for a while, or send again, what was kept meanwhile first. Raises NotFound."""
    endpoint = hold_endpoint(session, workspace_id, endpoint_id)
    if paused != (endpoint.state == "paused"):
        endpoint.state, endpoint.paused_why = ("paused", "admin") if paused else ("active", None)
        if not paused:
            _forget_failures(endpoint)
        session.flush()
        _audit(session, endpoint, "webhook.pause" if paused else "webhook.resume", by, at)
    return _seen(session, endpoint, at)


def remove_endpoint(
    session: Session, workspace_id: int, endpoint_id: int, *, by: Actor | None = None, at: datetime
) -> Endpoint:
    """Send nothing there any more, and forget what waits. Raises NotFound."""
    endpoint = hold_endpoint(session, workspace_id, endpoint_id)
    seen = _seen(session, endpoint, at)
    endpoint.state, endpoint.paused_why = "removed", None
    endpoint.sealed_secret, endpoint.sealed_old_secret = "", None
    session.flush()
    _audit(session, endpoint, "webhook.remove", by, at)
    forget_removed(session, limit=REMOVED_AT_ONCE)
    return seen


def send_test(
    session: Session, workspace_id: int, endpoint_id: int, *, by: Actor | None = None, at: datetime
) -> Endpoint:
    """Send an event that says nothing but that it is a test. Raises NotFound; WebhookWrong where it is paused."""
    endpoint = hold_endpoint(session, workspace_id, endpoint_id)
    if endpoint.state != "active":
        raise WebhookWrong("paused")
    endpoint.rests_until = None
    workspace = session.get_one(Workspace, workspace_id)
    data = {"workspace": workspace.slack_team_id, "asked_by": by.user_id if by is not None else None}
    subject = f"test:{at.timestamp()}"  # of its own: it waits for nothing
    keep_messages(session, workspace_id, [endpoint_id], TEST_EVENT, subject, data, at=at)
    session.flush()
    return _seen(session, endpoint, at)


def forget_removed(session: Session, *, limit: int) -> int:
    """Delete up to `limit` messages of removed endpoints, and those endpoints that have none left. Returns how many."""
    removed = select(WebhookEndpoint.id).where(WebhookEndpoint.state == "removed")
    some = select(WebhookMessage.id).where(WebhookMessage.endpoint_id.in_(removed)).limit(limit)
    gone = session.execute(delete(WebhookMessage).where(WebhookMessage.id.in_(some)).returning(WebhookMessage.id))
    count = len(gone.all())
    if count < limit:
        left = select(WebhookMessage.id).where(WebhookMessage.endpoint_id == WebhookEndpoint.id).exists()
        session.execute(
            delete(WebhookEndpoint).where(WebhookEndpoint.state == "removed", ~left),
            execution_options={"synchronize_session": False},
        )
    return count


def forget_messages_before(session: Session, delivered: datetime, others: datetime, *, limit: int) -> int:
    """Delete up to `limit` messages of before `delivered`, those that were not delivered of before `others` (the
    earlier). Returns how many."""
    old = (
        select(WebhookMessage.id)
        .where(
            WebhookMessage.created_at < delivered,
            (WebhookMessage.state == "delivered") | (WebhookMessage.created_at < others),
        )
        .limit(limit)
    )
    gone = session.execute(delete(WebhookMessage).where(WebhookMessage.id.in_(old)).returning(WebhookMessage.id))
    return len(gone.all())


def count_failed(session: Session) -> int:
    """How many endpoints of all workspaces are paused because they failed."""
    failed = (WebhookEndpoint.state == "paused", WebhookEndpoint.paused_why != "admin")
    return session.scalar(select(func.count()).select_from(WebhookEndpoint).where(*failed)) or 0


def named_endpoints(session: Session, workspace_id: int) -> tuple[tuple[str, bool], ...]:
    """The hosts of a workspace's endpoints, each with whether it is paused; nothing is counted."""
    return tuple((host_of(one.url), one.state == "paused") for one in session.scalars(_of(workspace_id)))


def _version(url: str, events: Sequence[str]) -> str:
    return version_of((url, tuple(events)))


def _of(workspace_id: int) -> Select[WebhookEndpoint]:
    return (
        select(WebhookEndpoint)
        .where(WebhookEndpoint.workspace_id == workspace_id, WebhookEndpoint.state != "removed")
        .order_by(WebhookEndpoint.id)
    )


def hold_endpoint(session: Session, workspace_id: int, endpoint_id: int) -> WebhookEndpoint:
    """The workspace's endpoint, held as rounds hold it (domain/webhooks/rounds.py). Raises NotFound."""
    found = session.scalars(
        _of(workspace_id)
        .where(WebhookEndpoint.id == endpoint_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if found is None:
        raise NotFound("endpoint")
    return found


def _problems(
    url: str, events: Sequence[str], networks: Sequence[Network], taken: Sequence[str]
) -> dict[str, TandemError]:
    problems: dict[str, TandemError] = {}
    try:
        if check_url(url, networks) in taken:
            problems["url"] = WebhookWrong("taken")
    except FieldProblems as found:
        problems |= found.problems
    if not events:
        problems["groups"] = WebhookWrong("no_events")
    elif unknown := unknown_events(events):
        problems["types"] = WebhookWrong("unknown_events", tuple(unknown))
    return problems


def _forget_failures(endpoint: WebhookEndpoint) -> None:
    endpoint.failures, endpoint.failing_since, endpoint.rests_until = 0, None, None


def _seen(session: Session, endpoint: WebhookEndpoint, at: datetime) -> Endpoint:
    old_signs = endpoint.sealed_old_secret is not None and endpoint.old_until is not None and endpoint.old_until > at
    return Endpoint(
        id=endpoint.id,
        url=endpoint.url,
        events=tuple(map(str, endpoint.events)),
        state=endpoint.state,
        paused_why=endpoint.paused_why,
        waiting=read_waiting(session, at, WebhookMessage.endpoint_id == endpoint.id),
        succeeded_at=endpoint.succeeded_at,
        failing_since=endpoint.failing_since,
        last_error=endpoint.last_error,
        old_signs_until=endpoint.old_until if old_signs else None,
        created_at=endpoint.created_at,
    )


def _audit(session: Session, endpoint: WebhookEndpoint, action: str, by: Actor | None, at: datetime) -> None:
    data = {"host": host_of(endpoint.url)}
    audit(session, endpoint.workspace_id, action, "webhook", endpoint.id, by=by, at=at, data=data)
    session.flush()
