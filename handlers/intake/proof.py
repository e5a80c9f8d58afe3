"""Whether a sender proved itself: by a signature of the raw bytes, or by a secret in a header."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from handlers.intake.signatures import doubt_signature

_STRANGER: Final = "whsec_bm90IGEgc2VjcmV0IHRoYXQgYW55Ym9keSBoYXM="


@dataclass(frozen=True, slots=True)
class Sender:
    """A source as the endpoint needs it; `secret` in the clear."""

    id: int
    workspace_id: int
    name: str
    auth: str
    secret: str = field(repr=False)
    team_key: str | None
    tier: str | None
    paused: bool


def doubt(sender: Sender | None, headers: Mapping[str, str], body: bytes, at: datetime) -> str | None:
    """Why the sender is not believed at `at` (aware UTC): a reason of storage.models.REFUSAL_REASONS; None when it is.

    For an unknown sender the same work is done, so that time tells nothing.
    """
    if sender is not None and sender.auth == "header":
        given = _secret_in(headers)
        genuine = hmac.compare_digest(given.encode(), sender.secret.encode())
        return None if genuine else "wrong_proof" if given else "no_proof"
    found = doubt_signature(sender.secret if sender else _STRANGER, headers, body, at)
    return found if sender is not None else "unknown_source"


def _secret_in(headers: Mapping[str, str]) -> str:
    """The secret that came in a header: `X-Tandem-Secret`, or `Authorization` with the scheme Bearer or none.

    A scheme's case does not count, and more than one space may follow it (RFC 9110, 11.4).
    """
    if given := headers.get("x-tandem-secret", "").strip():
        return given
    given = headers.get("authorization", "").strip()
    scheme, _, rest = given.partition(" ")
    return rest.strip() if scheme.casefold() == "bearer" else given
