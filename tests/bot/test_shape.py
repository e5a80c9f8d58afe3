"""What a body that is not Slack's costs to refuse."""

from __future__ import annotations

import json
import tracemalloc
from typing import Any

import pytest

from bot.web.edge import parse_slack_body
from handlers.shape import BadShape, check_shape

MANY = 100_000
FEW_MEGABYTES = 30_000_000


@pytest.mark.parametrize(
    "body",
    [
        {"type": "block_actions", "actions": [{}] * MANY},
        {"type": "event_callback", "event": {"type": "x"}, "authorizations": [1] * MANY},
        {
            "type": "view_submission",
            "view": {"type": "modal", "state": {"values": dict.fromkeys(map(str, range(MANY)))}},
        },
    ],
    ids=["actions", "authorizations", "values"],
)
def test_a_hundred_thousand_mistakes_in_one_body_are_refused_at_the_first(body: dict[str, Any]) -> None:
    raw = json.dumps(body).encode()
    tracemalloc.start()
    try:
        with pytest.raises(BadShape):
            check_shape(parse_slack_body(raw, "application/json"))
        assert tracemalloc.get_traced_memory()[1] < FEW_MEGABYTES
    finally:
        tracemalloc.stop()
