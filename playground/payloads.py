"""The payloads that tell the app what a person did, in Slack's exact shapes.

Source: https://docs.slack.dev/reference/interaction-payloads and https://docs.slack.dev/interactivity/implementing-slash-commands
"""

from playground.blocks import leaf_blocks
from playground.installation import Installation
from playground.records import Channel, Json, Member, Message, View


class Payloads:
    """Builds payloads for one installation; it issues the trigger ids and response URLs that go into them."""

    def __init__(self, installation: Installation) -> None:
        self._installation = installation
        self._workspace = installation.workspace
        self._app = installation.app

    def command(self, member: Member, channel: Channel, command: str, text: str) -> Json:
        """A slash command; every value is a string, as in the form."""
        return {
            "token": self._app.verification_token,
            "team_id": self._workspace.team_id,
            "team_domain": self._workspace.domain,
            "channel_id": channel.id,
            "channel_name": self._channel_name(channel),
            "user_id": member.id,
            "user_name": member.name,
            "command": command,
            "text": text,
            "api_app_id": self._app.id,
            "is_enterprise_install": str(self._app.org_wide).lower(),
            **self._enterprise(),
            "response_url": self._installation.response_urls.issue(channel, member),
            "trigger_id": self._installation.triggers.issue(member.id),
        }

    def message_action(self, member: Member, message: Message, actions: list[Json], values: Json) -> Json:
        """`block_actions` from a message; an ephemeral message itself is not part of the payload."""
        channel = self._workspace.channels[message.channel]
        container: Json = {
            "type": "message",
            "message_ts": message.ts,
            "channel_id": channel.id,
            "is_ephemeral": message.ephemeral_to is not None,
        }
        if message.thread_ts:
            container["thread_ts"] = message.thread_ts
        payload = self._interaction("block_actions", member) | {
            "container": container,
            "trigger_id": self._installation.triggers.issue(member.id),
            "channel": self._channel(channel),
            "state": {"values": values},
            "response_url": self._installation.response_urls.issue(channel, member, message),
            "actions": actions,
        }
        return payload if message.ephemeral_to else payload | {"message": self._workspace.shown(message)}

    def view_action(self, member: Member, view: View, actions: list[Json]) -> Json:
        """`block_actions` from a modal or Home: with the view, without a response URL."""
        return self._interaction("block_actions", member) | {
            "container": {"type": "view", "view_id": view.id},
            "trigger_id": self._installation.triggers.issue(member.id, view.id),
            "view": self._installation.views.shown(view),
            "actions": actions,
        }

    def suggestion(
        self, member: Member, action_id: str, block_id: str, query: str, *, message: Message | None, view: View | None
    ) -> Json:
        """`block_suggestion`: what an external select asks while a person types."""
        payload = self._interaction("block_suggestion", member) | {
            "action_id": action_id,
            "block_id": block_id,
            "value": query,
        }
        if view is not None:
            container: Json = {"type": "view", "view_id": view.id}
            return payload | {"container": container, "view": self._installation.views.shown(view)}
        if message is None:
            raise ValueError("a suggestion is for a message or a view")
        channel = self._workspace.channels[message.channel]
        container = {
            "type": "message",
            "message_ts": message.ts,
            "channel_id": channel.id,
            "is_ephemeral": message.ephemeral_to is not None,
        }
        payload |= {"container": container, "channel": self._channel(channel)}
        return payload if message.ephemeral_to else payload | {"message": self._workspace.shown(message)}

    def view_submission(self, member: Member, view: View) -> Json:
        """`view_submission`, with a response URL for each chosen channel that asked for one."""
        return self._interaction("view_submission", member) | {
            "trigger_id": self._installation.triggers.issue(member.id, view.id),
            "view": self._installation.views.shown(view),
            "response_urls": self._view_response_urls(member, view),
        }

    def view_closed(self, member: Member, view: View, *, cleared: bool) -> Json:
        """`view_closed`; `cleared`: the whole stack went at once."""
        return self._interaction("view_closed", member) | {
            "view": self._installation.views.shown(view),
            "is_cleared": cleared,
        }

    def global_shortcut(self, member: Member, callback_id: str) -> Json:
        """`shortcut`: no channel, no response URL."""
        return self._interaction("shortcut", member) | {
            "action_ts": self._workspace.new_ts(),
            "callback_id": callback_id,
            "trigger_id": self._installation.triggers.issue(member.id),
        }

    def message_shortcut(self, member: Member, callback_id: str, message: Message) -> Json:
        """`message_action`: a shortcut used on a message."""
        channel = self._workspace.channels[message.channel]
        return self._interaction("message_action", member) | {
            "action_ts": self._workspace.new_ts(),
            "callback_id": callback_id,
            "trigger_id": self._installation.triggers.issue(member.id),
            "response_url": self._installation.response_urls.issue(channel, member, message),
            "message_ts": message.ts,
            "channel": self._channel(channel),
            "message": self._workspace.shown(message),
        }

    def _interaction(self, kind: str, member: Member) -> Json:
        """What all have; for an org-wide installation without a `team`, see
        https://github.com/slackapi/bolt-python/pull/23.
        """
        team: Json = {"id": self._workspace.team_id, "domain": self._workspace.domain, **self._enterprise()}
        return {
            "type": kind,
            "user": {
                "id": member.id,
                "username": member.name,
                "name": member.name,
                "team_id": member.home or self._workspace.team_id,
            },
            "api_app_id": self._app.id,
            "token": self._app.verification_token,
            "team": None if self._app.org_wide else team,
            "enterprise": organization.as_json() if (organization := self._workspace.organization) else None,
            "is_enterprise_install": self._app.org_wide,
        }

    def _enterprise(self) -> dict[str, str]:
        organization = self._workspace.organization
        return {"enterprise_id": organization.id, "enterprise_name": organization.name} if organization else {}

    def _channel(self, channel: Channel) -> Json:
        return {"id": channel.id, "name": self._channel_name(channel)}

    @staticmethod
    def _channel_name(channel: Channel) -> str:
        return "directmessage" if channel.is_im else "privategroup" if channel.is_private else channel.name

    def _view_response_urls(self, member: Member, view: View) -> list[Json]:
        urls: list[Json] = []
        for block in leaf_blocks(view.body["blocks"]):
            element = block.get("element", {})
            if not element.get("response_url_enabled"):
                continue
            value = view.values.get(block["block_id"], {}).get(element["action_id"], {})
            channel = self._workspace.channels.get(
                value.get("selected_channel") or value.get("selected_conversation") or ""
            )
            if channel is not None:
                urls.append(
                    {
                        "block_id": block["block_id"],
                        "action_id": element["action_id"],
                        "channel_id": channel.id,
                        "response_url": self._installation.response_urls.issue(channel, member),
                    }
                )
        return urls
