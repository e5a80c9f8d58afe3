"""RudderStack's webhooks: the secret in a header, events as Segment writes them.

Source: rudderstack.com/docs/destinations/streaming-destinations/webhooks. Nothing is signed, and nothing says when a
delivery was sent: an event that comes again is known by its `messageId`.
"""

from __future__ import annotations

from domain.leads.arriving import NewLead
from domain.persons.gone import PersonGone
from handlers.intake.adapter import Adapter, Delivery, Ignored, Sender
from handlers.intake.decoding import decoded
from handlers.intake.events import example, leads_in
from handlers.intake.generic import lead_key
from handlers.intake.sources.header import doubt_secret


def read_events(delivery: Delivery, sender: Sender) -> list[NewLead | PersonGone | Ignored]:
    """The leads among the events. Raises BadBody."""
    return leads_in(decoded(delivery.body, delivery.kind), sender)


ADAPTER = Adapter(
    title="RudderStack",
    how="In RudderStack: the destination Webhook, method POST, with the header `X-Tandem-Secret` and the secret.",
    verify=doubt_secret,
    read=read_events,
    delivery_key=lead_key,
    example=example,
)
