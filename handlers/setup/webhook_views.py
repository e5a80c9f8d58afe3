"""The systems that changes are sent to: their list, the form of one, and the secret, the one time it is shown."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from domain.text import shorten
from domain.webhooks.endpoints import Endpoint
from domain.webhooks.events import wants
from handlers import blocks as b
from handlers.answers import Block, View
from handlers.setup.growing import rows
from handlers.setup.views import FIND, Context, back, code
from handlers.words import counted, span, trouble_words

GROUPS: Final = (
    ("lead", "Leads: received, claimed, contacted, overdue …"),
    ("voc.item", "What customers say: logged, edited, undone …"),
    ("voc.theme", "Themes: new, answered, status, merged …"),
    ("voc.answer", "Answers: used, helped, did not help"),
    ("voc.account", "Accounts: merged, renamed"),
    ("voc.competitor", "Competitors: merged, renamed"),
)
"""What a form offers: the beginning of types, and what it is about."""

NEW: Final = "newhook"
"""What a button names that shows the form for one more."""

PAUSED: Final = {
    "admin": "paused",
    "failing": "paused, since it failed for days",
    "gone": "paused, since it says that it is gone for good",
}


def webhooks_list(endpoints: Sequence[Endpoint], at: datetime, remembered: Context, note: str = "") -> View:
    """All endpoints. `note`: what was just done."""
    entries = [(_summary(one, at), f"webhook:{one.id}", f"setup.webhook.{one.id}") for one in endpoints]
    blocks = [*_note(note), back(), *rows(entries, f"{FIND}:webhook", "Find an endpoint")]
    if not entries:
        blocks.append(
            b.section(
                "Changes go to no other system yet. Give an address, and Tandem posts each change of a lead, and what "
                "customers say, there: signed, in order, and again when it fails."
            )
        )
    add = b.button("Add an endpoint", "setup.go:newwebhook", NEW, style=None if entries else "primary")
    blocks.append(b.actions(add, block_id="setup.add"))
    return b.modal("setup.webhooks", "Webhooks", blocks, submit=None, close="Close", context=remembered)


def webhook_form(endpoint: Endpoint | None, at: datetime, remembered: Context, note: str = "") -> View:
    """An endpoint, with how it stands and what can be done about it; None: a new one."""
    mine = f"of:{endpoint.id}" if endpoint is not None else "of:new"
    blocks: list[Block] = [*_note(note), back("All webhooks", "webhooks")]
    if endpoint is not None:
        blocks += [b.section(_state(endpoint, at)), _switches(endpoint), b.divider()]
    events = endpoint.events if endpoint is not None else ("lead", "voc")
    ticked = [b.option(words, group) for group, words in GROUPS if wants(events, group)]
    single = [one for one in events if not any(wants((group,), one) for group, _ in GROUPS) and one != "voc"]
    single += [one for one in events if any(one.startswith(f"{group}.") for group, _ in GROUPS)]
    blocks += [
        b.input_block(
            "url",
            "Address",
            b.text_input(
                mine,
                initial=endpoint.url if endpoint is not None else None,
                placeholder="https://example.com/tandem",
                max_length=1_000,
            ),
            hint="Where events are posted to. It answers within 10 seconds, and anything but 2xx is a failure.",
        ),
        b.input_block(
            "groups",
            "Events",
            b.checkboxes(mine, [b.option(words, group) for group, words in GROUPS], initial=ticked),
            optional=True,
        ),
        b.input_block(
            "types",
            "Single events",
            b.text_input(
                mine,
                initial=" ".join(dict.fromkeys(single)),
                placeholder="lead.claimed voc.theme.merged",
                max_length=1_000,
            ),
            optional=True,
            hint="Instead of all of a kind: their types, with blanks between them.",
        ),
    ]
    if endpoint is None:
        return b.modal("setup.webhook", "New webhook", blocks, submit="Make secret", context=remembered)
    context = {**remembered, "webhook": str(endpoint.id), "version": endpoint.version}
    return b.modal("setup.change_webhook", shorten(endpoint.host, 24), blocks, context=context)


def webhook_secret(endpoint: Endpoint, secret: str, remembered: Context, *, renewed: bool) -> View:
    """The only time that a secret is readable."""
    signs = "For a day each event is signed with the old secret, too, so that nothing is refused meanwhile."
    blocks = [
        b.section("*Copy this secret now.* Tandem shows the secret only this once. If it is lost, make a new one."),
        code(secret),
        b.section(
            f"Events go to {b.escape(endpoint.host)}, signed as Standard Webhooks says. {signs if renewed else ''}"
        ),
        b.context("docs/webhooks.md shows how a receiver checks the signature in a few lines."),
        b.actions(b.button("Open the endpoint", "setup.go:webhook", f"webhook:{endpoint.id}"), block_id="setup.back"),
    ]
    return b.modal(
        "setup.webhook_secret", shorten(endpoint.host, 24), blocks, submit=None, close="Done", context=remembered
    )


def _note(note: str) -> list[Block]:
    return [b.section(f":white_check_mark: {note}"), b.divider()] if note else []


def _summary(one: Endpoint, at: datetime) -> str:
    state = f" · {PAUSED.get(one.paused_why or '', 'paused')}" if one.state == "paused" else ""
    return f"*{b.escape(one.host)}*{state}\n{' · '.join(_facts(one, at))}"


def _state(one: Endpoint, at: datetime) -> str:
    paused = PAUSED.get(one.paused_why or "", "paused")
    state = f"This endpoint is *{paused}*. What happens is kept for 30 days." if one.state == "paused" else "Active."
    lines = [state, *_facts(one, at)]
    if one.old_signs_until is not None:
        lines.append(f"The old secret signs, too, until {_when(one.old_signs_until)}.")
    return "\n".join(lines)


def _facts(one: Endpoint, at: datetime) -> list[str]:
    facts = []
    if one.failing_since is not None:
        facts.append(f":warning: Has failed for {span(at - one.failing_since)}: {trouble_words(one.last_error)}")
    if one.succeeded_at is not None:
        facts.append(f"Last delivered {span(at - one.succeeded_at)} ago")
    elif one.failing_since is None:
        facts.append("Nothing was delivered yet")
    if one.waiting.waiting:
        facts.append(f"{counted(one.waiting.waiting, 'event')} waiting")
    if one.waiting.dead:
        facts.append(f":warning: {counted(one.waiting.dead, 'event')} given up")
    return facts


def _switches(one: Endpoint) -> Block:
    renew = b.confirm(
        "Make a new secret?",
        "Each event is signed with both secrets for a day. Give the receiver the new one in that time.",
        "Make it",
    )
    remove = b.confirm(
        "Remove this endpoint?",
        f"Nothing more is sent to {one.host}, and what waits is forgotten. To stop it for a while, pause it.",
        "Remove",
    )
    number = str(one.id)
    buttons = []
    if one.state == "active":
        buttons += [
            b.button("Send a test event", "setup.test_webhook", number),
            b.button("Pause", "setup.pause_webhook", number),
        ]
        if one.waiting.dead:
            buttons.insert(0, b.button("Send again what was given up", "setup.replay_webhook", number, style="primary"))
    else:
        buttons.append(b.button("Resume", "setup.resume_webhook", number, style="primary"))
    buttons += [
        b.button("New secret", "setup.renew_webhook", number, confirm=renew),
        b.button("Remove", "setup.remove_webhook", number, style="danger", confirm=remove),
    ]
    return b.actions(*buttons, block_id="setup.switches")


def _when(at: datetime) -> str:
    """For each reader in their own time."""
    return f"<!date^{int(at.timestamp())}^{{date_short_pretty}} at {{time}}|{at:%Y-%m-%d %H:%M} UTC>"
