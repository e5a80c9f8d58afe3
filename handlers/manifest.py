"""The app manifest, made from the same declarations that register the listeners, so the two cannot differ.

Its shape: https://docs.slack.dev/reference/app-manifest
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any, Final

from domain.leads.links import DOMAINS
from handlers.agent.views import manifest_prompts
from handlers.declared import Function, Kind, Listener, Parameter, commands_of
from handlers.post_tokens import METADATA_EVENT
from handlers.scopes import OPTIONAL_NAMES, required_scopes

AGENT_DESCRIPTION: Final = (
    "Answers what customers said: how often, from which accounts, and in their own words, out of what your team logged."
)
_OPTIONAL = re.compile(r"\[.*?\]")


def make_manifest(
    listeners: Iterable[Listener],
    *,
    prefix: str = "",
    public_url: str | None = None,
    redirect_url: str | None = None,
    steps: bool = False,
) -> dict[str, Any]:
    """The manifest as JSON-safe values. With `public_url` Slack sends over HTTP, without it by Socket Mode.

    With `redirect_url` other workspaces, and whole organizations, can install the app: there they come back from Slack.
    With `steps` Workflow Builder has our steps, for which Slack wants an app that organizations can install.
    """
    declared = list(listeners)
    url = f"{public_url.rstrip('/')}/slack/events" if public_url else None
    for_all = redirect_url is not None
    events = sorted(
        {
            one.name
            for one in declared
            if one.kind is Kind.EVENT and (for_all or not one.of_organization) and (steps or not one.functions)
        }
    )
    functions = {each.callback_id: _function(each) for one in declared for each in one.functions} if steps else {}
    interactivity: dict[str, Any] = {"is_enabled": True}
    # Of any app, since this one has no id before it is made; the listener looks whose the message is.
    told = [{"app_id": "*", "event_type": METADATA_EVENT}]
    subscriptions: dict[str, Any] = {"bot_events": events, "metadata_subscriptions": told}
    if url:
        interactivity |= {"request_url": url, "message_menu_options_url": url}
        subscriptions["request_url"] = url
    return {
        "_metadata": {"major_version": 2, "minor_version": 1},
        "display_information": {
            "name": "Tandem",
            "description": "One feedback loop for sales and marketing",
            "background_color": "#2b2a6b",
        },
        "features": {
            "app_home": {
                "home_tab_enabled": True,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": False,
            },
            "agent_view": {"agent_description": AGENT_DESCRIPTION, "suggested_prompts": list(manifest_prompts())},
            "bot_user": {"display_name": "Tandem", "always_online": True},
            "shortcuts": [_shortcut(one) for one in declared if one.kind in (Kind.SHORTCUT, Kind.MESSAGE_SHORTCUT)],
            "unfurl_domains": list(DOMAINS),
            "slash_commands": [_command(parts, prefix, url) for parts in commands_of(declared).values()],
        },
        # Slack wants the optional scopes in both lists.
        "oauth_config": {
            **({"redirect_urls": [redirect_url]} if redirect_url else {}),
            "scopes": {
                "bot": sorted(required_scopes(declared) | OPTIONAL_NAMES),
                "bot_optional": sorted(OPTIONAL_NAMES),
            },
        },
        "settings": {
            "event_subscriptions": subscriptions,
            "interactivity": interactivity,
            "org_deploy_enabled": for_all or steps,
            "socket_mode_enabled": url is None,
            "token_rotation_enabled": False,
        },
        **({"functions": functions} if functions else {}),
    }


def _function(function: Function) -> dict[str, Any]:
    """As Slack's own samples write it: its JSON Schema of manifests wants the parameters a level deeper."""
    return {
        "title": function.title,
        "description": function.description,
        "input_parameters": {one.name: _parameter(one) for one in function.inputs},
        "output_parameters": {one.name: _parameter(one) for one in function.outputs},
    }


def _parameter(one: Parameter) -> dict[str, Any]:
    made: dict[str, Any] = {
        "type": one.type,
        "name": one.name,
        "title": one.title,
        "description": one.description,
        "is_required": one.required,
    }
    if one.offered_by:
        typed = {"query": {"value": "{{client.query}}"}}
        made["dynamic_options"] = {"function": f"#/functions/{one.offered_by}", "inputs": typed}
    return made


def _command(parts: Sequence[Listener], prefix: str, url: str | None) -> dict[str, Any]:
    """`parts`: all that can be typed after it, first what is without a word."""
    usages = (_OPTIONAL.sub("", one.usage).strip() or one.usage.strip("[]") for one in parts)
    command: dict[str, Any] = {
        "command": f"/{prefix}{parts[0].name}",
        "description": parts[0].about,
        "usage_hint": f"[{' | '.join(filter(None, usages))}]",
        "should_escape": False,
    }
    return command | ({"url": url} if url else {})


def _shortcut(listener: Listener) -> dict[str, Any]:
    return {
        "name": listener.usage,
        "type": "message" if listener.kind is Kind.MESSAGE_SHORTCUT else "global",
        "callback_id": listener.name,
        "description": listener.help,
    }
