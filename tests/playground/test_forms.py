"""What Slack's own client refuses before a submission reaches the app."""

from typing import Any

import pytest

from playground.blocks import complete
from playground.forms import REQUIRED, refused_inputs
from playground.records import View
from playground.views import initial_values
from tests.playground.tiny_app import plain

Json = dict[str, Any]


def view_with(element: Json, value: str | None, **block: Any) -> View:
    blocks = complete([{"type": "input", "block_id": "b", "label": plain("L"), "element": element, **block}])
    body: Json = {"type": "modal", "title": plain("T"), "submit": plain("S"), "blocks": blocks}
    view = View(id="V1", owner="U1", body=body, hash="1", root_view_id="V1", values=initial_values(body, kept={}))
    if value is not None:
        view.values["b"][element["action_id"]]["value"] = value
    return view


WHOLE = {"type": "number_input", "action_id": "a", "is_decimal_allowed": False, "min_value": "1", "max_value": "9"}
TEXT = {"type": "plain_text_input", "action_id": "a", "min_length": 2, "max_length": 4}
EMAIL = {"type": "email_text_input", "action_id": "a"}
URL = {"type": "url_text_input", "action_id": "a"}


@pytest.mark.parametrize(
    ("element", "value", "sentence"),
    [
        (TEXT, None, REQUIRED),
        (TEXT, "   ", REQUIRED),
        (TEXT, "x", "This entry must be at least 2 characters."),
        (TEXT, "xxxxx", "This entry must be no more than 4 characters."),
        (WHOLE, "many", "Please enter a number."),
        (WHOLE, "1.5", "Please enter a whole number."),
        (WHOLE, "0", "Please enter a number of at least 1."),
        (WHOLE, "10", "Please enter a number of at most 9."),
        (EMAIL, "ana", "Please enter a valid email address."),
        (URL, "x.example", "Please enter a valid URL."),
    ],
)
def test_this_input_is_refused(element: Json, value: str | None, sentence: str) -> None:
    assert refused_inputs(view_with(element, value)) == {"b": sentence}


@pytest.mark.parametrize(
    ("element", "value"), [(TEXT, "xx"), (WHOLE, "9"), (EMAIL, "ana@x.example"), (URL, "https://x.example")]
)
def test_this_input_is_taken(element: Json, value: str) -> None:
    assert refused_inputs(view_with(element, value)) == {}


def test_an_optional_input_may_be_empty() -> None:
    assert refused_inputs(view_with(TEXT, None, optional=True)) == {}


def test_an_input_inside_a_container_counts_too() -> None:
    child = {"type": "input", "block_id": "b", "label": plain("L"), "element": TEXT}
    blocks = complete([{"type": "container", "title": plain("C"), "child_blocks": [child]}])
    body: Json = {"type": "modal", "title": plain("T"), "submit": plain("S"), "blocks": blocks}
    view = View(id="V1", owner="U1", body=body, hash="1", root_view_id="V1", values=initial_values(body, kept={}))
    assert refused_inputs(view) == {"b": REQUIRED}
