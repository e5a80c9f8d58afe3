"""The token in a post's metadata, by which we know our own message again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

METADATA_EVENT: Final = "tandem_delivery"


def metadata(token: str) -> dict[str, Any]:
    """Message metadata that names our delivery: every app of the workspace can read it, so only an opaque id."""
    return {"event_type": METADATA_EVENT, "event_payload": {"id": token}}


def posted_token(found: object) -> str | None:
    """The token in a message's metadata, as Slack gives it; None when it is not ours, or tells no payload."""
    if not isinstance(found, Mapping) or found.get("event_type") != METADATA_EVENT:
        return None
    payload = found.get("event_payload")
    token = payload.get("id") if isinstance(payload, Mapping) else None
    return token if isinstance(token, str) else None
