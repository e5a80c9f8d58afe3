"""What vendors' signatures have in common: the bytes as they came, in constant time, at the time of our clock."""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import UTC, datetime, timedelta
from typing import Final

MOST_DIGITS: Final = 13
"""Of a time in seconds or milliseconds since 1970."""


def doubt_given(given: str, *expected: str) -> str | None:
    """`no_proof` where nothing is given, `wrong_proof` for all but one of the very texts that are expected, else None.

    A signature in other letters, with spaces or cut short is a wrong one.
    """
    genuine = [hmac.compare_digest(given.encode(errors="replace"), one.encode()) for one in expected]
    return None if given and any(genuine) else "wrong_proof" if given else "no_proof"


def doubt_time(stamp: str, at: datetime, *, a_second: int, apart: timedelta) -> str | None:
    """`wrong_proof` where the stamp is no time, `stale` where it is more than `apart` from `at`, before or after.

    `a_second`: how much of the stamp is one: 1, or 1,000 where the vendor writes milliseconds.
    """
    if not (stamp.isascii() and stamp.isdecimal() and len(stamp) <= MOST_DIGITS):
        return "wrong_proof"
    seconds = timedelta(seconds=int(stamp) / a_second)
    return None if abs(at - datetime(1970, 1, 1, tzinfo=UTC) - seconds) <= apart else "stale"


def hex_hmac(secret: str, *signed: bytes, digest: str = "sha256") -> str:
    """The HMAC in small hex digits."""
    return hmac.new(secret.encode(), b"".join(signed), digest).hexdigest()


def base64_hmac(secret: str, *signed: bytes) -> str:
    """The HMAC with SHA-256 in base64."""
    return base64.b64encode(hmac.new(secret.encode(), b"".join(signed), hashlib.sha256).digest()).decode("ascii")
