"""What the doctor says of outgoing webhooks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.text import shorten
from domain.webhooks.addresses import Network
from domain.webhooks.endpoints import Endpoint, load_endpoints
from handlers.setup.finding import Finding
from handlers.words import counted, span, trouble_words
from handlers.words.saying import in_plain_text
from storage.models import WebhookEndpoint

LATE: Final = timedelta(minutes=10)
"""What has been due for longer, though nothing failed, is nobody's work: no worker runs."""


def webhook_findings(
    session: Session,
    workspace_id: int,
    at: datetime,
    networks: Sequence[Network],
    unseal: Callable[[str], str] | None,
) -> Iterator[Finding]:
    """Each endpoint that fails, is paused because it failed, or has something that was given up; else one line."""
    found = load_endpoints(session, workspace_id, at=at)
    well = True
    for one in found:
        wrong, remedy = _wrong(one, at)
        if not _is_readable(session, one, unseal):
            wrong, remedy = "its secret cannot be read", "Set TANDEM_SECRET_KEY to the key that it was made with."
        if wrong:
            well = False
            yield Finding(f"webhook {shorten(one.host, 40)}", False, wrong, remedy)
    if well:
        waiting = sum(one.waiting.waiting for one in found)
        said = f"{counted(len(found), 'endpoint')}, {counted(waiting, 'event')} waiting" if found else "none"
        yield Finding("webhooks", True, said)
    if networks:
        named = ", ".join(map(str, networks))
        said = f"may go to {named} without encryption, as TANDEM_WEBHOOK_NETWORKS says"
        yield Finding("webhook networks", True, said)


def _wrong(one: Endpoint, at: datetime) -> tuple[str, str]:
    reason = trouble_words(one.last_error, in_plain_text)
    if one.paused_why in ("failing", "gone"):
        said = f"paused: {reason}; {counted(one.waiting.waiting, 'event')} waiting"
        return said, "Mend the receiver, then resume it in setup → Webhooks, or remove it there."
    if one.failing_since is not None and at - one.failing_since > LATE:
        return f"has failed for {span(at - one.failing_since)}: {reason}", "Look at the receiver’s log."
    if one.waiting.dead:
        said = f"{counted(one.waiting.dead, 'event')} could not be delivered: {reason}"
        return said, f"Mend the receiver, then run: ./tandem webhooks replay {one.id}"
    if one.state == "active" and one.failing_since is None and one.waiting.late > LATE:
        return f"nothing was sent for {span(one.waiting.late)}", "See that a worker runs: ./tandem worker"
    return "", ""


def _is_readable(session: Session, one: Endpoint, unseal: Callable[[str], str] | None) -> bool:
    sealed = session.scalar(select(WebhookEndpoint.sealed_secret).where(WebhookEndpoint.id == one.id))
    if unseal is None or sealed is None:
        return False
    try:
        unseal(sealed)
    except ValueError:
        return False
    return True
