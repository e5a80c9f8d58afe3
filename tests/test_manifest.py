"""The manifest: valid for Slack, made of the same declarations that the program registers, with no scope too many."""

import json
from pathlib import Path

import pytest
from jsonschema import Draft7Validator

from handlers.catalog import all_listeners, all_renderers
from handlers.listeners import Kind, Listener
from handlers.manifest import make_manifest
from handlers.scopes import OPTIONAL_NAMES, OPTIONAL_SCOPES, required_scopes

SCHEMA = json.loads((Path(__file__).parent / "facts" / "manifest.schema.json").read_text())
"""Slack's JSON Schema of app manifests (slackapi/manifest-schema, version 2), as far as a bot's manifest goes."""


@pytest.mark.parametrize("public_url", [None, "https://tandem.example.com"])
def test_the_manifest_is_valid(public_url: str | None) -> None:
    manifest = make_manifest(all_listeners(), public_url=public_url)
    problems = [f"{list(one.path)}: {one.message}" for one in Draft7Validator(SCHEMA).iter_errors(manifest)]
    assert problems == []


def test_a_manifest_for_many_workspaces_says_where_they_come_back_and_lets_organizations_in() -> None:
    back = "https://tandem.example.com/slack/oauth_redirect"
    manifest = make_manifest(all_listeners(), public_url="https://tandem.example.com", redirect_url=back)
    assert list(Draft7Validator(SCHEMA).iter_errors(manifest)) == []
    assert manifest["oauth_config"]["redirect_urls"] == [back]
    assert manifest["settings"]["org_deploy_enabled"]


def test_the_schema_would_notice_a_mistake() -> None:
    manifest = make_manifest(all_listeners())
    manifest["features"]["slash_commands"][0]["comand"] = "/x"
    assert list(Draft7Validator(SCHEMA).iter_errors(manifest))


def test_every_command_and_shortcut_that_is_registered_is_declared() -> None:
    manifest = make_manifest(all_listeners(), prefix="acme-")
    declared = {one["command"] for one in manifest["features"]["slash_commands"]}
    assert declared == {f"/acme-{one.name}" for one in all_listeners() if one.kind is Kind.COMMAND}
    shortcuts = {one["callback_id"] for one in manifest["features"]["shortcuts"]}
    assert shortcuts == {one.name for one in all_listeners() if one.kind in (Kind.SHORTCUT, Kind.MESSAGE_SHORTCUT)}


def test_slacks_limits_on_names_hold() -> None:
    manifest = make_manifest(all_listeners(), prefix="a" * 20)
    for command in manifest["features"]["slash_commands"]:
        assert len(command["command"]) <= 32
        assert len(command["description"]) <= 2000
    for shortcut in manifest["features"]["shortcuts"]:
        assert len(shortcut["name"]) <= 24
        assert len(shortcut["description"]) <= 150


def test_optional_scopes_stand_in_both_lists_as_slack_wants_it() -> None:
    scopes = make_manifest(all_listeners())["oauth_config"]["scopes"]
    assert scopes["bot_optional"] == sorted(one.name for one in OPTIONAL_SCOPES)
    assert set(scopes["bot"]) == required_scopes(all_listeners()) | set(scopes["bot_optional"])


def test_no_listener_needs_an_optional_scope() -> None:
    assert [one.name for one in all_listeners() if OPTIONAL_NAMES & set(one.scopes)] == []


def test_events_are_those_with_listeners() -> None:
    manifest = make_manifest(all_listeners(), redirect_url="https://tandem.example/back", steps=True)
    events = {one.name for one in all_listeners() if one.kind is Kind.EVENT}
    assert set(manifest["settings"]["event_subscriptions"]["bot_events"]) == events


def test_events_of_organizations_are_those_of_apps_that_organizations_install() -> None:
    events = make_manifest(all_listeners())["settings"]["event_subscriptions"]["bot_events"]
    assert {one.name for one in all_listeners() if one.of_organization} == {
        "team_access_granted",
        "team_access_revoked",
    }
    assert not [one for one in events if one.startswith("team_access")]


def test_steps_of_workflows_are_declared_where_they_are_asked_for() -> None:
    plain, steps = make_manifest(all_listeners()), make_manifest(all_listeners(), steps=True)
    assert "functions" not in plain
    assert "function_executed" not in plain["settings"]["event_subscriptions"]["bot_events"]
    assert not plain["settings"]["org_deploy_enabled"]
    assert steps["settings"]["org_deploy_enabled"]
    assert "function_executed" in steps["settings"]["event_subscriptions"]["bot_events"]
    offered = [
        one["dynamic_options"]["function"].removeprefix("#/functions/")
        for function in steps["functions"].values()
        for one in function["input_parameters"].values()
        if "dynamic_options" in one
    ]
    assert offered
    for name in offered:
        options = steps["functions"][name]["output_parameters"]["options"]
        assert options["type"] == "slack#/types/options_select"
    # Slack's schema of manifests has the parameters of its own platform's functions; the rest is as it wants it.
    rest = {name: part for name, part in steps.items() if name != "functions"}
    assert list(Draft7Validator(SCHEMA).iter_errors(rest)) == []


def test_every_listener_says_who_may_use_it() -> None:
    assert [one.name for one in all_listeners() if not one.roles] == []


def test_every_kind_of_delivery_has_one_renderer() -> None:
    queued = {
        "lead_card",
        "lead_dm",
        "lead_reminder",
        "lead_breach",
        "lead_handoff",
        "lead_lost",
        "lead_meeting",
        "lead_ended",
        "rep_benched",
        "lead_news",
        "decline_card",
        "dispute_opened",
        "ruling_wanted",
        "decline_ruled",
        "lead_won",
        "lead_import",
        "lead_committee",
        "triage_card",
        "doubt_card",
        "company_card",
        "theme_letter",
        "edition",
        "home",
        "theme_given",
        "theme_rises",
        "theme_batch",
        "answers_late",
        "delivery_failed",
        "incident",
        "clock_put_back",
        "intake_refused",
        "source_silent",
        "job_dead",
        "doctor_report",
        "voc_export_refused",
        "file_refused",
        "welcome",
        "cannot_renew",
        "call_logged",
        "voc_reaction",
        "voc_watched",
        "webhook_trouble",
        "write_back_trouble",
        "agent_said",
        "person_erased",
    }
    assert set(all_renderers()) == queued


def test_names_of_listeners_tell_their_package() -> None:
    def package(listener: Listener) -> str:
        return listener.handler.__module__.split(".")[1]

    strays = {
        (one.name, package(one))
        for one in all_listeners()
        if one.kind in (Kind.ACTION, Kind.SUBMISSION) and not package(one).startswith(one.name.split(".")[0][:4])
    }
    assert strays == set()
