"""What admins read when an endpoint is paused because it fails, or when something could not be delivered."""

from __future__ import annotations

from sqlalchemy.orm import Session

from domain.errors import NotFound
from domain.webhooks.endpoints import Endpoint, load_endpoint
from domain.webhooks.rounds import TROUBLE
from handlers.blocks import actions, button, escape, section
from handlers.messages import Messages, Rendering, Subject
from handlers.words import counted, trouble_words

messages = Messages()


@messages.kind(TROUBLE)
def webhook_trouble(session: Session, subject: Subject) -> Rendering | None:
    """What happened and what to do; nothing once it was seen to."""
    try:
        endpoint = load_endpoint(session, subject.workspace_id, subject.id, at=subject.at)
    except NotFound:
        return None
    why, reason = subject.data.get("why"), trouble_words(str(subject.data.get("error") or ""))
    text = _told(endpoint, str(why), reason)
    if text is None:
        return None
    buttons = [button("Open the endpoint", "setup.open:webhook", f"webhook:{endpoint.id}")]
    if endpoint.waiting.dead and endpoint.state == "active":
        buttons.insert(0, button("Send again", "setup.replay_webhook", str(endpoint.id)))
    return Rendering(text, [section(f":warning: {text}"), actions(*buttons, block_id="webhook_trouble")])


def _told(endpoint: Endpoint, why: str, reason: str) -> str | None:
    host = escape(endpoint.host)
    if why == "dead":
        if not endpoint.waiting.dead:
            return None
        events = counted(endpoint.waiting.dead, "event")
        return (
            f"{events} for the webhook at {host} could not be delivered: {reason}. Mend the receiver, then send again."
        )
    if endpoint.paused_why != why:
        return None
    kept = "What happens meanwhile is kept for 30 days and sent when you resume it."
    if why == "gone":
        return f"The webhook at {host} says that it is gone for good (410), so Tandem paused it. {kept}"
    return f"The webhook at {host} has failed for days ({reason}), so Tandem paused it. {kept}"
