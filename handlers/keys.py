"""What makes a thing that arrived from Slack the same as one that arrived before: its key in the inbox.

Slack's own ids name the request; the key begins with whose it is, because a stored answer is shown to nobody else.
What carries no id has no key (""): two such requests are two requests, and no answer is kept.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any


def key_of_trigger(body: Mapping[str, Any]) -> str:
    """A command's or shortcut's key: its trigger id, else its response_url, which Slack makes anew for each, too."""
    if trigger := _id(body, "trigger_id"):
        return _owned(body, f"trigger:{trigger}")
    if url := _id(body, "response_url"):
        return _owned(body, f"response:{_digest(url)}")
    return ""


def key_of_click(body: Mapping[str, Any], action: Mapping[str, Any]) -> str:
    """A click's key: its trigger id, else where and when the element was used."""
    when = _id(action, "action_ts")
    if trigger := _id(body, "trigger_id"):
        return _owned(body, f"trigger:{trigger}:{when}")
    container = body.get("container") or {}
    where = _id(container, "view_id") or _id(container, "message_ts")
    if not when or not where:
        return ""
    named = _digest(f"{action.get('block_id')} {action.get('action_id')}")
    return _owned(body, f"click:{where}:{named}:{when}")


def token_of_question(key: str, asked: str) -> str:
    """What the buttons of a question carry, so that the question is answered once: made of what raised the question.

    `key`: the arrival's; where it has none, `asked` stands for it.
    """
    return f"q{_digest(key or asked)}"


def key_of_answer(body: Mapping[str, Any], token: str) -> str:
    """The key of an answer to a question: the same for all clicks on it, by whoever was asked."""
    return _owned(body, f"question:{token}")


def key_of_submission(body: Mapping[str, Any], view: Mapping[str, Any]) -> str:
    """A submission's key: the view and what was typed, to tell a corrected submission from a redelivered one."""
    view_id = _id(view, "id")
    if not view_id:
        return ""
    typed = sorted(((view.get("state") or {}).get("values") or {}).items())
    return _owned(body, f"view:{view_id}:{view.get('hash')}:{_digest(repr(typed))}")


def key_of_event(body: Mapping[str, Any]) -> str:
    """An event's id. It is nobody's: Slack sends an event again that was not acknowledged in time."""
    event_id = _id(body, "event_id")
    return f"event:{event_id}" if event_id else ""


def _owned(body: Mapping[str, Any], name: str) -> str:
    team, user = body.get("team") or {}, body.get("user") or {}
    whose = body.get("user_id") or user.get("id") or ""
    where = body.get("team_id") or team.get("id") or user.get("team_id") or ""
    return f"{where}:{whose}:{name}"


def _id(given: Mapping[str, Any], name: str) -> str:
    """An id as text; empty when there is none."""
    found = given.get(name)
    return found if isinstance(found, str) else ""


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
