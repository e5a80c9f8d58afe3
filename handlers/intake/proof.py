"""Whether a sender proved itself, as its kind of source does; a stranger costs the same time."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from handlers.intake.adapter import Adapter, Delivery, Sender
from handlers.intake.sources.standard_webhooks import doubt_signature

_STRANGER: Final = "whsec_bm90IGEgc2VjcmV0IHRoYXQgYW55Ym9keSBoYXM="


def doubt(sender: Sender | None, adapter: Adapter | None, delivery: Delivery, at: datetime) -> str | None:
    """Why the sender is not believed at `at` (aware UTC): a reason of storage.models.REFUSAL_REASONS; None when it is.

    The secret before the last change is believed for as long as it is kept. For an unknown sender the work of a
    signature is done, so that time tells nothing.
    """
    if sender is None or adapter is None:
        doubt_signature(delivery, _STRANGER, at)
        return "unknown_source"
    reason = adapter.verify(delivery, sender.secret, at)
    if reason == "wrong_proof" and sender.old_secret is not None:
        # What is stale or proves nothing is so with either secret.
        return adapter.verify(delivery, sender.old_secret, at)
    return reason
