"""Requests made by Hypothesis from the listeners' declarations and from what was seen of them."""

from __future__ import annotations

import copy
import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from handlers.listeners import Kind, Listener
from playground.blocks import leaf_blocks
from tests.hostile.asked import CHANNEL, GONE, UNIQUE, URL, Asked, Json, paths_in, put
from tests.hostile.bodies import Bodies
from tests.hostile.company import ELSEWHERE
from tests.hostile.words import BAIT, mostly, texts, values

IDS = ("0", "1", "2", "3", "5", "8", "13", "21", "40", "-1", "999999", "2147483648", "9223372036854775808", "9" * 40)
JUNK = (
    b"",
    b"{",
    b"[]",
    b"null",
    b"\xff\xfe\x00",
    b"payload=",
    b"payload=null",
    b"payload=[]",
    b'payload={"type":"block_actions"}',
    b"payload=%7B%22type%22",
    b"payload=" + b"[" * 100_000,
    b'{"type":"event_callback"}',
    b'{"type":"event_callback","event":[]}',
    b"&" * 5_000,
    b"a=1&" * 5_000,
    b"command=%2Fvoc",
    b"command=%2Fvoc&payload=%7B%7D",
    b"command=/voc&command=/lead&text=a&text=b",
    b"ssl_check=1",
    b"x" * 1_000_001,
    b'{"a":' * 90_000,
    b"%00=%00",
    b"command=%2Fvoc&text=%FF%ED%A0%80&team_id=%00&user_id=%00&trigger_id=%00",
)
TYPES = (
    "application/x-www-form-urlencoded",
    "application/json",
    "application/json; charset=utf-16",
    "multipart/form-data; boundary=x",
    "text/plain",
    "",
    "json" * 500,
)


class Strategies:
    """How to make requests against these listeners. Where nothing was seen of one, its shape is guessed."""

    def __init__(self, listeners: Sequence[Listener], bodies: Bodies) -> None:
        self.bodies = bodies
        self.seen = bodies.seen
        self.company = bodies.company
        self.team_id = bodies.team_id
        self.names = [one for one in self.company.users if not one.startswith("tandem")]
        self.of_kind = {kind: [one for one in listeners if one.kind is kind] for kind in Kind}

    def any(self) -> st.SearchStrategy[Asked]:
        """Any request, spoilt in up to three places every other time."""
        weights = {
            self.command: 5,
            self.action: 6,
            self.submission: 6,
            self.others: 3,
            self.webhook: 3,
            self.raw: 1,
        }
        whole = [made() for made, weight in weights.items() for _ in range(weight)]
        return st.one_of(whole)

    def people(self) -> st.SearchStrategy[str]:
        return st.sampled_from(["mia", "mia", "mia", *self.names])

    def command(self) -> st.SearchStrategy[Asked]:
        @st.composite
        def make(draw: st.DrawFn) -> Asked:
            listener = draw(st.sampled_from(self.of_kind[Kind.COMMAND]))
            by = draw(self.people())
            word = draw(st.sampled_from([listener.word or "", listener.word or "", "", "nonsense"]))
            text = f"{word} {draw(texts())}".strip(" ")
            body = self.bodies.command_body(listener.name, text, by)
            return self._spoilt(
                draw, Asked("command", f"{listener.name} {listener.word or ''}".strip(), "command", body, by)
            )

        return make()

    def action(self) -> st.SearchStrategy[Asked]:
        @st.composite
        def make(draw: st.DrawFn) -> Asked:
            listener = draw(st.sampled_from(self.of_kind[Kind.ACTION]))
            by = draw(self.people())
            known = [one for _, one in sorted(self.seen.elements.get(listener.name, {}).items())]
            element = dict(draw(st.sampled_from(known))) if known else {"type": "button", "block_id": "b:1"}
            element["action_id"] = draw(st.sampled_from([element.get("action_id", listener.name), listener.name]))
            action = self.bodies.clicked(element)
            twist = draw(st.integers(0, 7))
            if twist < 3:
                action["block_id"] = f"{str(action['block_id']).partition(':')[0]}:{draw(st.sampled_from(IDS))}"
            elif twist == 3:
                action["value"] = draw(st.one_of(st.sampled_from(IDS), texts()))
            elif twist == 4:
                action["selected_option"] = {"value": draw(st.one_of(st.sampled_from(IDS), texts()))}
            elif twist == 5:
                action["selected_user"] = draw(self._users())
            where = draw(st.sampled_from(["message", "modal", "home"]))
            body = self.bodies.action_body(action, by, where, draw(st.sampled_from([None, *sorted(self.seen.views)])))
            if where != "message":
                body["view"]["private_metadata"] = draw(self._context(body["view"]["private_metadata"]))
            return self._spoilt(draw, Asked("action", listener.name, "payload", body, by))

        return make()

    def submission(self) -> st.SearchStrategy[Asked]:
        @st.composite
        def make(draw: st.DrawFn) -> Asked:
            listener = draw(st.sampled_from(self.of_kind[Kind.SUBMISSION]))
            by = draw(self.people())
            view = copy.deepcopy(self.seen.views.get(listener.name, {"type": "modal", "blocks": []}))
            state: Json = {}
            for block in leaf_blocks(view.get("blocks", [])):
                if block.get("type") == "input" and draw(st.integers(0, 9)):
                    element = block["element"]
                    state[block["block_id"]] = {element["action_id"]: draw(self._typed(element))}
            body = self.bodies.submission_body(listener.name, view, state, by)
            body["view"]["private_metadata"] = draw(self._context(str(view.get("private_metadata", "{}"))))
            return self._spoilt(draw, Asked("submission", listener.name, "payload", body, by))

        return make()

    def others(self) -> st.SearchStrategy[Asked]:
        """Shortcuts, menus that ask for options, closed modals, events."""

        @st.composite
        def make(draw: st.DrawFn) -> Asked:
            kind = draw(st.sampled_from([Kind.SHORTCUT, Kind.MESSAGE_SHORTCUT, Kind.OPTIONS, Kind.CLOSED, Kind.EVENT]))
            by = draw(self.people())
            declared = self.of_kind[kind]
            name = draw(st.sampled_from([one.name for one in declared])) if declared else "unknown"
            if kind is Kind.EVENT:
                event = self.bodies.event_body(draw(st.sampled_from([name, name, "message", "unheard_of"])), by)
                if draw(st.booleans()):
                    event["event"]["user"] = copy.deepcopy(draw(st.one_of(self._profile(), values())))
                return self._spoilt(draw, Asked("event", name, "json", event, by))
            body = self.bodies.other_body(kind, name, by, draw(texts()))
            return self._spoilt(draw, Asked(str(kind), name, "payload", body, by))

        return make()

    def webhook(self) -> st.SearchStrategy[Asked]:
        senders = ["website", "crm"] * 4 + ["asleep", "nobody", "..%2f", "\0", "x" * 300]
        fields = ("id", "name", "first_name", "email", "phone", "company", "asked", "score", "tier", "team", "touches")

        @st.composite
        def make(draw: st.DrawFn) -> Asked:
            sender = draw(st.sampled_from(senders))
            lead: Json = {"name": f"Lee {UNIQUE}", "email": f"lee{UNIQUE}@example.com", "tier": "cool"}
            for name in draw(st.lists(st.sampled_from(fields), max_size=3)):
                lead[name] = copy.deepcopy(draw(mostly(texts(), values(), 4)))
            if draw(st.integers(0, 5)) == 0:
                lead = {"type": "lead.created", "data": lead}
            asked = Asked("webhook", sender[:20], "json", lead, sender=sender, odd=sender not in ("website", "crm"))
            return self._spoilt(draw, asked)

        return make()

    def raw(self) -> st.SearchStrategy[Asked]:
        @st.composite
        def make(draw: st.DrawFn) -> Asked:
            body = draw(st.one_of(st.sampled_from(JUNK), st.sampled_from(JUNK), st.binary(max_size=60)))
            to = draw(st.sampled_from(["", "", "website", "crm"]))
            content_type = draw(st.sampled_from(TYPES))
            return Asked("junk", to or "slack", "raw", body, sender=to, content_type=content_type, odd=True)

        return make()

    # Pieces.

    def _users(self) -> st.SearchStrategy[str]:
        known = [*self.company.users.values(), BAIT, "U0ELSEANA", "USLACKBOT", "\0", ""]
        return st.sampled_from(known)

    def _typed(self, element: Json) -> st.SearchStrategy[Json]:
        """What a person could have put into a field, and what no person could."""
        kind = str(element.get("type"))
        offered = [one["value"] for one in element.get("options", ())]
        picks = st.one_of(st.sampled_from([*offered, *offered, *IDS, "-"]), texts())
        option = st.builds(lambda value: {"value": value}, picks)
        key = {
            "plain_text_input": ("value", texts()),
            "static_select": ("selected_option", option),
            "external_select": ("selected_option", option),
            "radio_buttons": ("selected_option", option),
            "checkboxes": ("selected_options", st.lists(option, max_size=3)),
            "users_select": ("selected_user", self._users()),
            "multi_users_select": ("selected_users", st.lists(self._users(), max_size=4)),
            "conversations_select": ("selected_conversation", st.sampled_from([CHANNEL, "C0NOWHERE00", "\0"])),
            "multi_conversations_select": (
                "selected_conversations",
                st.lists(st.sampled_from([CHANNEL, "C0NOWHERE00", "\0", "none"]), max_size=4),
            ),
            "channels_select": ("selected_channel", st.sampled_from([CHANNEL, "C0NOWHERE00", "\0"])),
            "timepicker": ("selected_time", st.sampled_from(["09:30", "99:99", "²:²", ":", "9"])),
            "file_input": (
                "files",
                st.lists(
                    st.builds(
                        lambda file, name: {"id": file, "name": name},
                        st.sampled_from(["F0NOWHERE00", "f", "\0", "../F1", "F" * 99, ""]),
                        texts(),
                    ),
                    max_size=3,
                ),
            ),
            "datepicker": ("selected_date", st.sampled_from(["2026-12-24", "9999-99-99", ""])),
        }.get(kind, ("value", texts()))
        fitting = st.builds(lambda value: {"type": kind, key[0]: value}, key[1])
        return mostly(fitting, st.builds(lambda value: {"type": kind, key[0]: value}, values()), 60)

    def _context(self, ours: str) -> st.SearchStrategy[str]:
        """The private_metadata as it was, with other ids, or no JSON object at all."""
        try:
            known = json.loads(ours)
        except ValueError:
            known = {}
        known = known if isinstance(known, dict) else {}
        names = sorted({*known, "item", "lead", "theme", "audience", "persona", "team", "version", "from"})

        def other(changes: list[tuple[str, Any]]) -> str:
            return json.dumps({**known, "response_url": URL, **dict(changes)})

        numbers = st.sampled_from([int(one) for one in IDS])
        change = st.tuples(st.sampled_from(names), st.one_of(numbers, numbers, values()))
        return st.one_of(
            st.just(json.dumps({**known, "response_url": URL}, separators=(",", ":"))),
            st.lists(change, min_size=1, max_size=3).map(other),
            texts(),
        )

    def _profile(self) -> st.SearchStrategy[Json]:
        return st.fixed_dictionaries(
            {"id": self._users(), "name": texts()},
            optional={
                "real_name": values(),
                "tz": values(),
                "profile": values(),
                "is_admin": values(),
                "deleted": values(),
                "team_id": st.sampled_from([self.team_id, ELSEWHERE]),
            },
        )

    def _spoilt(self, draw: st.DrawFn, asked: Asked) -> Asked:
        """The request with up to three of its values replaced or taken out."""
        if draw(st.integers(0, 2)):
            return asked
        body = copy.deepcopy(asked.body)
        for _ in range(draw(st.integers(1, 2))):
            paths = paths_in(body)
            if not paths:
                break
            put(body, draw(st.sampled_from(paths)), draw(mostly(texts(), st.one_of(st.just(GONE), values()), 1)))
        content_type = draw(st.sampled_from(["", "", "", "", *TYPES]))
        return replace(asked, body=body, content_type=content_type, doubled=draw(st.integers(0, 19)) == 0, odd=True)
