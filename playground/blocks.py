"""Block Kit, checked: would Slack take these blocks in a message, a modal or a Home, and if not, what is wrong where.

Pure functions over parsed JSON. Source: https://docs.slack.dev/reference/block-kit/blocks and the limits in it.
"""

from collections.abc import Iterable, Iterator
from itertools import count
from typing import Any

from playground import elements
from playground.records import Json
from playground.rich_text import RICH_TEXT
from playground.shapes import (
    IDENTIFIER,
    URL,
    Check,
    Problem,
    Problems,
    array,
    at_least_one,
    boolean,
    by_type,
    exactly_one,
    integer,
    number,
    one_of,
    plain,
    record,
    string,
    text,
)

MESSAGE_BLOCKS = 50
VIEW_BLOCKS = 100
TABLE_TEXT = 10_000
BLOCKS_LIMIT = 11_300

_ID: dict[str, Check] = {"block_id": IDENTIFIER}
_RICH = by_type({"rich_text": RICH_TEXT})
_CELL = {"raw_text": record({"text": string()}), "rich_text": RICH_TEXT}
_COLUMN = record({}, {"align": one_of("left", "center", "right"), "is_wrapped": boolean}, tagged=False)
_CARD = record(
    {},
    {
        **_ID,
        "hero_image": elements.IMAGE,
        "icon": elements.IMAGE,
        "title": text(150),
        "subtitle": text(150),
        "body": text(200),
        "actions": array(by_type({"button": elements.BUTTON}), 5),
    },
    also=at_least_one("hero_image", "title", "actions", "body"),
)


def _rows_are_even(value: Any, path: str, problems: Problems) -> None:
    rows = value.get("rows")
    lengths = {len(row) for row in rows if isinstance(row, list)} if isinstance(rows, list) else set()
    if len(lengths) > 1:
        problems.append(Problem(f"{path}/rows", "all rows must have the same number of cells"))


_SIMPLE: dict[str, Check] = {
    "section": record(
        {},
        {
            **_ID,
            "text": text(3000),
            "fields": array(text(2000), 10),
            "accessory": elements.ACCESSORY,
            "expand": boolean,
        },
        also=at_least_one("text", "fields"),
    ),
    "header": record({"text": plain(150)}, _ID),
    "context": record({"elements": array(elements.IN_CONTEXT, 10)}, _ID),
    "context_actions": record({"elements": array(elements.IN_CONTEXT_ACTIONS, 5)}, _ID),
    "actions": record({"elements": array(elements.IN_ACTIONS, 25)}, _ID),
    "divider": record({}, _ID),
    "image": record(
        {"alt_text": string(2000)},
        {**_ID, "image_url": URL, "slack_file": elements.SLACK_FILE, "title": plain(2000)},
        also=exactly_one("image_url", "slack_file"),
    ),
    "input": record(
        {"label": plain(2000), "element": elements.in_input(_RICH)},
        {**_ID, "hint": plain(2000), "optional": boolean, "dispatch_action": boolean},
    ),
    "rich_text": RICH_TEXT,
    "markdown": record({"text": string(12_000)}, _ID),
    "table": record(
        {"rows": array(array(by_type(_CELL), 20), 100)},
        {**_ID, "column_settings": array(_COLUMN, 20)},
        also=_rows_are_even,
    ),
    "data_table": record(
        {
            "caption": string(),
            "rows": array(
                array(by_type({**_CELL, "raw_number": record({"value": number}, {"text": string()})}), 20), 101, least=2
            ),
        },
        {**_ID, "page_size": integer(1, 100), "row_header_column_index": integer(0, 19)},
        also=_rows_are_even,
    ),
    "video": record(
        {"alt_text": string(), "title": plain(199), "thumbnail_url": URL, "video_url": URL},
        {
            **_ID,
            "author_name": string(49),
            "description": plain(199),
            "provider_icon_url": URL,
            "provider_name": string(),
            "title_url": URL,
        },
    ),
    "file": record({"external_id": string(), "source": one_of("remote")}, _ID),
    "alert": record({"text": text(3000)}, {**_ID, "level": one_of("default", "info", "warning", "error", "success")}),
    "card": _CARD,
    "carousel": record({"elements": array(by_type({"card": _CARD}), 10)}, _ID),
}

_EVERYWHERE = ("section", "header", "context", "actions", "divider", "image", "input", "rich_text", "video")
_ONLY_IN_MESSAGES = ("markdown", "table", "data_table", "file", "card", "carousel", "context_actions")
_SURFACES: dict[str, tuple[str, ...]] = {
    "message": (*_EVERYWHERE, *_ONLY_IN_MESSAGES),
    "modal": (*_EVERYWHERE, "alert"),
    "home": _EVERYWHERE,
}


def _blocks_of(surface: str) -> Check:
    shapes = {name: _SIMPLE[name] for name in _SURFACES[surface]}
    container = record(
        {"child_blocks": array(by_type(dict(shapes)), 10)},
        {
            **_ID,
            "title": plain(150),
            "rich_text_title": _RICH,
            "subtitle": text(150),
            "width": one_of("narrow", "standard", "wide", "full"),
            "icon": elements.IMAGE,
            "is_collapsible": boolean,
            "default_collapsed": boolean,
            "has_header_divider": boolean,
        },
        also=exactly_one("title", "rich_text_title"),
    )
    most = MESSAGE_BLOCKS if surface == "message" else VIEW_BLOCKS
    return array(by_type({**shapes, "container": container}), most, least=0 if surface == "message" else 1)


_BLOCKS = {surface: _blocks_of(surface) for surface in _SURFACES}
_VIEW_COMMON: dict[str, Check] = {
    "private_metadata": string(3000, least=0),
    "callback_id": string(255, least=0),
    "external_id": string(255, least=0),
}
_MODAL = record(
    {"title": plain(24), "blocks": _BLOCKS["modal"]},
    {
        **_VIEW_COMMON,
        "submit": plain(24),
        "close": plain(24),
        "clear_on_close": boolean,
        "notify_on_close": boolean,
        "submit_disabled": boolean,
    },
)
_HOME = record({"blocks": _BLOCKS["home"]}, _VIEW_COMMON)


def problems_in_message(blocks: Any, *, at: str = "/blocks") -> list[Problem]:
    """What Slack would refuse about the blocks of a message; `at` is where they stand in the payload."""
    problems: list[Problem] = []
    _BLOCKS["message"](blocks, at, problems)
    _across(blocks, at, problems)
    return problems


def problems_in_view(view: Any, *, kind: str | None = None, at: str = "/view") -> list[Problem]:
    """What Slack would refuse about a view; `kind` (`modal` or `home`) is what the method takes, None: either."""
    problems: list[Problem] = []
    by_type({"modal": _MODAL, "home": _HOME} if kind is None else {kind: _MODAL if kind == "modal" else _HOME})(
        view, at, problems
    )
    if not isinstance(view, dict):
        return problems
    blocks = view.get("blocks")
    _across(blocks, f"{at}/blocks", problems)
    has_input = any(isinstance(one, dict) and one.get("type") == "input" for one in _list(blocks))
    if view.get("type") == "modal" and has_input and "submit" not in view:
        problems.append(Problem(at, "missing required field: submit"))
    focused = [
        one for block in _list(blocks) for one in interactive_elements(block) if one.get("focus_on_load") is True
    ]
    if len(focused) > 1:
        problems.append(Problem(f"{at}/blocks", "only one element may set focus_on_load"))
    return problems


def _across(blocks: Any, at: str, problems: Problems) -> None:
    """Rules that hold between blocks: unique ids, one table, the text of all its cells."""
    seen: set[str] = set()
    tables = 0
    for index, block in enumerate(_list(blocks)):
        if not isinstance(block, dict):
            continue
        block_id = block.get("block_id")
        if isinstance(block_id, str):
            if block_id in seen:
                problems.append(Problem(f"{at}/{index}/block_id", f"block_id must be unique: {block_id}"))
            seen.add(block_id)
        actions: set[str] = set()
        for element in interactive_elements(block):
            action_id = element.get("action_id")
            if isinstance(action_id, str):
                if action_id in actions:
                    problems.append(Problem(f"{at}/{index}", f"action_id must be unique within a block: {action_id}"))
                actions.add(action_id)
        if block.get("type") == "table":
            tables += 1
            if tables > 1:
                problems.append(Problem(f"{at}/{index}", "only one table block is allowed"))
            if text_length([block]) > TABLE_TEXT:
                problems.append(
                    Problem(f"{at}/{index}/rows", f"must be less than {TABLE_TEXT + 1} characters in all cells")
                )


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def interactive_elements(block: Any) -> list[Json]:
    """The elements of a block that a person can use, whatever the block is."""
    if not isinstance(block, dict):
        return []
    found: list[Any] = []
    match block.get("type"):
        case "section":
            found = [block.get("accessory")]
        case "input":
            found = [block.get("element")]
        case "actions" | "context_actions":
            found = _list(block.get("elements"))
        case "card":
            found = _list(block.get("actions"))
        case "carousel":
            found = [one for card in _list(block.get("elements")) for one in interactive_elements(card)]
        case "container":
            found = [one for child in _list(block.get("child_blocks")) for one in interactive_elements(child)]
    return [one for one in found if isinstance(one, dict) and one.get("type") != "image"]


def leaf_blocks(blocks: Iterable[Json]) -> Iterator[Json]:
    """Valid blocks in reading order, with what containers and carousels hold in place of those."""
    for block in blocks:
        match block["type"]:
            case "container":
                yield from leaf_blocks(block["child_blocks"])
            case "carousel":
                yield from block["elements"]
            case _:
                yield block


def text_length(blocks: list[Any]) -> int:
    """Characters of all texts in blocks, as `msg_blocks_too_long` counts them."""
    return sum(len(one) for block in blocks for one in _texts(block))


def is_too_long(blocks: Any, attachments: Any) -> bool:
    """Whether Slack answers `msg_blocks_too_long`: the blocks beside bars count, too.

    Slack documents no limit. People met it from here on, at the latest at 13,200 (slackapi/bolt-js, issue 2509).
    """
    beside = [block for one in _list(attachments) if isinstance(one, dict) for block in _list(one.get("blocks"))]
    return text_length([*_list(blocks), *beside]) > BLOCKS_LIMIT


def _texts(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "text" and isinstance(value, str):
                yield value
            else:
                yield from _texts(value)
    elif isinstance(node, list):
        for value in node:
            yield from _texts(value)


_generated = count(1)


def complete(blocks: list[Json]) -> list[Json]:
    """Valid blocks as Slack stores them: every block has a `block_id`, every interactive element an `action_id`.

    Generated ids are new each time, so what a person typed into a block without an id is lost on `views.update`,
    as it is in Slack.
    """
    return [_complete_block(block) for block in blocks]


def _complete_block(block: Json) -> Json:
    done = dict(block)
    done.setdefault("block_id", f"g{next(_generated):05x}")
    match done["type"]:
        case "section" if "accessory" in done:
            done["accessory"] = _complete_element(done["accessory"])
        case "input":
            done["element"] = _complete_element(done["element"])
        case "actions" | "context_actions":
            done["elements"] = [_complete_element(one) for one in done["elements"]]
        case "card" if "actions" in done:
            done["actions"] = [_complete_element(one) for one in done["actions"]]
        case "carousel":
            done["elements"] = complete(done["elements"])
        case "container":
            done["child_blocks"] = complete(done["child_blocks"])
    return done


def _complete_element(element: Json) -> Json:
    if element["type"] == "image" or "action_id" in element:
        return element
    return {**element, "action_id": f"g{next(_generated):05x}"}
