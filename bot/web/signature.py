"""Slack's request signature: v0 = HMAC-SHA256 of `v0:timestamp:body`, at most five minutes old.

https://docs.slack.dev/authentication/verifying-requests-from-slack
"""

from __future__ import annotations

import hashlib
import hmac

WINDOW_SECONDS = 300


def signature_problem(secret: str, timestamp: str | None, signature: str | None, body: bytes, now: float) -> str | None:
    """Why the request cannot be trusted, or None when it is genuine. Takes any bytes a stranger can send."""
    if not timestamp or not signature:
        return "unsigned"
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) < 16):
        return "malformed"
    if abs(now - int(timestamp)) > WINDOW_SECONDS:
        return "stale"
    expected = "v0=" + hmac.new(secret.encode(), f"v0:{timestamp}:".encode() + body, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected.encode(), signature.encode("utf-8", "surrogateescape")):
        return "forged"
    return None
