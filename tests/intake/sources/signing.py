"""How each vendor signs, written down apart from the adapters: the headers that prove a body at a time."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable
from typing import Any

ADDRESS = "https://tandem.example/intake/vendor"
"""Where the fixtures' deliveries are posted to, as the internet knows it."""


def headers_for(kind: str, sent: dict[str, Any], body: bytes, stamp: str) -> dict[str, str]:
    """The fixture's headers, with a genuine signature of this body at this time.

    What proves itself by a secret, in a header, the address or the body, keeps its headers.
    """
    proof = str(sent.get("proof", ""))
    if proof not in _SIGN:
        return dict(sent["headers"])
    return {**sent["headers"], **_SIGN[proof](str(sent["secret"]), body, stamp, sent)}


def _hmac(secret: str | bytes, data: bytes, digest: str = "sha256") -> Any:
    return hmac.new(secret if isinstance(secret, bytes) else secret.encode(), data, digest)


def _base64(digest: bytes) -> str:
    return base64.b64encode(digest).decode()


def _standard(secret: str, body: bytes, stamp: str, _sent: dict[str, Any]) -> dict[str, str]:
    key = base64.b64decode(secret.removeprefix("whsec_"))
    digest = _hmac(key, f"msg_1.{stamp}.".encode() + body).digest()
    return {"webhook-id": "msg_1", "webhook-timestamp": stamp, "webhook-signature": f"v1,{_base64(digest)}"}


def _typeform(secret: str, body: bytes, _stamp: str, _sent: dict[str, Any]) -> dict[str, str]:
    return {"typeform-signature": f"sha256={_base64(_hmac(secret, body).digest())}"}


def _webflow(secret: str, body: bytes, stamp: str, _sent: dict[str, Any]) -> dict[str, str]:
    digest = _hmac(secret, f"{stamp}:".encode() + body).hexdigest()
    return {"x-webflow-timestamp": stamp, "x-webflow-signature": digest}


def _calendly(secret: str, body: bytes, stamp: str, _sent: dict[str, Any]) -> dict[str, str]:
    digest = _hmac(secret, f"{stamp}.".encode() + body).hexdigest()
    return {"calendly-webhook-signature": f"t={stamp},v1={digest}"}


def _segment(secret: str, body: bytes, _stamp: str, _sent: dict[str, Any]) -> dict[str, str]:
    return {"x-signature": _hmac(secret, body, "sha1").hexdigest()}


def _fireflies(secret: str, body: bytes, _stamp: str, _sent: dict[str, Any]) -> dict[str, str]:
    return {"x-hub-signature": f"sha256={_hmac(secret, body).hexdigest()}"}


def _meta(secret: str, body: bytes, _stamp: str, _sent: dict[str, Any]) -> dict[str, str]:
    return {"x-hub-signature-256": f"sha256={_hmac(secret, body).hexdigest()}"}


def _linkedin(secret: str, body: bytes, _stamp: str, _sent: dict[str, Any]) -> dict[str, str]:
    return {"x-li-signature": _hmac(secret, b"hmacsha256=" + body).hexdigest()}


def _hubspot(secret: str, body: bytes, stamp: str, sent: dict[str, Any]) -> dict[str, str]:
    url = str(sent.get("address", ADDRESS)) + str(sent.get("query", ""))
    digest = hmac.new(secret.encode(), b"POST" + url.encode() + body + stamp.encode(), hashlib.sha256).digest()
    return {"x-hubspot-signature-v3": _base64(digest), "x-hubspot-request-timestamp": stamp}


_SIGN: dict[str, Callable[[str, bytes, str, dict[str, Any]], dict[str, str]]] = {
    "webhook-signature": _standard,
    "typeform-signature": _typeform,
    "x-webflow-signature": _webflow,
    "calendly-webhook-signature": _calendly,
    "x-signature": _segment,
    "x-hub-signature": _fireflies,
    "x-hub-signature-256": _meta,
    "x-li-signature": _linkedin,
    "x-hubspot-signature-v3": _hubspot,
}
