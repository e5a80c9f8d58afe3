"""What personas look like in Slack: the list, a card, the form, and what is said when names or edits collide."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from domain.marks import mark
from domain.personas import (
    FIELD_LIMIT,
    FIELD_NAMES,
    NAME_LIMIT,
    WHY_LIMIT,
    Clash,
    Draft,
    PersonaCard,
    Saved,
    Unknown,
)
from domain.text import shorten
from handlers import blocks as b
from handlers.answers import Answer, Block, CloseModal, Receipt, UpdateModal, View

HINTS = {
    "role": "Their title, and where they stand in the deal.",
    "message": "The sentence that lands with them.",
    "objections": "What they say against it.",
    "pains": "What costs them time or nerves today.",
    "goals": "What they want to reach.",
}

_LISTED = 40


def listed(personas: Sequence[PersonaCard], command: str, *, replace: bool = False) -> Receipt:
    """All personas, a line each, and a select that shows one."""
    if not personas:
        return Receipt(
            f"No personas yet. Marketing describes the first one with `{command} add NAME`.", replace=replace
        )
    lines = [_line(card) for card in personas[:_LISTED]]
    if len(personas) > _LISTED:
        lines.append(f"… and {len(personas) - _LISTED} more: search below.")
    blocks: list[Block] = [b.header("Personas")]
    blocks += [b.section("\n".join(lines[start : start + 10])) for start in range(0, len(lines), 10)]
    blocks.append(b.actions(b.external_select("persona.pick", "Show a persona"), block_id="personas"))
    return Receipt(f"{len(personas)} personas", blocks, replace)


def shown(card: PersonaCard, *, replace: bool = False) -> Receipt:
    """One persona, as a rep reads it before a call."""
    blocks: list[Block] = [b.header(card.name)]
    spoken = [(FIELD_NAMES[field], card.fields[field]) for field in FIELD_NAMES if card.fields.get(field)]
    if spoken:
        blocks.append(_labelled(spoken))
    else:
        blocks.append(b.section("Nothing is written down about this persona yet."))
    blocks.append(b.context(_provenance(card)))
    marked = mark(card.id, card.created_at)
    buttons = [b.button("All personas", "persona.list")]
    if card.may_edit:
        buttons.insert(0, b.button("Edit", "persona.edit", marked))
    blocks.append(b.actions(*buttons, block_id=f"persona:{marked}"))
    return Receipt(f"Persona {b.escape(card.name)}", blocks, replace)


def unknown(unknown: Unknown) -> Receipt:
    """No such persona: the names that come close, to pick from."""
    text = f"There is no persona called “{b.escape(shorten(unknown.typed, 80))}”."
    if unknown.nearest:
        text += f" Did you mean {' or '.join(f'*{b.escape(name)}*' for name in unknown.nearest)}?"
    pick = b.actions(b.external_select("persona.pick", "Show a persona"), block_id="personas")
    return Receipt(text, [b.section(text), pick])


def taken(card: PersonaCard) -> Receipt:
    """Somebody wants to add a persona that exists."""
    text = f"There is already a persona called *{b.escape(card.name)}*, so nothing was added."
    marked = mark(card.id, card.created_at)
    buttons = b.actions(b.button("Edit it", "persona.edit", marked), block_id=f"persona:{marked}")
    return Receipt(text, [b.section(text), buttons])


def form(draft: Draft, remembered: Mapping[str, Any], *, note: Sequence[Block] = (), round_: int = 0) -> View:
    """The form for a new persona, or, where `remembered` names one, for a new version of it.

    `round_` changes the ids of its fields: Slack keeps what stands in a field whose ids stay the same.
    """
    adding = "persona" not in remembered

    def text(initial: str, *, limit: int, multiline: bool = False) -> b.Element:
        return b.text_input(f"typed:{round_}", initial=initial, multiline=multiline, max_length=limit)

    fields: list[Block] = [b.input_block("name", "Name", text(draft.name[:NAME_LIMIT], limit=NAME_LIMIT))]
    fields += [
        b.input_block(
            field,
            label,
            text(draft.fields.get(field, ""), limit=FIELD_LIMIT, multiline=field != "role"),
            optional=True,
            hint=HINTS[field],
        )
        for field, label in FIELD_NAMES.items()
        if field != "name"
    ]
    why = text(draft.why, limit=WHY_LIMIT)
    if not adding:
        fields.append(
            b.input_block("why", "Why this changed", why, optional=True, hint="Sales reads it in the digest.")
        )
    return b.modal("persona.save", "New persona" if adding else "Edit persona", [*note, *fields], context=remembered)


def clash_form(clash: Clash, remembered: Mapping[str, Any]) -> View:
    """Somebody else saved first: what they wrote, what was typed here, and Save once more decides."""
    by = _named(clash.card.changed_by) if clash.card.changed_by else "Somebody"
    note: list[Block] = []
    if clash.contested:
        note.append(
            b.section(
                f"{by} saved this persona while your form was open, and you both changed the same fields. Yours are "
                f"below; theirs are here. Nothing of yours is saved yet: change your words, then save again."
            )
        )
        theirs = {"name": clash.card.name, **clash.card.fields}
        note.append(_labelled([(FIELD_NAMES[field], theirs.get(field) or "(empty)") for field in clash.contested]))
        note.append(b.divider())
    else:
        note.append(
            b.section(
                f"{by} saved this persona while your form was open, in other fields. Their words and yours are both "
                f"below. Nothing of yours is saved yet: read both, then save again."
            )
        )
    version = clash.card.version
    return form(clash.merged, {**remembered, "version": version}, note=note, round_=version)


def saved(remembered: Mapping[str, Any]) -> Callable[[Saved], Answer]:
    """The answer to a saved form: a receipt where the form remembers one's place, else a last view in it."""

    def answer(saved: Saved) -> Answer:
        name = f"*{b.escape(saved.card.name)}*"
        if saved.added:
            text = f"Saved. {name} is a persona now."
        elif saved.changed:
            text = f"Saved. {name}: {_and([FIELD_NAMES[field].lower() for field in saved.changed])} changed."
        else:
            text = f"Nothing was different, so {name} stays as it was."
        if remembered.get("response_url"):
            return CloseModal(Receipt(text))
        return UpdateModal(b.modal("persona.saved", "Persona", [b.section(text)], submit=None, close="Close"))

    return answer


def help_text(command: str) -> Receipt:
    """How `/persona` is used."""
    return Receipt(
        f"`{command}` lists who buys, `{command} NAME` shows one before a call.\n"
        f"Marketers and managers: `{command} add NAME`, `{command} edit NAME`. What changes stands in the digest "
        f"for sales, with your reason."
    )


def _line(card: PersonaCard) -> str:
    role = card.fields.get("role", "")
    about = f" · {b.escape(shorten(' '.join(role.split()), 60))}" if role else ""
    return f"*{b.escape(card.name)}*{about}"


def _provenance(card: PersonaCard) -> str:
    by = _named(card.changed_by) if card.changed_by else "Tandem"
    when = b.date(card.changed_at, "{date_short_pretty}")
    if card.version == 1:
        return f"Added by {by}, {when}"
    what = _and([FIELD_NAMES[field].lower() for field in card.changed]) or "this"
    why = f": “{b.escape(shorten(card.why, 200))}”" if card.why else ""
    return f"{by} changed {what}, {when}{why}"


def _named(name: str) -> str:
    return b.escape(shorten(name, 60))


def _labelled(pairs: Sequence[tuple[str, str]]) -> Block:
    """Labels in bold, each with somebody's words below it, shown as they are."""
    elements: list[dict[str, Any]] = []
    for number, (label, words) in enumerate(pairs):
        gap = "\n" if number else ""
        elements.append({"type": "text", "text": f"{gap}{label}\n", "style": {"bold": True}})
        elements.append({"type": "text", "text": words})
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": elements}]}


def _and(words: Sequence[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
