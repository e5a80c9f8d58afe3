"""Whether a post was signed as Standard Webhooks want it, over its own bytes, at the time of our clock."""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import UTC, datetime, timedelta
from typing import Final

from standardwebhooks import Webhook

from domain.leads.arriving import NewLead
from handlers.intake.adapter import Adapter, Delivery
from handlers.intake.generic import one_lead, short

APART_AT_MOST: Final = timedelta(minutes=5)
"""Between the time in the signature and ours. Source: standardwebhooks.com, "Verifying webhook authenticity"."""


class _OverBytes(Webhook):
    """The library's secret; it would read every body as UTF-8 before it signs."""

    def sign_bytes(self, number: str, seconds: int, body: bytes) -> bytes:
        """The signature of this very body: `v1,` and base64."""
        digest = hmac.new(self._whsecret, f"{number}.{seconds}.".encode() + body, hashlib.sha256).digest()
        return b"v1," + base64.b64encode(digest)


def doubt_signature(delivery: Delivery, secret: str, at: datetime) -> str | None:
    """Why the headers prove nothing: `no_proof`, `wrong_proof` or `stale`, as storage.models.REFUSAL_REASONS has them.

    None: they hold a signature of this body with that secret, made within five minutes of `at`. The library does not
    verify here: its `verify` asks this computer's clock, which may not be ours. Raises ValueError for a secret that
    is none.
    """
    webhook = _OverBytes(secret)
    number, stamp, given = (delivery.headers.get(f"webhook-{part}", "") for part in ("id", "timestamp", "signature"))
    try:
        signed_at = datetime.fromtimestamp(float(stamp), UTC)
        expected = webhook.sign_bytes(number, int(signed_at.timestamp()), delivery.body)
    except (ValueError, OverflowError, OSError):  # OSError: a year that this computer's calendar does not know
        return "wrong_proof" if number and stamp and given else "no_proof"
    # Several signatures stand in one header, with spaces; a header that came twice has a comma and a space.
    given = "" if ", " in given else given
    matches = [hmac.compare_digest(expected, one.encode()) for one in given.split(" ")]
    if not (number and given):
        return "no_proof"
    if not any(matches):
        return "wrong_proof"
    return None if abs(at - signed_at) <= APART_AT_MOST else "stale"


def message_key(delivery: Delivery, lead: NewLead) -> str | None:
    """The signed id of the message and what the lead says: senders that name the person there repeat the id."""
    return short(f"webhook:{delivery.headers['webhook-id']}:{lead.said}")


ADAPTER = Adapter(
    title="Standard Webhooks: a signature",
    how="The system signs each request with the secret, as Standard Webhooks do: "
    "`webhook-id`, `webhook-timestamp`, `webhook-signature`.",
    verify=doubt_signature,
    read=one_lead,
    delivery_key=message_key,
)
