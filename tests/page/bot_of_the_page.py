"""A small Bolt app with one thing of each kind that a person meets on the page."""

from typing import Any

from slack_bolt.app.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

Json = dict[str, Any]

MANIFEST: Json = {
    "display_information": {"name": "Tandem"},
    "features": {
        "app_home": {"home_tab_enabled": True, "messages_tab_enabled": True},
        "bot_user": {"display_name": "tandem"},
        "slash_commands": [
            {"command": "/echo", "description": "Says it back", "usage_hint": "[words]"},
            {"command": "/voc", "description": "Log what you heard", "usage_hint": "[what the customer said]"},
            {"command": "/deaf", "description": "Never answers"},
        ],
        "shortcuts": [
            {"name": "Keep this quote", "type": "message", "callback_id": "keep", "description": "Keeps a message"},
            {"name": "Log a quote", "type": "global", "callback_id": "log", "description": "Opens the form"},
        ],
    },
    "oauth_config": {"scopes": {"bot": ["chat:write", "commands", "im:write", "users:read", "channels:read"]}},
    "settings": {
        "event_subscriptions": {"bot_events": ["app_home_opened"]},
        "interactivity": {"is_enabled": True},
        "socket_mode_enabled": True,
    },
}


def plain(text: str) -> Json:
    """A plain_text object."""
    return {"type": "plain_text", "text": text}


def section(text: str) -> Json:
    """A section of mrkdwn."""
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


def lead_card(state: str, *labels: str) -> list[Json]:
    """A card whose buttons keep their action id whatever they say."""
    buttons = [
        {"type": "button", "text": plain(label), "action_id": f"step-{index}", "style": "primary"}
        for index, label in enumerate(labels)
    ]
    return [section(state), {"type": "actions", "block_id": "steps", "elements": buttons}]


def menus() -> list[Json]:
    """Menus, boxes and a button that asks first."""
    options = [{"text": plain(one), "value": one.lower()} for one in ("Pricing", "SSO", "Onboarding")]
    sure = {
        "title": plain("Drop it?"),
        "text": plain("It is gone then."),
        "confirm": plain("Drop"),
        "deny": plain("Keep"),
    }
    elements = [
        {"type": "multi_static_select", "action_id": "themes", "placeholder": plain("Themes"), "options": options},
        {"type": "checkboxes", "action_id": "flags", "options": options[:2]},
        {"type": "overflow", "action_id": "more", "options": options[:2]},
        {"type": "button", "action_id": "drop", "text": plain("Drop it"), "confirm": sure},
    ]
    return [section("Choose"), {"type": "actions", "block_id": "menus", "elements": elements}]


def quote_form() -> Json:
    """A modal with a required text, a menu and a menu that asks the app."""
    kinds = [{"text": plain(one), "value": one.lower()} for one in ("Objection", "Pain point", "Praise")]
    return {
        "type": "modal",
        "callback_id": "quote",
        "title": plain("Log what you heard"),
        "submit": plain("Save"),
        "blocks": [
            {
                "type": "input",
                "block_id": "words",
                "label": plain("Their words"),
                "element": {"type": "plain_text_input", "action_id": "words"},
            },
            {
                "type": "input",
                "block_id": "kind",
                "label": plain("Kind"),
                "optional": True,
                "element": {"type": "static_select", "action_id": "kind", "options": kinds},
            },
            {
                "type": "input",
                "block_id": "account",
                "label": plain("Account"),
                "optional": True,
                "element": {"type": "external_select", "action_id": "account", "min_query_length": 2},
            },
        ],
    }


class BotOfThePage:
    """The app. `saved` keeps the `state.values` of each modal it took, `actions` what was chosen in `menus()`."""

    def __init__(self, client: AsyncWebClient, signing_secret: str) -> None:
        self.client = client
        self.saved: list[Json] = []
        self.actions: list[Json] = []
        self.bolt = AsyncApp(name="page", client=client, signing_secret=signing_secret, process_before_response=True)
        self._listen()

    def _listen(self) -> None:
        app = self.bolt

        @app.command("/echo")
        async def echo(ack: Any, command: Json) -> None:
            await ack(f"You said: {command['text']}")

        @app.command("/voc")
        @app.shortcut("log")
        @app.action("open")
        async def open_form(ack: Any, body: Json) -> None:
            await self.client.views_open(trigger_id=body["trigger_id"], view=quote_form())
            await ack()

        @app.shortcut("keep")
        async def keep(ack: Any, body: Json) -> None:
            await ack()
            await self.client.chat_postEphemeral(
                channel=body["channel"]["id"], user=body["user"]["id"], text=f"Kept: {body['message']['text']}"
            )

        @app.action("step-0")
        async def claim(ack: Any, body: Json) -> None:
            await self.client.chat_update(
                channel=body["channel"]["id"],
                ts=body["message"]["ts"],
                text="claimed",
                blocks=lead_card(f"Claimed by <@{body['user']['id']}>", "Release"),
            )
            await ack()

        @app.action("themes")
        @app.action("flags")
        @app.action("more")
        @app.action("drop")
        async def noted(ack: Any, action: Json) -> None:
            self.actions.append(action)
            await ack()

        @app.options("account")
        async def accounts(ack: Any, body: Json) -> None:
            names = ("Northwind Traders", "Contoso", "Fabrikam")
            found = [{"text": plain(one), "value": one} for one in names if body["value"].lower() in one.lower()]
            await ack(options=found)

        @app.view("quote")
        async def save(ack: Any, view: Json) -> None:
            values = view["state"]["values"]
            if len(values["words"]["words"]["value"]) < 5:
                await ack(response_action="errors", errors={"words": "Please write a whole sentence."})
                return
            self.saved.append(values)
            await ack()

        @app.event("app_home_opened")
        async def home(event: Json) -> None:
            button = {"type": "button", "text": plain("Log a quote"), "action_id": "open"}
            blocks = [section(f"Welcome, <@{event['user']}>"), {"type": "actions", "elements": [button]}]
            await self.client.views_publish(user_id=event["user"], view={"type": "home", "blocks": blocks})
