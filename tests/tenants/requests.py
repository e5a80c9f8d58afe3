"""What can be asked of every listener: what its own words show, and the same with another workspace's ids in it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.marks import BORN, mark
from handlers.listeners import Kind, Listener
from playground.blocks import interactive_elements, leaf_blocks
from storage.models import Job, Member, Policy, Source, Team, WebhookEndpoint
from tests.hostile.asked import Json, Seen
from tests.hostile.bodies import Bodies
from tests.hostile.company import Company
from tests.tenants.furniture import Tenant

TYPED: Final = (
    "",
    "too dear #pricings @Globexx vs Rivalsofft",
    "person lee1@wong.example",
    "undo",
    "search pricing",
    "help pricing",
    "kind:objection",
    "pricing",
    "globex",
    "buyer",
    "rivalsoft",
    "lee",
    "story",
    "#pricing",
    "!rivalsof",
    "they pay by 4111 1111 1111 1111",
)
"""What people type: names that there are in every workspace. The first line is kept, and its names are asked about."""

LETTERS: Final = ("p", "g", "l")
"""With what people begin to type in a menu."""

FILLED: Final = {
    "name": "one-more",
    "confirm": "erase",
    "deal": "$40k",
    "email": "kim@new.example",
    "phone": "+44 20 7946 0018",
    "score": "87",
    "tier": "vip",
    "contact": "2h",
    "reassign_after": "3h",
    "claim": "1h",
    "tries": "3",
    "tries_days": "2",
    "bench_after": "2",
    "meeting_days": "5",
    "hours": "mon-fri 09:00-17:00",
    "holidays": "",
    "closed": "",
    "when": "country = DE",
    "competitors": "Rivalsoft",
    "url": "https://more.example/hooks",
    "labels": "Tier: 3 = hot",
    "key": "a-key-of-nobody",
    "secret": "a-secret-of-nobody",
    "types": "",
}
"""What people write in fields that take more than a few words, by the names of their blocks."""

_ONE_OF_MANY: Final = re.compile(r"-more-[1-9]")
_MARK: Final = re.compile(r"\b([0-9]{1,19})-([0-9a-z]{8,12})\b")
_NUMBER: Final = re.compile(r"(?<![0-9A-Za-z_.-])[0-9]{1,9}(?![0-9A-Za-z_.-])")


@dataclass(frozen=True, slots=True)
class Request:
    """One request to a listener. `text`: a command's words, or what was typed in a menu."""

    listener: Listener
    body: Json
    text: str = ""


@dataclass(slots=True)
class Names:
    """How a workspace's rows are named in payloads. `marks`: by kind, its first rows; `ids`: of those without marks."""

    marks: dict[str, list[str]] = field(default_factory=dict)
    ids: dict[str, list[int]] = field(default_factory=dict)

    def kind_of(self, name: str) -> str | None:
        """What a mark names."""
        return next((kind for kind, marks in self.marks.items() if name in marks), None)


def names_of(session: Session, tenant: Tenant) -> Names:
    """Read them."""
    found = Names()
    for kind, born in BORN.items():
        table: Any = born.class_
        rows = session.execute(select(table.id, born).where(table.workspace_id == tenant.id).order_by(table.id))
        found.marks[kind] = [mark(row[0], row[1]) for row in rows]
    for model in (Team, Member, Policy, Source, Job, WebhookEndpoint):
        rows = session.execute(select(model.id).where(model.workspace_id == tenant.id).order_by(model.id))
        found.ids[model.__tablename__] = [row[0] for row in rows]
    return found


class Requests:
    """Makes requests of one workspace's people."""

    def __init__(self, tenant: Tenant, listeners: Sequence[Listener]) -> None:
        self.tenant = tenant
        self.listeners = listeners
        self.seen = Seen()
        self.offered: dict[str, list[str]] = {}
        self.stood: dict[str, str] = {}  # in which modal an element stood: a form that grew may have been opened anew
        self.bodies = Bodies(self.seen, Company(tenant.id, 0, dict(tenant.users), ()), tenant.team_id)

    def hear(self, said: str) -> None:
        """Remember the buttons and forms in an answer or a message."""
        self._note(json.loads(said))

    def offer(self, menu: str, said: str) -> None:
        """Remember what a menu offered."""
        values = [value for _, value in json.loads(said).get("options", ())]
        self.offered[menu] = list(dict.fromkeys([*self.offered.get(menu, ()), *values]))

    def is_shown(self, listener: Listener) -> bool:
        """Whether the product itself showed the button, menu or form: nobody has to guess what it looks like."""
        if listener.kind is Kind.SUBMISSION:
            return listener.name in self.seen.views
        return listener.kind not in (Kind.ACTION, Kind.OPTIONS) or listener.name in self.seen.elements

    def _note(self, node: Any) -> None:
        if isinstance(node, dict):
            if "callback_id" in node or node.get("type") == "home":
                self.seen.note_view(node)
                self._note_where(node)
            elif isinstance(node.get("blocks"), list):
                self.seen.note_blocks(node["blocks"])
            for value in node.values():
                self._note(value)
        elif isinstance(node, list):
            for value in node:
                self._note(value)

    def _note_where(self, view: Mapping[str, Any]) -> None:
        for block in leaf_blocks(view.get("blocks", [])):
            for element in interactive_elements(block):
                self.stood[element["action_id"].partition(":")[0]] = str(view.get("callback_id", "home"))

    def of(self, listener: Listener, by: str) -> Iterator[Request]:
        """Everything that `by` can ask of a listener with what was shown so far."""
        make, name = self.bodies, listener.name
        match listener.kind:
            case Kind.COMMAND:
                for typed in ("",) if listener.alone else (*TYPED, f"{self.tenant.word} user"):
                    yield Request(listener, make.command_body(name, typed, by), typed)
            case Kind.ACTION:
                shown = self._showing(name)
                for _, element in sorted(self.seen.elements.get(name, {}).items()):
                    if _ONE_OF_MANY.search(str(element.get("value", ""))):
                        continue
                    where = "modal" if shown else "message"
                    offered = [{"value": one} for one in self.offered.get(name, ())]
                    choices = [{"options": [one]} for one in (element.get("options") or offered)[:3]]
                    for choice in choices or [{}]:
                        yield Request(listener, make.action_body(make.clicked(element | choice), by, where, shown))
            case Kind.SUBMISSION:
                if (view := self.seen.views.get(name)) is not None:
                    yield Request(listener, make.submission_body(name, view, dict(self._filled(view)), by))
            case Kind.EVENT:
                yield Request(listener, make.event_body(name, by))
            case Kind.OPTIONS:
                shown_as = {one["action_id"]: one["block_id"] for one in self.seen.elements.get(name, {}).values()}
                for action, block in sorted(shown_as.items()):
                    for typed in (*TYPED, *LETTERS):
                        body = make.other_body(listener.kind, name, by, typed)
                        yield Request(listener, body | {"action_id": action, "block_id": block}, typed)
            case _:
                yield Request(listener, make.other_body(listener.kind, name, by, "too dear #pricing"))

    def _showing(self, action: str) -> str | None:
        """A modal that this element stands in."""
        for name, view in sorted(self.seen.views.items()):
            blocks = leaf_blocks(view.get("blocks", []))
            if name != "home" and any(f'"{action}' in json.dumps(block) for block in blocks):
                return name
        stood = self.stood.get(action)
        return stood if stood in self.seen.views and stood != "home" else None

    def _filled(self, view: Mapping[str, Any]) -> Iterator[tuple[str, Json]]:
        """A form's fields, filled with what stands in them, the first choice, or a few words."""
        for block in leaf_blocks(view.get("blocks", [])):
            if block.get("type") != "input":
                continue
            element = block["element"]
            action = element["action_id"]
            offered = [{"value": one} for one in self.offered.get(action.partition(":")[0], ())]
            options = element.get("options") or offered or [None]
            value: Json = {"type": element["type"]}
            match element["type"]:
                case "plain_text_input" | "number_input" | "email_text_input" | "url_text_input":
                    usual = FILLED.get(block["block_id"].partition(":")[0], "too dear")
                    value["value"] = element.get("initial_value") or usual
                case "external_select":
                    # Another than the form is about.
                    others = [one for one in offered if str(one["value"]) not in view.get("private_metadata", "")]
                    value["selected_option"] = element.get("initial_option") or next(iter(others), options[0])
                case "static_select" | "radio_buttons":
                    value["selected_option"] = element.get("initial_option") or options[0]
                case "checkboxes":
                    value["selected_options"] = element.get("initial_options") or options[:1]
                case "multi_static_select":
                    value["selected_options"] = element.get("initial_options") or []
                case "users_select":
                    usual = "max" if block["block_id"] == "owner" else "ana"  # marketing looks after themes
                    value["selected_user"] = element.get("initial_user") or self.tenant.users[usual]
                case "multi_users_select":
                    value["selected_users"] = element.get("initial_users") or [self.tenant.users["ana"]]
                case "conversations_select" | "channels_select":
                    value["selected_conversation"] = element.get("initial_conversation") or self.tenant.sales
                case "multi_conversations_select":
                    value["selected_conversations"] = element.get("initial_conversations") or [self.tenant.sales]
                case "datepicker":
                    value["selected_date"] = element.get("initial_date")
                case "timepicker":
                    value["selected_time"] = element.get("initial_time") or "09:30"
                case "file_input":
                    value["files"] = [{"id": "F0NOBODYS", "name": "fair.csv"}]
                case kind:
                    raise AssertionError(f"nobody said how people fill a {kind}")
            yield block["block_id"], {action: value}


def swapped(request: Request, ours: Names, theirs: Names, us: Tenant, them: Tenant) -> Iterator[Request]:
    """The same request with their ids in it: their marks, bare ids of each of their rows, their people and channels.

    A menu with the bare id of a row is asked with what finds all that there is: nothing typed, and a letter.
    """
    raw = json.dumps(request.body)
    people = dict(zip(us.users.values(), them.users.values(), strict=True)) | {
        us.sales: them.sales,
        us.marketing: them.marketing,
        "{{channel}}": them.sales,
    }
    acting = {"user": request.body.get("user"), "user_id": request.body.get("user_id")}

    def foreign(text: str) -> str:
        for mine, other in people.items():
            text = text.replace(mine, other)
        return text

    def made(text: str) -> Request:
        body = json.loads(foreign(text))
        body |= {name: value for name, value in acting.items() if value is not None}
        return Request(request.listener, body, request.text)

    marked = _MARK.sub(lambda found: _theirs(found[0], ours, theirs), raw)
    yield made(marked)
    if marked != raw:
        yield made(_MARK.sub(lambda found: _theirs(found[0], ours, theirs).partition("-")[0], raw))
    if request.listener.kind is Kind.OPTIONS and request.text not in ("", *LETTERS):
        return
    if request.body != _renumbered(request.body, "0"):
        rows = [int(marks[0].partition("-")[0]) for marks in theirs.marks.values()]
        for row in sorted({*rows, *(ids[0] for ids in theirs.ids.values())}):
            yield made(json.dumps(_renumbered(request.body, str(row))))


def _theirs(name: str, ours: Names, theirs: Names) -> str:
    kind = ours.kind_of(name)
    return theirs.marks[kind][0] if kind is not None else name


ID_PLACES: Final = ("value", "block_id", "private_metadata", "action_id")


def _renumbered(node: Any, number: str, place: str = "") -> Any:
    """A payload in which every number of a row is another one."""
    if isinstance(node, dict):
        return {key: _renumbered(value, number, key) for key, value in node.items()}
    if isinstance(node, list):
        return [_renumbered(value, number, place) for value in node]
    if isinstance(node, str) and place in ID_PLACES:
        return _NUMBER.sub(number, _MARK.sub(number, node))
    return node
