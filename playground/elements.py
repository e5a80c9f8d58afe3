"""The shapes of Block Kit's elements: buttons, menus, inputs, and the objects inside them.

Source: https://docs.slack.dev/reference/block-kit/block-elements and composition-objects; where Slack's pages
disagree on a limit, the smaller one holds here.
"""

from typing import Any

from playground.shapes import (
    IDENTIFIER,
    URL,
    Check,
    Problem,
    Problems,
    array,
    at_least_one,
    boolean,
    both,
    by_type,
    exactly_one,
    integer,
    one_of,
    plain,
    record,
    string,
    text,
)

CONFIRM = record(
    {"title": plain(100), "text": text(300), "confirm": plain(30), "deny": plain(30)},
    {"style": one_of("primary", "danger")},
    tagged=False,
)
_PLAIN_OPTION = record({"text": plain(75), "value": string(150)}, {"description": plain(75)}, tagged=False)
_OVERFLOW_OPTION = record(
    {"text": plain(75), "value": string(150)}, {"description": plain(75), "url": URL}, tagged=False
)
_RICH_OPTION = record({"text": text(75), "value": string(150)}, {"description": text(75)}, tagged=False)
_OPTION_GROUP = record({"label": plain(75), "options": array(_PLAIN_OPTION, 100)}, tagged=False)
_DISPATCH = record({"trigger_actions_on": array(one_of("on_enter_pressed", "on_character_entered"), 2)}, tagged=False)
_CONVERSATION_FILTER = record(
    {},
    {
        "include": array(one_of("im", "mpim", "private", "public"), 4),
        "exclude_external_shared_channels": boolean,
        "exclude_bot_users": boolean,
    },
    tagged=False,
    also=at_least_one("include", "exclude_external_shared_channels", "exclude_bot_users"),
)
SLACK_FILE = record({}, {"id": string(255), "url": URL}, tagged=False, also=exactly_one("id", "url"))

_ACTION: dict[str, Check] = {"action_id": IDENTIFIER}
_CONFIRMED: dict[str, Check] = {**_ACTION, "confirm": CONFIRM}
_MENU: dict[str, Check] = {**_CONFIRMED, "placeholder": plain(150), "focus_on_load": boolean}
_MANY: dict[str, Check] = {**_MENU, "max_selected_items": integer(1, 1_000_000)}
_TYPED: dict[str, Check] = {
    **_ACTION,
    "placeholder": plain(150),
    "focus_on_load": boolean,
    "dispatch_action_config": _DISPATCH,
}


def _all_options(element: dict[str, Any]) -> list[Any]:
    groups = element.get("option_groups")
    found = list(element.get("options") or [])
    for group in groups if isinstance(groups, list) else []:
        if isinstance(group, dict) and isinstance(group.get("options"), list):
            found += group["options"]
    return found


def _initial_is_offered(value: Any, path: str, problems: Problems) -> None:
    options = _all_options(value)
    if "initial_option" in value and value["initial_option"] not in options:
        problems.append(Problem(f"{path}/initial_option", "initial_option must exactly match one of the options"))
    chosen = value.get("initial_options")
    for index, one in enumerate(chosen if isinstance(chosen, list) else []):
        if one not in options:
            where = f"{path}/initial_options/{index}"
            problems.append(Problem(where, "initial_options must exactly match some of the options"))


def _bounds_in_order(value: Any, path: str, problems: Problems) -> None:
    low, high = value.get("min_length"), value.get("max_length")
    if isinstance(low, int) and isinstance(high, int) and low > high:
        problems.append(Problem(path, "min_length must not be greater than max_length"))


_STATIC = {"options": array(_PLAIN_OPTION, 100), "option_groups": array(_OPTION_GROUP, 100)}
_OFFERED = both(exactly_one("options", "option_groups"), _initial_is_offered)
_DATE = string(10, pattern=r"\d{4}-\d{2}-\d{2}")
_TIME = string(5, pattern=r"([01]\d|2[0-3]):[0-5]\d")
_NUMBER = string(40, pattern=r"-?\d+(\.\d+)?")
_IDS = array(string(40), 1000)

BUTTON = record(
    {"text": plain(75)},
    {
        **_CONFIRMED,
        "url": URL,
        "value": string(2000, least=0),
        "style": one_of("primary", "danger"),
        "accessibility_label": string(75),
    },
)
IMAGE = record(
    {"alt_text": string(2000)},
    {"image_url": URL, "slack_file": SLACK_FILE},
    also=exactly_one("image_url", "slack_file"),
)
OVERFLOW = record({"options": array(_OVERFLOW_OPTION, 5)}, _CONFIRMED)
_WORKFLOW_BUTTON = record(
    {
        "text": plain(75),
        "workflow": record(
            {
                "trigger": record(
                    {"url": URL},
                    {
                        "customizable_input_parameters": array(
                            record({"name": string(), "value": string(least=0)}, tagged=False), 100, least=0
                        )
                    },
                    tagged=False,
                )
            },
            tagged=False,
        ),
    },
    {**_ACTION, "style": one_of("primary", "danger"), "accessibility_label": string(75)},
)
_FEEDBACK_BUTTON = record({"text": plain(75), "value": string(2000)}, {"accessibility_label": string(75)}, tagged=False)
FEEDBACK_BUTTONS = record({"positive_button": _FEEDBACK_BUTTON, "negative_button": _FEEDBACK_BUTTON}, _ACTION)
ICON_BUTTON = record(
    {"icon": one_of("trash"), "text": plain(75)},
    {**_CONFIRMED, "value": string(2000), "accessibility_label": string(75), "visible_to_user_ids": _IDS},
)

_MENUS: dict[str, Check] = {
    "static_select": record({}, {**_MENU, **_STATIC, "initial_option": _PLAIN_OPTION}, also=_OFFERED),
    "external_select": record({}, {**_MENU, "initial_option": _PLAIN_OPTION, "min_query_length": integer(0, 255)}),
    "users_select": record({}, {**_MENU, "initial_user": string(40)}),
    "conversations_select": record(
        {},
        {
            **_MENU,
            "initial_conversation": string(40),
            "default_to_current_conversation": boolean,
            "response_url_enabled": boolean,
            "filter": _CONVERSATION_FILTER,
        },
    ),
    "channels_select": record({}, {**_MENU, "initial_channel": string(40), "response_url_enabled": boolean}),
    "multi_static_select": record(
        {}, {**_MANY, **_STATIC, "initial_options": array(_PLAIN_OPTION, 100)}, also=_OFFERED
    ),
    "multi_external_select": record(
        {}, {**_MANY, "initial_options": array(_PLAIN_OPTION, 100), "min_query_length": integer(0, 255)}
    ),
    "multi_users_select": record({}, {**_MANY, "initial_users": _IDS}),
    "multi_conversations_select": record(
        {},
        {
            **_MANY,
            "initial_conversations": _IDS,
            "default_to_current_conversation": boolean,
            "filter": _CONVERSATION_FILTER,
        },
    ),
    "multi_channels_select": record({}, {**_MANY, "initial_channels": _IDS}),
}
_CHOICES: dict[str, Check] = {
    "checkboxes": record(
        {"options": array(_RICH_OPTION, 10)},
        {**_CONFIRMED, "focus_on_load": boolean, "initial_options": array(_RICH_OPTION, 10)},
        also=_initial_is_offered,
    ),
    "radio_buttons": record(
        {"options": array(_RICH_OPTION, 10)},
        {**_CONFIRMED, "focus_on_load": boolean, "initial_option": _RICH_OPTION},
        also=_initial_is_offered,
    ),
}
_MOMENTS: dict[str, Check] = {
    "datepicker": record({}, {**_MENU, "initial_date": _DATE}),
    "timepicker": record({}, {**_MENU, "initial_time": _TIME, "timezone": string(100)}),
}
_DATETIME: dict[str, Check] = {
    "datetimepicker": record(
        {}, {**_CONFIRMED, "focus_on_load": boolean, "initial_date_time": integer(1_000_000_000, 9_999_999_999)}
    )
}
_BUTTONS: dict[str, Check] = {"button": BUTTON, "overflow": OVERFLOW, "workflow_button": _WORKFLOW_BUTTON}
_INPUTS: dict[str, Check] = {
    "plain_text_input": record(
        {},
        {
            **_TYPED,
            "initial_value": string(3000, least=0),
            "multiline": boolean,
            "min_length": integer(0, 3000),
            "max_length": integer(1, 3000),
        },
        also=_bounds_in_order,
    ),
    "number_input": record(
        {"is_decimal_allowed": boolean},
        {**_TYPED, "initial_value": _NUMBER, "min_value": _NUMBER, "max_value": _NUMBER},
    ),
    "email_text_input": record({}, {**_TYPED, "initial_value": string(3000, least=0)}),
    "url_text_input": record({}, {**_TYPED, "initial_value": string(3000, least=0)}),
}

ACCESSORY = by_type({**_BUTTONS, **_MENUS, **_CHOICES, **_MOMENTS, "image": IMAGE})
IN_ACTIONS = by_type({**_BUTTONS, **_MENUS, **_CHOICES, **_MOMENTS, **_DATETIME})
IN_CONTEXT = by_type({"image": IMAGE, "plain_text": plain(3000), "mrkdwn": text(3000)})
IN_CONTEXT_ACTIONS = by_type({"feedback_buttons": FEEDBACK_BUTTONS, "icon_button": ICON_BUTTON})


def in_input(rich_text: Check) -> Check:
    """The elements of an `input` block; `rich_text` checks the initial value of a rich text input."""
    more: dict[str, Check] = {
        "rich_text_input": record({}, {**_TYPED, "initial_value": rich_text}),
        "file_input": record({}, {**_ACTION, "filetypes": array(string(40), 100), "max_files": integer(1, 10)}),
    }
    return by_type({**_MENUS, **_CHOICES, **_MOMENTS, **_DATETIME, **_INPUTS, **more})


# Options an app answers a `block_suggestion` with.
SUGGESTIONS = record(
    {},
    {"options": array(_PLAIN_OPTION, 100, least=0), "option_groups": array(_OPTION_GROUP, 100, least=0)},
    also=exactly_one("options", "option_groups"),
    tagged=False,
)
