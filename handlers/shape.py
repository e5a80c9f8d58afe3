"""Whether what arrived has the shape that Slack gives it, so that everything behind the edge may rely on it.

A signature proves who sent a body, not that it is well-formed; and what no database takes must not get as far as one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Final

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

DEEPEST: Final = 60
"""Levels of nesting. Slack's deepest, a message of rich text within a container, has some twenty."""

KINDS: Final = frozenset(
    {"block_actions", "view_submission", "view_closed", "block_suggestion", "shortcut", "message_action"}
)
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
_ESCAPED = re.compile(r"\\u(?:0000|[dD][89a-fA-F])")


class BadShape(Exception):
    """Not what Slack sends. The text names the places, never what stands there."""


MOST_ITEMS: Final = 1000


def _not_many(found: Any) -> Any:
    if isinstance(found, dict) and len(found) > MOST_ITEMS:
        raise ValueError("too many fields")
    return found


# Refused before, or at the first bad item: an error for each of half a million would take seconds, and a gigabyte.
Few: Final = Field(max_length=MOST_ITEMS, fail_fast=True)
FewFields: Final = BeforeValidator(_not_many)
Text = str | None
Id = Annotated[str, Field(max_length=255)] | None


class _Part(BaseModel):
    model_config = ConfigDict(strict=True, extra="ignore")


class _Named(_Part):
    id: Id = None
    team_id: Id = None
    username: Text = None
    name: Text = None
    domain: Text = None
    enterprise_id: Id = None


class _Option(_Part):
    value: Text = None


class _File(_Part):
    id: Id = None
    name: Text = None


class _Element(_Part):
    value: Annotated[str, Field(max_length=3000)] | None = None  # Slack lets nobody type more into a field
    selected_option: _Option | None = None
    selected_options: Annotated[list[_Option], Few] | None = None
    selected_user: Id = None
    selected_users: Annotated[list[Annotated[str, Field(max_length=255)]], Few] | None = None
    selected_channel: Id = None
    selected_conversation: Id = None
    selected_time: Text = None
    selected_date: Text = None
    files: Annotated[list[_File], Few] | None = None


class _Action(_Element):
    type: Text = None
    action_id: Annotated[str, Field(max_length=255)]
    block_id: Id = None
    action_ts: Id = None


class _State(_Part):
    values: Annotated[dict[str, Annotated[dict[str, _Element], FewFields]], FewFields] | None = None


class _View(_Part):
    id: Id = None
    hash: Id = None
    type: Annotated[str, Field(max_length=255)]
    callback_id: Id = None
    private_metadata: Text = None
    state: _State | None = None
    team_id: Id = None
    app_installed_team_id: Id = None


class _Message(_Part):
    text: Text = None
    ts: Id = None
    user: Id = None
    team: Id = None


class _Tokens(_Part):
    oauth: Annotated[list[str], Few] | None = None
    bot: Annotated[list[str], Few] | None = None


class _Profile(_Part):
    real_name: Text = None
    display_name: Text = None
    email: Text = None


class _User(_Named):
    real_name: Text = None
    tz: Text = None
    profile: _Profile | None = None


class _Event(_Part):
    type: Annotated[str, Field(max_length=255)]
    user: Id | _User = None
    tab: Id = None
    tokens: _Tokens | None = None


class _Authorization(_Part):
    team_id: Id = None
    enterprise_id: Id = None
    user_id: Id = None
    is_enterprise_install: bool | None = None


class _Arrival(_Part):
    type: Id = None
    command: Id = None
    text: Text = None
    value: Text = None
    team_id: Id = None
    user_id: Id = None
    user_name: Text = None
    channel_id: Id = None
    enterprise_id: Id = None
    is_enterprise_install: bool | str | None = None
    is_ext_shared_channel: bool | None = None
    trigger_id: Id = None
    event_id: Id = None
    callback_id: Id = None
    action_id: Id = None
    block_id: Id = None
    message_ts: Id = None
    response_url: Annotated[str, Field(max_length=2000)] | None = None
    team: _Named | None = None
    user: _Named | None = None
    enterprise: _Named | None = None
    channel: _Named | None = None
    container: dict[str, Any] | None = None
    view: _View | None = None
    message: _Message | None = None
    event: _Event | None = None
    actions: Annotated[list[_Action], Field(min_length=1, max_length=MOST_ITEMS, fail_fast=True)] | None = None
    authorizations: Annotated[list[_Authorization], Few] | None = None
    response_urls: Annotated[list[dict[str, Any]], Few] | None = None


def check_shape(body: Mapping[str, Any]) -> None:
    """Raise BadShape unless this is a command, an interaction or an event as Slack sends them."""
    try:
        found = _Arrival.model_validate(body)
    except ValidationError as error:
        places = {".".join(str(part) for part in problem["loc"][:2]) for problem in error.errors(include_input=False)}
        raise BadShape(", ".join(sorted(places)[:5])) from None
    kind = body.get("type")
    if kind is None and not found.command:
        raise BadShape("type")
    if kind is not None and kind not in KINDS and kind != "event_callback":
        raise BadShape("type")
    needed = {
        "block_actions": found.actions,
        "view_submission": found.view,
        "view_closed": found.view,
        "block_suggestion": found.action_id,
        "shortcut": found.callback_id,
        "message_action": found.callback_id,
        "event_callback": found.event,
    }
    if kind in needed and needed[kind] is None:
        raise BadShape(f"{kind} without what it is about")


def check_depth(document: Any, deepest: int = DEEPEST) -> None:
    """Raise BadShape for a document that is nested deeper. Walks without recursion."""
    level = [document]
    for _ in range(deepest + 1):
        level = [inner for node in level for inner in _inside(node) if isinstance(inner, dict | list)]
        if not level:
            return
    raise BadShape(f"deeper than {deepest} levels")


def may_be_deep(text: str, deepest: int = DEEPEST) -> bool:
    """Whether a JSON text has brackets enough to nest so deep: saves the walk through nearly everything."""
    return text.count("{") + text.count("[") > deepest


def may_hold_unstorable(text: str) -> bool:
    """Whether a JSON text or form value may hold a NUL or half a character, plainly or escaped."""
    return "\0" in text or _ESCAPED.search(text) is not None


def storable(value: Any) -> Any:
    """The same value with NUL taken out of its texts, and U+FFFD for half a character: no database takes either.

    For values that are not nested deeper than DEEPEST.
    """
    if isinstance(value, str):
        return _UNSTORABLE.sub(lambda found: "" if found[0] == "\0" else "\ufffd", value)
    if isinstance(value, dict):
        return {storable(key): storable(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [storable(inner) for inner in value]
    return value


def _inside(node: Any) -> Iterator[Any]:
    return iter(node.values() if isinstance(node, dict) else node if isinstance(node, list) else ())
