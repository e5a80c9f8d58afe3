"""Whether a post was signed as Standard Webhooks want it, at the time of our clock."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from standardwebhooks import Webhook

APART_AT_MOST: Final = timedelta(minutes=5)
"""Between the time in the signature and ours. Source: standardwebhooks.com, "Verifying webhook authenticity"."""


def is_signed(secret: str, headers: Mapping[str, str], body: bytes, at: datetime) -> bool:
    """Whether the headers hold a signature of this body with that secret, made within five minutes of `at`.

    The library signs here and does not verify: its `verify` asks this computer's clock, which may not be ours.
    Raises ValueError for a secret that is none.
    """
    webhook = Webhook(secret)
    number, stamp, given = (headers.get(f"webhook-{part}", "") for part in ("id", "timestamp", "signature"))
    try:
        signed_at = datetime.fromtimestamp(float(stamp), UTC)
        expected = webhook.sign(number, signed_at, body.decode()).encode()
    except (ValueError, OverflowError, OSError):  # OSError: a year that this computer's calendar does not know
        return False
    matches = [hmac.compare_digest(expected, one.encode()) for one in given.split(" ")]
    return number != "" and any(matches) and abs(at - signed_at) <= APART_AT_MOST
