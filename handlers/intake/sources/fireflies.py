"""Fireflies: a webhook names a meeting, and a job asks Fireflies what customers said in it.

Source: docs.fireflies.ai, "Webhooks V2" (`event`, `meeting_id`) and the older "Webhooks" (`eventType`, `meetingId`).
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from domain.voc.heard import Fetch
from handlers.intake.adapter import Adapter, Delivery, Ignored, Sender
from handlers.intake.fireflies_call import FirefliesCall
from handlers.intake.generic import object_in, short
from handlers.intake.payloads import text_of
from handlers.intake.signatures import doubt_given, hex_hmac
from handlers.intake.views import BadBody

PREFIX: Final = "sha256="
TELLING: Final = frozenset({"meeting.transcribed", "meeting.summarized", "transcription completed"})
"""Events after which there is something to read; a meeting's second one is no second call."""


def doubt_signature(delivery: Delivery, secret: str, _now: datetime) -> str | None:
    """`X-Hub-Signature: sha256=` and the hex HMAC of the body's bytes. The payload's time is not signed apart."""
    return doubt_given(delivery.headers.get("x-hub-signature", ""), PREFIX + hex_hmac(secret, delivery.body))


def read_meeting(delivery: Delivery, sender: Sender) -> list[Fetch | Ignored]:
    """The meeting to ask about. Raises BadBody."""
    document = object_in(delivery)
    event = text_of(document.get("event") or document.get("eventType"))
    meeting = text_of(document.get("meeting_id") or document.get("meetingId"))
    if not event:
        raise BadBody({"event": "is missing: the payload is of no webhook of Fireflies"})
    if event.casefold() not in TELLING:
        return [Ignored(f"{event}: there is nothing to read yet")]
    if not meeting:
        raise BadBody({"meeting_id": "is missing"})
    return [Fetch(short(f"fireflies:{meeting}"), FirefliesCall(sender.id, meeting))]


ADAPTER = Adapter(
    title="Fireflies: what customers say about price",
    how="In Fireflies, the secret goes into Developer settings → Webhooks. Then give this source, on its screen, an "
    "API key of Fireflies: the webhook only names the meeting.",
    verify=doubt_signature,
    read=read_meeting,
    delivery_key=None,
    key_of="Fireflies",
)
