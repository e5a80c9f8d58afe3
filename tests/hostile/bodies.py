"""Bodies as Slack sends them when people use what the program has shown."""

from __future__ import annotations

from handlers.listeners import Kind
from tests.hostile.asked import CHANNEL, TRIGGER, UNIQUE, URL, Json, Seen
from tests.hostile.company import Company
from tests.hostile.words import BAIT

CHANNEL_TYPES = {"message.im": "im", "message.channels": "channel", "message.groups": "group"}


class Bodies:
    """Makes bodies for the people of one company; `seen`: the modals that clicks and submissions come from."""

    def __init__(self, seen: Seen, company: Company, team_id: str) -> None:
        self.seen = seen
        self.company = company
        self.team_id = team_id

    def command_body(self, name: str, text: str, by: str) -> Json:
        return {
            "command": f"/{name}",
            "text": text,
            "team_id": self.team_id,
            "team_domain": "northwind",
            "channel_id": CHANNEL,
            "channel_name": "leads",
            "user_id": self.company.users[by],
            "user_name": by,
            "api_app_id": "A0PLAYGRND1",
            "is_enterprise_install": "false",
            "response_url": URL,
            "trigger_id": TRIGGER,
        }

    def action_body(self, action: Json, by: str, where: str, view_name: str | None) -> Json:
        body = self._interaction("block_actions", by) | {"actions": [action], "state": {"values": {}}}
        if where == "message":
            return body | {
                "container": {"type": "message", "message_ts": "1.1", "channel_id": CHANNEL},
                "channel": {"id": CHANNEL, "name": "leads"},
                "message": {"ts": "1.1", "text": "x", "user": "U0PLAYGRBOT"},
                "response_url": URL,
            }
        shown = self.seen.views.get(view_name or "", {"blocks": [], "private_metadata": "{}"})
        return body | {"container": {"type": "view"}, "view": self.view(shown, {}) | {"type": where}}

    def submission_body(self, callback_id: str, view: Json, state: Json, by: str) -> Json:
        return self._interaction("view_submission", by) | {
            "view": self.view(view, state) | {"callback_id": callback_id},
            "response_urls": [],
        }

    def other_body(self, kind: Kind, name: str, by: str, text: str) -> Json:
        if kind is Kind.SHORTCUT:
            return self._interaction("shortcut", by) | {"callback_id": name, "action_ts": "1.2"}
        if kind is Kind.MESSAGE_SHORTCUT:
            return self._interaction("message_action", by) | {
                "callback_id": name,
                "action_ts": "1.2",
                "message_ts": "1.1",
                "channel": {"id": CHANNEL, "name": "leads"},
                "message": {"ts": "1.1", "type": "message", "user": BAIT, "text": text},
                "response_url": URL,
            }
        view = self.view({"blocks": [], "private_metadata": '{"item": 1}'}, {})
        if kind is Kind.CLOSED:
            return self._interaction("view_closed", by) | {"view": view, "is_cleared": True}
        shown = next(iter(self.seen.elements.get(name.partition(":")[0], {}).values()), {})
        return self._interaction("block_suggestion", by) | {
            "action_id": name,
            "block_id": shown.get("block_id", "b"),
            "value": text,
            "view": view,
            "container": {"type": "view"},
        }

    def event_body(self, name: str, by: str) -> Json:
        event: Json = {"type": name, "user": self.company.users[by], "tab": "home", "event_ts": "1.1"}
        if name in ("team_join", "user_change"):
            event["user"] = {"id": self.company.users[by], "name": by, "real_name": by, "tz": "Europe/Madrid"}
        if name.startswith("message."):
            said = {"text": "Globex says it is far too expensive for them", "channel": CHANNEL, "ts": f"1.{UNIQUE}"}
            event |= said | {"type": "message", "channel_type": CHANNEL_TYPES[name]}
        if name == "function_executed":
            event |= {"function": {"callback_id": "log_customer_voice"}, "function_execution_id": f"Fx{UNIQUE}"}
            event["inputs"] = {"who": self.company.users[by], "said": "too dear next to Rivalsoft", "theme": "pricing"}
        if name == "tokens_revoked":
            event["tokens"] = {"oauth": ["U1"], "bot": []}
        return {
            "type": "event_callback",
            "event_id": f"Ev{UNIQUE}",
            "event_time": 1,
            "team_id": self.team_id,
            "api_app_id": "A0PLAYGRND1",
            "authorizations": [{"team_id": self.team_id, "user_id": "U0PLAYGRBOT", "is_bot": True}],
            "event": event,
        }

    def clicked(self, element: Json) -> Json:
        """The action that Slack reports for an element, its first option picked."""
        action = {key: element[key] for key in ("type", "action_id", "block_id", "value") if key in element} | {
            "action_ts": f"1.{UNIQUE}"
        }
        action.setdefault("block_id", "b:1")
        options = element.get("options") or [{"value": "1"}]
        match element.get("type"):
            case "static_select" | "external_select" | "overflow" | "radio_buttons":
                action["selected_option"] = options[0]
            case "feedback_buttons":
                action["value"] = element["positive_button"]["value"]
            case "users_select":
                action["selected_user"] = self.company.users["bo"]
            case "channels_select" | "conversations_select":
                action["selected_channel"] = CHANNEL
            case _:
                pass
        return action

    def _interaction(self, kind: str, by: str) -> Json:
        return {
            "type": kind,
            "user": {"id": self.company.users[by], "username": by, "name": by, "team_id": self.team_id},
            "api_app_id": "A0PLAYGRND1",
            "team": {"id": self.team_id, "domain": "northwind"},
            "enterprise": None,
            "is_enterprise_install": False,
            "trigger_id": TRIGGER,
        }

    def view(self, shown: Json, state: Json) -> Json:
        return {
            "id": f"V{UNIQUE}",
            "hash": f"1.{UNIQUE}",
            "type": shown.get("type", "modal"),
            "callback_id": shown.get("callback_id", ""),
            "private_metadata": shown.get("private_metadata", "{}"),
            "state": {"values": state},
            "app_installed_team_id": self.team_id,
        }
