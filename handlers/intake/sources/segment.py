"""Segment's webhooks: a signature of the event, and of a batch only of its first event.

Source: segmentio/action-destinations, `webhook` (HMAC-SHA1 of the serialised event, of a batch of its first). Whoever
saw one signed event could put others behind it: so a batch is believed only where it brings the secret itself, too, in
a header that the admin adds. Nothing says when a delivery was sent: an event that comes again is known by its
`messageId`.
"""

from __future__ import annotations

import json
from datetime import datetime

from domain.leads.arriving import NewLead
from domain.persons.gone import PersonGone
from handlers.intake.adapter import Adapter, Delivery, Ignored, Sender
from handlers.intake.decoding import decoded
from handlers.intake.events import example, leads_in
from handlers.intake.generic import lead_key
from handlers.intake.signatures import doubt_given, hex_hmac
from handlers.intake.sources.header import doubt_secret


def doubt_signature(delivery: Delivery, secret: str, now: datetime) -> str | None:
    """`X-Signature`: the hex HMAC-SHA1 of the body's bytes; of a list, of the bytes of its first event."""
    given = delivery.headers.get("x-signature", "")
    signed, alone = _signed(delivery.body)
    doubt = doubt_given(given, hex_hmac(secret, signed, digest="sha1"))
    return doubt if doubt is not None or alone else doubt_secret(delivery, secret, now)


def _signed(body: bytes) -> tuple[bytes, bool]:
    """The bytes that are signed, and whether nothing follows them."""
    if not body.startswith(b"["):
        return body, True
    try:
        text = body.decode()
        _, end = json.JSONDecoder().raw_decode(text, 1)
    except (ValueError, RecursionError):
        return body, True
    return text[1:end].encode(), text[end:].strip() == "]"


def read_events(delivery: Delivery, sender: Sender) -> list[NewLead | PersonGone | Ignored]:
    """The leads among the events. Raises BadBody."""
    return leads_in(decoded(delivery.body, delivery.kind), sender)


ADAPTER = Adapter(
    title="Segment",
    how="In Segment: the destination Webhooks (Actions) → Settings → Shared secret. For batches, also add the header "
    "`X-Tandem-Secret` with the secret to the mapping: Segment signs only the first event of a batch.",
    verify=doubt_signature,
    read=read_events,
    delivery_key=lead_key,
    example=example,
)
