"""What Slack takes in modals and Homes, and what it refuses there."""

from typing import Any

import pytest

from playground.blocks import problems_in_view
from playground.shapes import Problem
from tests.playground.test_blocks import CHECKBOXES, TYPED, labelled, mrkdwn, rich, table
from tests.playground.tiny_app import button, option, plain, section

Json = dict[str, Any]


def modal(*blocks: Json, **more: Any) -> Json:
    return {"type": "modal", "title": plain("T"), "submit": plain("S"), "blocks": list(blocks), **more}


TAKEN_IN_MODALS: dict[str, Json] = {
    "text input": labelled(TYPED | {"multiline": True, "min_length": 0, "max_length": 3000}),
    "number": labelled({"type": "number_input", "is_decimal_allowed": True, "min_value": "-1.5"}),
    "email": labelled({"type": "email_text_input", "action_id": "e"}),
    "url": labelled({"type": "url_text_input", "action_id": "u"}),
    "rich text input": labelled({"type": "rich_text_input", "initial_value": rich({"type": "text", "text": "x"})}),
    "files": labelled({"type": "file_input", "max_files": 10, "filetypes": ["csv"]}),
    "several people": labelled({"type": "multi_users_select", "max_selected_items": 3}),
    "several options": labelled(
        {"type": "multi_static_select", "options": [option("a")], "initial_options": [option("a")]}
    ),
    "checkboxes": labelled(CHECKBOXES),
    "alert": {"type": "alert", "text": mrkdwn("x"), "level": "warning"},
}


@pytest.mark.parametrize("block", TAKEN_IN_MODALS.values(), ids=TAKEN_IN_MODALS.keys())
def test_slack_takes_this_block_in_a_modal(block: Json) -> None:
    assert problems_in_view(modal(block)) == []


REFUSED_VIEWS: dict[str, tuple[Json, str, str]] = {
    "long title": (modal(section("x"), title=plain("x" * 25)), "/view/title/text", "must be less than 25 characters"),
    "long submit": (
        modal(section("x"), submit=plain("x" * 25)),
        "/view/submit/text",
        "must be less than 25 characters",
    ),
    "long close": (modal(section("x"), close=plain("x" * 25)), "/view/close/text", "must be less than 25 characters"),
    "no blocks": (modal(), "/view/blocks", "no less than 1 items allowed"),
    "101 blocks": (modal(*[section("x")] * 101), "/view/blocks", "no more than 100 items allowed"),
    "long private metadata": (
        modal(section("x"), private_metadata="x" * 3001),
        "/view/private_metadata",
        "must be less than 3001 characters",
    ),
    "no title": ({"type": "modal", "blocks": [section("x")]}, "/view", "missing required field: title"),
    "input without submit": (
        {"type": "modal", "title": plain("T"), "blocks": [labelled(TYPED)]},
        "/view",
        "missing required field: submit",
    ),
    "home with a title": (
        {"type": "home", "title": plain("T"), "blocks": [section("x")]},
        "/view",
        "invalid additional property: title",
    ),
    "table in a modal": (modal(table(1)), "/view/blocks/0/type", "unsupported type: table"),
    "markdown in a modal": (
        modal({"type": "markdown", "text": "x"}),
        "/view/blocks/0/type",
        "unsupported type: markdown",
    ),
    "button in an input": (
        modal(labelled(button("B", "b"))),
        "/view/blocks/0/element/type",
        "unsupported type: button",
    ),
    "bounds out of order": (
        modal(labelled(TYPED | {"min_length": 5, "max_length": 2})),
        "/view/blocks/0/element",
        "min_length must not be greater than max_length",
    ),
    "two focused": (
        modal(labelled(TYPED | {"focus_on_load": True}), labelled(TYPED | {"focus_on_load": True})),
        "/view/blocks",
        "only one element may set focus_on_load",
    ),
    "no type": ({"blocks": []}, "/view", "missing required field: type"),
}


@pytest.mark.parametrize(("view", "path", "message"), REFUSED_VIEWS.values(), ids=REFUSED_VIEWS.keys())
def test_slack_refuses_this_view(view: Json, path: str, message: str) -> None:
    assert Problem(path, message) in problems_in_view(view)


def test_a_home_holds_a_hundred_blocks() -> None:
    assert problems_in_view({"type": "home", "blocks": [section("x")] * 100}, kind="home") == []


def test_a_modal_cannot_be_published_as_home() -> None:
    assert problems_in_view(modal(section("x")), kind="home") == [Problem("/view/type", "unsupported type: modal")]
