"""Whose an arrival is: payloads as Slack documents them and as others have met them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from handlers.origin import MARK, marked, origin_of

ORG: dict[str, Any] = {"is_enterprise_install": True, "enterprise": {"id": "E1", "name": "Acme"}, "team": None}


@pytest.mark.parametrize(
    ("body", "team_id"),
    [
        pytest.param({"team_id": "T1", "command": "/voc"}, "T1", id="a command"),
        pytest.param({"team": {"id": "T1"}, "user": {"team_id": "T2"}}, "T1", id="a click by a guest of another team"),
        pytest.param(
            {"team": {"id": "T2"}, "view": {"type": "modal", "app_installed_team_id": "T1"}},
            "T1",
            id="a form that was opened in a shared channel",
        ),
        pytest.param(
            {"team": {"id": "T2"}, "view": {"type": "home", "app_installed_team_id": "T1"}},
            "T2",
            id="a click in a Home of somebody who is in two workspaces",
        ),
        pytest.param(
            {**ORG, "user": {"team_id": "T2"}, "view": {"type": "modal", "app_installed_team_id": "E1"}},
            "T2",
            id="a form of an app that an organization installed",
        ),
        pytest.param(
            {**ORG, "user": {"team_id": "T2"}, "message": {"team": "T1"}},
            "T1",
            id="a click on a message of an app that an organization installed",
        ),
        pytest.param({**ORG, "user": {"team_id": "T2"}}, "T2", id="a shortcut of such an app"),
        pytest.param({**ORG, "user": {"team_id": "E1"}}, "", id="nobody says which workspace"),
        pytest.param(
            {
                "team_id": "T1",
                "authorizations": [{"enterprise_id": "E1", "team_id": None, "is_enterprise_install": True}],
            },
            "T1",
            id="an event of an organization",
        ),
        pytest.param(
            {"team_id": "T2", "authorizations": [{"enterprise_id": None, "team_id": "T1"}]},
            "T1",
            id="an event of a shared channel",
        ),
    ],
)
def test_the_workspace_that_is_meant_is_read_from_the_payload(body: dict[str, Any], team_id: str) -> None:
    assert origin_of(body).team_id == team_id


@pytest.mark.parametrize("kind", ["modal", "home"])
def test_what_we_show_says_itself_in_which_workspace(kind: str) -> None:
    shown = marked({"type": kind, "private_metadata": '{"item":7}'}, "T1")
    clicked = {**ORG, "user": {"team_id": "T2"}, "view": {**shown, "app_installed_team_id": "T3"}}
    assert origin_of(clicked).team_id == "T1"
    assert json.loads(shown["private_metadata"]) == {"item": 7, MARK: "T1"}


def test_a_view_is_marked_anew_where_it_is_shown_next() -> None:
    assert origin_of({"view": marked(marked({"type": "modal"}, "T1"), "T2")}).team_id == "T2"


def test_words_that_look_like_a_mark_are_none() -> None:
    typed = json.dumps({"words": f'{{"{MARK}":"T9"}}'}, separators=(",", ":"))
    assert origin_of({"team": {"id": "T1"}, "view": {"private_metadata": typed}}).team_id == "T1"


def test_a_view_without_room_for_a_mark_stays_as_it_is() -> None:
    full = {"type": "modal", "private_metadata": json.dumps({"kept": "x" * 2890})}
    assert marked(full, "T1") == full
