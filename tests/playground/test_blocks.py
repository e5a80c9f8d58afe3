"""Block Kit's limits and shapes, one rule a line: what Slack takes passes, what it refuses is found where it stands."""

from typing import Any

import pytest

from playground.blocks import complete, problems_in_message, text_length
from playground.shapes import URL, Problem
from tests.playground.tiny_app import button, option, plain, section

Json = dict[str, Any]


def mrkdwn(text: str) -> Json:
    return {"type": "mrkdwn", "text": text}


def actions(*elements: Json, **more: Any) -> Json:
    return {"type": "actions", "elements": list(elements), **more}


def labelled(element: Json, **more: Any) -> Json:
    return {"type": "input", "label": plain("L"), "element": element, **more}


def menu(count: int = 1, **more: Any) -> Json:
    return {"type": "static_select", "action_id": "m", "options": [option(f"o{n}") for n in range(count)], **more}


def rich(*inline: Json) -> Json:
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": list(inline)}]}


def table(rows: int, columns: int = 2, text: str = "c") -> Json:
    return {"type": "table", "rows": [[{"type": "raw_text", "text": text}] * columns for _ in range(rows)]}


IMAGE = {"type": "image", "image_url": "https://x.example/a.png", "alt_text": "a"}
CONFIRM = {"title": plain("Sure?"), "text": mrkdwn("*really*"), "confirm": plain("Yes"), "deny": plain("No")}
CHECKBOXES = {"type": "checkboxes", "action_id": "c", "options": [option("a"), option("b")]}
TYPED = {"type": "plain_text_input", "action_id": "t"}

TAKEN_IN_MESSAGES: dict[str, Json] = {
    "section": section("x" * 3000),
    "section with fields": {"type": "section", "fields": [mrkdwn("x" * 2000)] * 10},
    "section with a button": section("x", accessory=button("B", "b", style="primary", value="v", confirm=CONFIRM)),
    "section with an image": section("x", accessory=IMAGE),
    "section with a date": section(
        "x", accessory={"type": "datepicker", "action_id": "d", "initial_date": "2025-01-31"}
    ),
    "header": {"type": "header", "text": plain("x" * 150)},
    "divider": {"type": "divider"},
    "context": {"type": "context", "elements": [mrkdwn("x"), plain("y"), IMAGE]},
    "actions": actions(*[button("B", f"b{n}") for n in range(25)]),
    "menu": actions(menu(100, placeholder=plain("p"), initial_option=option("o3"))),
    "grouped menu": actions(
        {"type": "static_select", "option_groups": [{"label": plain("g"), "options": [option("a")]}]}
    ),
    "external menu": actions({"type": "external_select", "action_id": "e", "min_query_length": 0}),
    "people": actions({"type": "users_select", "action_id": "u", "initial_user": "U1"}),
    "conversations": actions({"type": "conversations_select", "filter": {"include": ["public"]}}),
    "channels": actions({"type": "channels_select", "action_id": "c"}),
    "overflow": actions({"type": "overflow", "action_id": "o", "options": [option("a")]}),
    "checkboxes": actions(CHECKBOXES | {"initial_options": [option("b")]}),
    "radio buttons": actions({"type": "radio_buttons", "options": [option("a")], "initial_option": option("a")}),
    "time": actions({"type": "timepicker", "action_id": "t", "initial_time": "23:59"}),
    "moment": actions({"type": "datetimepicker", "action_id": "t", "initial_date_time": 1_700_000_000}),
    "image": {**IMAGE, "title": plain("t")},
    "uploaded image": {"type": "image", "slack_file": {"id": "F1"}, "alt_text": "a"},
    "rich text": rich({"type": "text", "text": "x", "style": {"bold": True}}, {"type": "user", "user_id": "U1"}),
    "rich list": {
        "type": "rich_text",
        "elements": [
            {
                "type": "rich_text_list",
                "style": "ordered",
                "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": "x"}]}],
            }
        ],
    },
    "table": table(100, 20) | {"column_settings": [{"align": "right"}, {"is_wrapped": True}]},
    "markdown": {"type": "markdown", "text": "# x"},
    "input": labelled(TYPED, dispatch_action=True, optional=True, hint=plain("h")),
    "card": {"type": "card", "title": plain("t"), "actions": [button("B", "b")]},
    "carousel": {"type": "carousel", "elements": [{"type": "card", "body": mrkdwn("b")}]},
    "container": {"type": "container", "title": plain("t"), "child_blocks": [section("x")]},
    "feedback": {
        "type": "context_actions",
        "elements": [
            {
                "type": "feedback_buttons",
                "positive_button": {"text": plain("+"), "value": "p"},
                "negative_button": {"text": plain("-"), "value": "n"},
            }
        ],
    },
}


@pytest.mark.parametrize("block", TAKEN_IN_MESSAGES.values(), ids=TAKEN_IN_MESSAGES.keys())
def test_slack_takes_this_block_in_a_message(block: Json) -> None:
    assert problems_in_message([block]) == []


REFUSED_IN_MESSAGES: dict[str, tuple[Json, str, str]] = {
    "no type": ({}, "/blocks/0", "missing required field: type"),
    "unknown block": ({"type": "sectoin"}, "/blocks/0/type", "unsupported type: sectoin"),
    "unknown key": (section("x", colour="red"), "/blocks/0", "invalid additional property: colour"),
    "empty section": ({"type": "section"}, "/blocks/0", "must define one of: text, fields"),
    "empty text": (section(""), "/blocks/0/text/text", "must be more than 0 characters"),
    "long section": (section("x" * 3001), "/blocks/0/text/text", "must be less than 3001 characters"),
    "text of no kind": ({"type": "section", "text": {"text": "x"}}, "/blocks/0/text", "missing required field: type"),
    "text that is a string": ({"type": "section", "text": "x"}, "/blocks/0/text", "must provide an object"),
    "emoji in mrkdwn": (
        {"type": "section", "text": {"type": "mrkdwn", "text": "x", "emoji": True}},
        "/blocks/0/text",
        "invalid additional property: emoji",
    ),
    "eleven fields": (
        {"type": "section", "fields": [mrkdwn("x")] * 11},
        "/blocks/0/fields",
        "no more than 10 items allowed",
    ),
    "long field": (
        {"type": "section", "fields": [mrkdwn("x" * 2001)]},
        "/blocks/0/fields/0/text",
        "must be less than 2001 characters",
    ),
    "long header": (
        {"type": "header", "text": plain("x" * 151)},
        "/blocks/0/text/text",
        "must be less than 151 characters",
    ),
    "mrkdwn header": ({"type": "header", "text": mrkdwn("x")}, "/blocks/0/text/type", "unsupported type: mrkdwn"),
    "eleven in context": (
        {"type": "context", "elements": [mrkdwn("x")] * 11},
        "/blocks/0/elements",
        "no more than 10 items allowed",
    ),
    "button in context": (
        {"type": "context", "elements": [button("B", "b")]},
        "/blocks/0/elements/0/type",
        "unsupported type: button",
    ),
    "no actions": (actions(), "/blocks/0/elements", "no less than 1 items allowed"),
    "26 actions": (
        actions(*[button("B", f"b{n}") for n in range(26)]),
        "/blocks/0/elements",
        "no more than 25 items allowed",
    ),
    "typed text in actions": (actions(TYPED), "/blocks/0/elements/0/type", "unsupported type: plain_text_input"),
    "long button": (
        actions(button("x" * 76, "b")),
        "/blocks/0/elements/0/text/text",
        "must be less than 76 characters",
    ),
    "long value": (
        actions(button("B", "b", value="x" * 2001)),
        "/blocks/0/elements/0/value",
        "must be less than 2001 characters",
    ),
    "long action id": (
        actions(button("B", "x" * 256)),
        "/blocks/0/elements/0/action_id",
        "must be less than 256 characters",
    ),
    "long block id": (section("x", block_id="x" * 256), "/blocks/0/block_id", "must be less than 256 characters"),
    "button style": (
        actions(button("B", "b", style="default")),
        "/blocks/0/elements/0/style",
        "must be a valid enum value; one of: primary, danger",
    ),
    "same action id twice": (
        actions(button("A", "b"), button("B", "b")),
        "/blocks/0",
        "action_id must be unique within a block: b",
    ),
    "no options": (actions(menu(0)), "/blocks/0/elements/0/options", "no less than 1 items allowed"),
    "101 options": (actions(menu(101)), "/blocks/0/elements/0/options", "no more than 100 items allowed"),
    "long option": (
        actions(menu(options=[option("x" * 76)])),
        "/blocks/0/elements/0/options/0/text/text",
        "must be less than 76 characters",
    ),
    "long option value": (
        actions(menu(options=[{"text": plain("x"), "value": "x" * 151}])),
        "/blocks/0/elements/0/options/0/value",
        "must be less than 151 characters",
    ),
    "mrkdwn option": (
        actions(menu(options=[{"text": mrkdwn("x"), "value": "x"}])),
        "/blocks/0/elements/0/options/0/text/type",
        "unsupported type: mrkdwn",
    ),
    "options and groups": (
        actions(menu(option_groups=[{"label": plain("g"), "options": [option("a")]}])),
        "/blocks/0/elements/0",
        "must provide exactly one of: options, option_groups",
    ),
    "initial option that is none": (
        actions(menu(initial_option=option("other"))),
        "/blocks/0/elements/0/initial_option",
        "initial_option must exactly match one of the options",
    ),
    "long placeholder": (
        actions(menu(placeholder=plain("x" * 151))),
        "/blocks/0/elements/0/placeholder/text",
        "must be less than 151 characters",
    ),
    "six in overflow": (
        actions({"type": "overflow", "options": [option(f"o{n}") for n in range(6)]}),
        "/blocks/0/elements/0/options",
        "no more than 5 items allowed",
    ),
    "eleven checkboxes": (
        actions({"type": "checkboxes", "options": [option(f"o{n}") for n in range(11)]}),
        "/blocks/0/elements/0/options",
        "no more than 10 items allowed",
    ),
    "long confirm": (
        actions(button("B", "b", confirm={**CONFIRM, "confirm": plain("x" * 31)})),
        "/blocks/0/elements/0/confirm/confirm/text",
        "must be less than 31 characters",
    ),
    "date": (
        actions({"type": "datepicker", "initial_date": "1.1.2025"}),
        "/blocks/0/elements/0/initial_date",
        "failed to match the required format",
    ),
    "moment in seconds": (
        actions({"type": "datetimepicker", "initial_date_time": 1_700_000_000_000}),
        "/blocks/0/elements/0/initial_date_time",
        "must be between 1000000000 and 9999999999",
    ),
    "image without words": (
        {"type": "image", "image_url": "https://x.example/a.png"},
        "/blocks/0",
        "missing required field: alt_text",
    ),
    "image without source": (
        {"type": "image", "alt_text": "a"},
        "/blocks/0",
        "must provide exactly one of: image_url, slack_file",
    ),
    "null": (section("x", block_id=None), "/blocks/0/block_id", "must provide a string"),
    "empty rich text": (
        rich({"type": "text", "text": ""}),
        "/blocks/0/elements/0/elements/0/text",
        "must be more than 0 characters",
    ),
    "rich text style": (
        rich({"type": "text", "text": "x", "style": {"blink": True}}),
        "/blocks/0/elements/0/elements/0/style",
        "invalid additional property: blink",
    ),
    "alert": ({"type": "alert", "text": plain("x")}, "/blocks/0/type", "unsupported type: alert"),
    "101 rows": (table(101), "/blocks/0/rows", "no more than 100 items allowed"),
    "21 columns": (table(1, 21), "/blocks/0/rows/0", "no more than 20 items allowed"),
    "much text in a table": (
        table(10, 2, "x" * 501),
        "/blocks/0/rows",
        "must be less than 10001 characters in all cells",
    ),
    "long markdown": (
        {"type": "markdown", "text": "x" * 12_001},
        "/blocks/0/text",
        "must be less than 12001 characters",
    ),
    "empty card": (
        {"type": "card", "subtitle": plain("s")},
        "/blocks/0",
        "must define one of: hero_image, title, actions, body",
    ),
}


@pytest.mark.parametrize(("block", "path", "message"), REFUSED_IN_MESSAGES.values(), ids=REFUSED_IN_MESSAGES.keys())
def test_slack_refuses_this_block_in_a_message(block: Json, path: str, message: str) -> None:
    assert Problem(path, message) in problems_in_message([block])


def test_a_message_has_fifty_blocks_at_most() -> None:
    assert problems_in_message([section("x")] * 50) == []
    assert problems_in_message([section("x")] * 51) == [Problem("/blocks", "no more than 50 items allowed")]


def test_block_ids_are_unique() -> None:
    [problem] = problems_in_message([section("x", block_id="a"), section("y", block_id="a")])
    assert problem == Problem("/blocks/1/block_id", "block_id must be unique: a")


def test_the_same_action_id_may_stand_in_two_blocks() -> None:
    assert problems_in_message([actions(button("A", "claim")), actions(button("B", "claim"))]) == []


def test_a_message_has_one_table() -> None:
    assert problems_in_message([table(1), table(1)]) == [Problem("/blocks/1", "only one table block is allowed")]


@pytest.mark.parametrize("junk", [None, "x", 3, {}, {"type": "section"}])
def test_blocks_that_are_no_list_are_refused(junk: object) -> None:
    assert problems_in_message(junk) == [Problem("/blocks", "must provide an array")]


def test_missing_ids_are_filled_in_and_given_ones_kept() -> None:
    [first, second] = complete(
        [section("x"), actions(button("B", "mine"), menu() | {"action_id": "m"}, block_id="row")]
    )
    assert first["block_id"]
    assert (second["block_id"], [one["action_id"] for one in second["elements"]]) == ("row", ["mine", "m"])
    bare = complete([actions({"type": "button", "text": plain("B")})])[0]["elements"][0]
    assert bare["action_id"]


def test_the_length_of_all_texts_is_counted() -> None:
    assert text_length([section("abc"), actions(button("de", "b")), {"type": "markdown", "text": "f"}]) == 6


def test_a_url_needs_a_scheme() -> None:
    problems: list[Problem] = []
    URL("example.com/a", "/url", problems)
    URL("mailto:ana@example.com", "/url", problems)
    assert len(problems) == 1
