"""A tiny Bolt app with one listener for each thing a person can do, for the playground to be tried against.

`heard` keeps what arrived, so that tests can look at payloads.
"""

import asyncio
from typing import Any

from slack_bolt.app.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

Json = dict[str, Any]


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def section(text: str, **more: Any) -> Json:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}, **more}


def button(label: str, action_id: str, **more: Any) -> Json:
    return {"type": "button", "text": plain(label), "action_id": action_id, **more}


def option(text: str) -> Json:
    return {"text": plain(text), "value": text.lower()}


def card(text: str, *buttons: Json) -> list[Json]:
    row = [{"type": "actions", "block_id": "actions", "elements": list(buttons)}] if buttons else []
    return [section(text), *row]


def words_form(**more: Any) -> Json:
    words = {"type": "plain_text_input", "action_id": "words", "max_length": 20}
    reasons = {"type": "static_select", "action_id": "reason", "options": [option("Price"), option("Not a fit")]}
    accounts = {"type": "external_select", "action_id": "account", "min_query_length": 0}
    return {
        "type": "modal",
        "callback_id": "form",
        "title": plain("A form"),
        "submit": plain("Save"),
        "blocks": [
            {"type": "input", "block_id": "words", "label": plain("Your words"), "element": words},
            {"type": "input", "block_id": "reason", "label": plain("Reason"), "element": reasons, "optional": True},
            {"type": "input", "block_id": "account", "label": plain("Account"), "element": accounts, "optional": True},
            {"type": "actions", "block_id": "more", "elements": [button("More", "push"), button("Rename", "rename")]},
        ],
        **more,
    }


class TinyApp:
    """The app and what it has heard: `(kind, body)` pairs."""

    def __init__(self, client: AsyncWebClient, signing_secret: str) -> None:
        self.heard: list[tuple[str, Json]] = []
        self.deaf_for = 0.0
        self.bolt = AsyncApp(name="tiny", client=client, signing_secret=signing_secret, process_before_response=True)
        self._register_commands()
        self._register_actions()
        self._register_views()
        self._register_events()

    def bodies(self, kind: str) -> list[Json]:
        return [body for one, body in self.heard if one == kind]

    def _register_commands(self) -> None:
        app = self.bolt

        @app.command("/echo")
        async def echo(ack: Any, body: Json) -> None:
            self.heard.append(("command", body))
            await (ack(body["text"]) if body["text"] else ack())

        @app.command("/mention")
        async def mention(ack: Any, body: Json) -> None:
            self.heard.append(("command", body))
            await ack(f"you meant {body['text']}")

        @app.command("/form")
        async def form(ack: Any, body: Json, client: AsyncWebClient) -> None:
            self.heard.append(("command", body))
            await client.views_open(trigger_id=body["trigger_id"], view=words_form(notify_on_close=True))
            await ack()

        @app.command("/deaf")
        async def deaf(ack: Any) -> None:
            await asyncio.sleep(self.deaf_for)

        @app.command("/broken")
        async def broken(ack: Any) -> None:
            await ack(blocks=[{"type": "section"}], text="broken")

        @app.command("/shout")
        async def shout(ack: Any) -> None:
            await ack(text="for everyone", response_type="in_channel")

        @app.command("/later")
        async def later(ack: Any, respond: Any, body: Json) -> None:
            self.heard.append(("command", body))
            await ack()
            await respond("now")

    def _register_actions(self) -> None:
        app = self.bolt

        @app.action("claim")
        async def claim(ack: Any, body: Json, client: AsyncWebClient) -> None:
            self.heard.append(("action", body))
            await ack()
            channel, ts, user = body["channel"]["id"], body["container"]["message_ts"], body["user"]["id"]
            if any(one[1]["container"]["message_ts"] == ts for one in self.heard[:-1] if one[0] == "action"):
                undo = button("Dismiss", "dismiss")
                await client.chat_postEphemeral(
                    channel=channel, user=user, text="late", blocks=card("already claimed by *someone*", undo)
                )
                return
            await client.chat_update(channel=channel, ts=ts, text="claimed", blocks=card(f"claimed by <@{user}>"))

        @app.action("dismiss")
        async def dismiss(ack: Any, respond: Any, body: Json) -> None:
            self.heard.append(("dismiss", body))
            await ack()
            await respond(delete_original=True)

        @app.action("refine")
        async def refine(ack: Any, respond: Any) -> None:
            await ack()
            await respond(text="refined", replace_original=True)

        @app.action("snooze")
        async def snooze(ack: Any, body: Json, respond: Any) -> None:
            self.heard.append(("action", body))
            await ack()
            await respond(f"snoozed {body['actions'][0]['selected_option']['text']['text']}", replace_original=False)

        @app.action("open")
        async def open_form(ack: Any, body: Json, client: AsyncWebClient) -> None:
            await ack()
            self.heard.append(("action", body))
            await client.views_open(trigger_id=body["trigger_id"], view=words_form())

        @app.action("push")
        async def push(ack: Any, body: Json, client: AsyncWebClient) -> None:
            await ack()
            self.heard.append(("action", body))
            try:
                await client.views_push(trigger_id=body["trigger_id"], view=words_form(title=plain("Above")))
            except SlackApiError as refusal:
                self.heard.append(("refused", dict(refusal.response.data)))

        @app.action("rename")
        async def rename(ack: Any, body: Json, client: AsyncWebClient) -> None:
            await ack()
            await client.views_update(view_id=body["view"]["id"], view=words_form(title=plain("Renamed")))

        @app.options("account")
        async def accounts(ack: Any, body: Json) -> None:
            self.heard.append(("options", body))
            names = ["Globex", "Initech"]
            await ack(options=[option(one) for one in names if body["value"].lower() in one.lower()])

        @app.shortcut("keep")
        async def keep(ack: Any, body: Json, respond: Any) -> None:
            await ack()
            self.heard.append(("message_action", body))
            await respond(f"kept: {body['message']['text']}")

        @app.shortcut("new")
        async def new(ack: Any, body: Json, client: AsyncWebClient) -> None:
            await ack()
            self.heard.append(("shortcut", body))
            await client.views_open(trigger_id=body["trigger_id"], view=words_form())

    def _register_views(self) -> None:
        app = self.bolt

        @app.view("form")
        async def submitted(ack: Any, body: Json) -> None:
            self.heard.append(("view_submission", body))
            words = body["view"]["state"]["values"]["words"]["words"]["value"]
            match words:
                case "bad":
                    await ack(response_action="errors", errors={"words": "not these words"})
                case "next":
                    await ack(response_action="push", view=words_form(title=plain("Next")))
                case "other":
                    await ack(response_action="update", view=words_form(title=plain("Other")))
                case "nonsense":
                    await ack(response_action="errors", errors={"nowhere": "no such block"})
                case "done":
                    await ack(response_action="clear")
                case _:
                    await ack()

        @app.view_closed("form")
        async def closed(ack: Any, body: Json) -> None:
            self.heard.append(("view_closed", body))
            await ack()

    def _register_events(self) -> None:
        app = self.bolt

        @app.event("app_home_opened")
        async def home(event: Json, client: AsyncWebClient) -> None:
            self.heard.append(("app_home_opened", event))
            blocks = [section(f"Hello <@{event['user']}>"), {"type": "divider"}, *card("more", button("Open", "open"))]
            await client.views_publish(user_id=event["user"], view={"type": "home", "blocks": blocks})

        for name in ("message", "app_mention", "member_joined_channel", "team_join", "file_shared", "app_uninstalled"):

            @app.event(name)
            async def heard(body: Json) -> None:
                self.heard.append((body["event"]["type"], body))
