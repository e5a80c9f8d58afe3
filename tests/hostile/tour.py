"""The tour: every command, and every button of what they show, as an admin would use them."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterator
from random import Random

from handlers.catalog import all_listeners
from handlers.listeners import Kind
from playground.blocks import interactive_elements, leaf_blocks
from playground.records import Json
from tests.hostile.asked import URL, Asked, Seen
from tests.hostile.bodies import Bodies
from tests.hostile.door import Door, parsed

SLIP = "too dear #northwind-prices-0 @northwindd vs Rivalsofft"
CARD = "they pay by 4111 1111 1111 1111"
NAMES = ("#northwind-price-0", "#northwind-pricess-0", "!rivalsof")
PERSON = "person northwind0@northwind.example"
WORDS = ("", PERSON, "Newcomer", "northwind buyer 0", "northwind", "northwind 0", SLIP, CARD, *NAMES)

FIRST = ("lead.contacted", "news.no_help", "lead.reassign", "decline.dispute", "setup.write_back")
"""What goes once it, or something beside it, is used: the first of each is used before all others, which shows what
follows there."""

SAVED: Json = {
    "lead.outcome_form": {
        "kind": {"lead.outcome_kind": {"type": "static_select", "selected_option": {"value": "won"}}},
    },
}
"""Forms whose receipt shows what is shown nowhere else, with what is filled in: each is saved when it was seen."""


async def tour(door: Door, bodies: Bodies, quiet: Callable[[], Awaitable[None]]) -> None:
    """Use everything once, so that `bodies.seen` knows what buttons and forms look like."""
    seen, asked, clicked, picked = bodies.seen, list(_first(bodies)), set[tuple[str, str]](), set[str]()
    dice = Random(4)
    for _ in range(6):
        for one in asked:
            answer = parsed(await door.send(one))
            if isinstance(answer, dict):
                seen.note_blocks(answer.get("blocks"))
                seen.note_view(answer.get("view"))
            await _pick(door, bodies, picked)
        await quiet()
        asked = []
        for base, known in sorted(seen.elements.items()):
            for key, element in sorted(known.items()):
                if (base, key) not in clicked:
                    clicked.add((base, key))
                    menu = element.get("options", ()) if element.get("type") == "overflow" else ()
                    if base == "lead.reassign":  # to one of them it can be given: the other has it
                        menu = [{"value": bodies.company.users[rep]} for rep in ("ana", "bo")]
                    for choice in [{"options": [one]} for one in menu] or [{}]:
                        for where in ("message", "modal"):
                            body = bodies.action_body(bodies.clicked(element | choice), "mia", where, None)
                            asked.append(Asked("action", base, "payload", body))
        # In no order: of several leads some are opened before they are settled.
        dice.shuffle(asked)
        for name in FIRST:
            named = [one for one in asked if one.name == name]
            named.sort(key=lambda one: one.body["container"]["type"] != "message")
            for first in named[:2]:
                asked.remove(first)
                asked.insert(0, first)
        if not asked:
            return


async def _pick(door: Door, bodies: Bodies, picked: set[str]) -> None:
    """Pick something in every menu of a form when it has just opened: some forms grow by that."""
    for name, view in list(bodies.seen.views.items()):
        if name in picked:
            continue
        picked.add(name)
        for block in leaf_blocks(view.get("blocks") or []):
            for element in interactive_elements(block):
                if "select" in str(element.get("type")):
                    shown = bodies.clicked({**element, "block_id": block.get("block_id", "b")})
                    body = bodies.action_body(shown, "mia", "modal", name)
                    base = str(element.get("action_id")).partition(":")[0]
                    await door.send(Asked("action", base, "payload", body))
        if name in SAVED:
            # Where it was opened from a modal, a receipt has no place to go.
            remembered = json.loads(view["private_metadata"]) | {"response_url": URL}
            filled = bodies.submission_body(
                name, {**view, "private_metadata": json.dumps(remembered, separators=(",", ":"))}, SAVED[name], "mia"
            )
            await door.send(Asked("submission", name, "payload", filled))


def _first(bodies: Bodies) -> Iterator[Asked]:
    for listener in all_listeners():
        name = listener.name
        if listener.kind is Kind.COMMAND:
            for word in WORDS:
                body = bodies.command_body(name, f"{listener.word or ''} {word}".strip(), "mia")
                yield Asked("command", name, "command", body)
        elif listener.kind in (Kind.SHORTCUT, Kind.MESSAGE_SHORTCUT):
            body = bodies.other_body(listener.kind, name, "mia", "too dear")
            yield Asked("shortcut", name, "payload", body)
        elif name == "app_home_opened":
            for who in ("mia", "mona", "max", "ana"):
                yield Asked("event", name, "json", bodies.event_body(name, who), by=who)


def unmet(seen: Seen) -> Iterator[str]:
    """Which declared buttons and forms were not seen: they are asked with shapes that are guessed."""
    for listener in all_listeners():
        if listener.kind is Kind.ACTION and listener.name not in seen.elements:
            yield f"action {listener.name}"
        if listener.kind is Kind.SUBMISSION and listener.name not in seen.views:
            yield f"form {listener.name}"
