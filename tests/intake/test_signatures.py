"""A signature is held to the program's clock: this computer's may be wrong, and PostgreSQL's decides."""

from datetime import UTC, datetime, timedelta

import pytest
from standardwebhooks import Webhook

from domain.sources import new_secret
from handlers.intake.adapter import Delivery
from handlers.intake.sources.standard_webhooks import doubt_signature

NOON = datetime(2031, 5, 6, 12, 0, tzinfo=UTC)
BODY = b'{"name": "Lee Wong"}'


def headers(secret: str, at: datetime) -> dict[str, str]:
    return {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": "v1,b2xk " + Webhook(secret).sign("msg_1", at, BODY.decode()),
    }


@pytest.mark.parametrize(
    ("apart", "good"),
    [(timedelta(), True), (timedelta(minutes=5), True), (timedelta(minutes=5, seconds=1), False)],
)
def test_five_minutes_around_the_time_it_is_given_are_fine(apart: timedelta, good: bool) -> None:
    secret = new_secret()
    assert doubt_signature(Delivery(BODY, headers(secret, NOON)), secret, NOON + apart) == (None if good else "stale")
    assert doubt_signature(Delivery(BODY, headers(secret, NOON)), secret, NOON - apart) == (None if good else "stale")
