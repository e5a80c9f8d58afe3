"""How HubSpot signs, version 3: the method, the address, the body and the time.

Source: developers.hubspot.com, "Validating requests". The key is the app's client secret. Versions 1 and 2 have no
time, so they prove nothing here.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Final

from handlers.intake.adapter import Delivery
from handlers.intake.signatures import base64_hmac, doubt_given, doubt_time

APART_AT_MOST: Final = timedelta(minutes=5)
HEADER: Final = "x-hubspot-signature-v3"

_WRITTEN_OUT: Final = {
    "%3A": ":", "%2F": "/", "%3F": "?", "%40": "@", "%21": "!", "%24": "$", "%27": "'",
    "%28": "(", "%29": ")", "%2A": "*", "%2C": ",", "%3B": ";",
}  # fmt: skip
_CODED: Final = re.compile("|".join(_WRITTEN_OUT), re.IGNORECASE)


def doubt_v3(delivery: Delivery, secret: str, now: datetime) -> str | None:
    """`X-HubSpot-Signature-v3` over what was sent, and `X-HubSpot-Request-Timestamp`, in milliseconds, is now.

    HubSpot writes some coded characters of the address out before it signs; whether the question mark is one of them,
    its pages do not agree on. So the address as it came and both ways of writing it out will do.
    """
    stamp = delivery.headers.get("x-hubspot-request-timestamp", "")
    out = _CODED.sub(lambda found: _WRITTEN_OUT[found[0].upper()], delivery.url)
    but_one = _CODED.sub(
        lambda found: found[0] if found[0].upper() == "%3F" else _WRITTEN_OUT[found[0].upper()], delivery.url
    )
    signed = (
        base64_hmac(secret, f"{delivery.method}{url}".encode(), delivery.body, stamp.encode())
        for url in dict.fromkeys((delivery.url, out, but_one))
    )
    doubt = doubt_given(delivery.headers.get(HEADER, ""), *signed)
    return doubt or doubt_time(stamp, now, a_second=1000, apart=APART_AT_MOST)
