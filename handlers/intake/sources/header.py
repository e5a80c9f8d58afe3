"""The secret in a header, from whatever can set one: Zapier, Make, a form's own script."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from handlers.intake.adapter import Adapter, Delivery
from handlers.intake.generic import lead_key, one_lead
from handlers.intake.signatures import doubt_given


def doubt_secret(delivery: Delivery, secret: str, _now: datetime) -> str | None:
    """`no_proof` or `wrong_proof`, None when the secret is the source's own."""
    return doubt_given(_secret_in(delivery.headers), secret)


def _secret_in(headers: Mapping[str, str]) -> str:
    """The secret that came in a header: `X-Tandem-Secret`, or `Authorization` with the scheme Bearer or none.

    A scheme's case does not count, and more than one space may follow it (RFC 9110, 11.4).
    """
    if given := headers.get("x-tandem-secret", "").strip():
        return given
    given = headers.get("authorization", "").strip()
    scheme, _, rest = given.partition(" ")
    return rest.strip() if scheme.casefold() == "bearer" else given


ADAPTER = Adapter(
    title="Zapier, Make, a Flow or any form: a secret in a header",
    how="The secret goes into the header `X-Tandem-Secret` of each request. In a Salesforce Flow, a Named Credential "
    "has the header.",
    verify=doubt_secret,
    read=one_lead,
    delivery_key=lead_key,
)
