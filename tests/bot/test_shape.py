"""What has not Slack's shape ends at the edge, and what no database takes is taken out of texts there."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.shape import DEEPEST, BadShape, check_depth, check_shape, may_be_deep, may_hold_unstorable, storable

CLICK: dict[str, Any] = {
    "type": "block_actions",
    "team": {"id": "T1"},
    "user": {"id": "U1"},
    "trigger_id": "1.2.a",
    "actions": [{"action_id": "lead.claim", "block_id": "lead:1", "value": "1"}],
}

ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(codec=None)),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(st.characters(codec=None)), inner, max_size=4),
    max_leaves=20,
)


def test_a_click_as_slack_sends_it_is_taken() -> None:
    check_shape(CLICK)


@pytest.mark.parametrize(
    "spoilt",
    [
        {"type": None},
        {"type": "unheard_of"},
        {"team": "T1"},
        {"user": []},
        {"actions": []},
        {"actions": {}},
        {"actions": [{"action_id": ["lead.claim"]}]},
        {"actions": [{"action_id": "lead.claim", "selected_option": "1"}]},
        {"actions": None},
        {"view": []},
        {"view": {"state": {"values": {"text": {"value": "x"}}}}},
        {"trigger_id": "1" * 256},
        {"authorizations": {}},
        {"response_urls": "x"},
    ],
)
def test_what_has_another_shape_is_refused(spoilt: dict[str, Any]) -> None:
    with pytest.raises(BadShape):
        check_shape(CLICK | spoilt)


def test_a_refusal_does_not_repeat_what_stood_there() -> None:
    with pytest.raises(BadShape) as refused:
        check_shape(CLICK | {"user": "a customer's words"})
    assert "words" not in str(refused.value)


@pytest.mark.parametrize("kind", ["view_submission", "view_closed", "block_suggestion", "shortcut", "event_callback"])
def test_a_kind_without_what_it_is_about_is_refused(kind: str) -> None:
    with pytest.raises(BadShape):
        check_shape({"type": kind, "team": {"id": "T1"}, "user": {"id": "U1"}})


@pytest.mark.parametrize("bracket", ["[%s]", '{"a":%s}'])
def test_depth_is_limited_and_counted_right(bracket: str) -> None:
    def nested(levels: int) -> str:
        text = "1"
        for _ in range(levels):
            text = bracket % text
        return text

    check_depth(json.loads(nested(DEEPEST)))
    assert not may_be_deep(nested(DEEPEST))
    assert may_be_deep(nested(DEEPEST + 1))
    with pytest.raises(BadShape):
        check_depth(json.loads(nested(DEEPEST + 2)))


@given(ANY_JSON)
def test_what_is_storable_can_be_stored(value: Any) -> None:
    text = json.dumps(storable(value), ensure_ascii=False)
    text.encode()
    assert "\\u0000" not in text


@given(ANY_JSON)
def test_nothing_unstorable_is_overlooked(value: Any) -> None:
    if storable(value) != value:
        assert may_hold_unstorable(json.dumps(value))


@given(ANY_JSON)
def test_no_document_breaks_the_check(value: Any) -> None:
    if isinstance(value, dict):
        try:
            check_shape(value)
        except BadShape:
            return
        assert value.get("type") or value.get("command")
