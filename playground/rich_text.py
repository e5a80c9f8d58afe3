"""The shape of `rich_text` blocks.

Source: https://docs.slack.dev/reference/block-kit/blocks/rich-text-block
"""

from playground.shapes import (
    IDENTIFIER,
    URL,
    Check,
    array,
    boolean,
    by_type,
    integer,
    one_of,
    record,
    string,
)

_LETTERS = {"bold": boolean, "italic": boolean, "strike": boolean}
_STYLE: dict[str, Check] = {
    "style": record({}, {**_LETTERS, "code": boolean, "underline": boolean}, tagged=False),
}
_MENTION_STYLE: dict[str, Check] = {
    "style": record(
        {},
        {**_LETTERS, "highlight": boolean, "client_highlight": boolean, "unlink": boolean, "underline": boolean},
        tagged=False,
    ),
}

_INLINE = by_type(
    {
        "text": record({"text": string()}, _STYLE),
        "link": record({"url": URL}, {**_STYLE, "text": string(), "unsafe": boolean}),
        "user": record({"user_id": string(40)}, _MENTION_STYLE),
        "channel": record({"channel_id": string(40)}, _MENTION_STYLE),
        "usergroup": record({"usergroup_id": string(40)}, _MENTION_STYLE),
        "broadcast": record({"range": one_of("here", "channel", "everyone")}, _MENTION_STYLE),
        "emoji": record({"name": string(100)}, {**_STYLE, "unicode": string(100), "skin_tone": integer(1, 6)}),
        "color": record({"value": string(20)}, _STYLE),
        "team": record({"team_id": string(40)}, _STYLE),
        "date": record(
            {"timestamp": integer(0, 9_999_999_999), "format": string(200)},
            {**_STYLE, "url": URL, "fallback": string()},
        ),
    }
)
_PREFORMATTED = by_type(
    {"text": record({"text": string()}, _STYLE), "link": record({"url": URL}, {**_STYLE, "text": string()})}
)
_LINE = array(_INLINE, 1000, least=0)
_SECTION = record({"elements": _LINE})

PART = by_type(
    {
        "rich_text_section": _SECTION,
        "rich_text_list": record(
            {"style": one_of("bullet", "ordered"), "elements": array(by_type({"rich_text_section": _SECTION}), 1000)},
            {"indent": integer(0, 8), "offset": integer(0, 1_000_000), "border": integer(0, 1)},
        ),
        "rich_text_quote": record({"elements": _LINE}, {"border": integer(0, 1)}),
        "rich_text_preformatted": record(
            {"elements": array(_PREFORMATTED, 1000, least=0)}, {"border": integer(0, 1), "language": string(50)}
        ),
    }
)
RICH_TEXT = record({"elements": array(PART, 1000)}, {"block_id": IDENTIFIER})
