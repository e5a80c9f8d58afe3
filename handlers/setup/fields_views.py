"""The form in which an admin picks which of what a source sends is which field of a lead.

Under each field stands how the last payload reads with what is picked, so the form is its own preview.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from domain.leads.mapping import FIELDS, Path, SourceMapping, path_id, path_words, written_labels
from domain.source_fields import BY_ITSELF, FieldsChange, SourceFields
from domain.source_health import SAMPLE_KEPT, Sample
from domain.text import shorten
from handlers import blocks as b
from handlers.answers import Block, View
from handlers.setup.growing import OPTIONS_SHOWN, lines_input, matching
from handlers.setup.views import Context, back

FIELDS_FORM: Final = "setup.fields_form"
PICK_FIELD: Final = "setup.field"
SHOW_FIELDS: Final = "setup.fields"
PUT_BACK: Final = "setup.fields_back"
FOUND_BY_ITSELF: Final = "Found automatically"
LABELS_HINT: Final = "One on each line, for values that are ids: the field, the value, what it means."


def fields_form(
    fields: SourceFields, remembered: Context, picked: SourceMapping | None = None, *, saved: bool = False
) -> View:
    """`picked`: what is picked in the form and not saved yet; None: what is saved."""
    mapping = picked if picked is not None else fields.mapping
    blocks: list[Block] = [back(shorten(fields.name, 40), f"source:{fields.name}")]
    if saved:
        blocks.append(b.section(":white_check_mark: *Saved.* The next lead of this source is read like this."))
    blocks.append(_about(fields))
    # Slack keeps what was picked under the same ids; once it is saved or put back, they are others.
    mine = f"{fields.name}.{fields.version}"
    for name, label in FIELDS.items():
        initial = _option(mapping.fields.get(name), fields.sample)
        menu = b.external_select(f"{PICK_FIELD}:{mine}.{name}", "Pick what was sent", initial=initial)
        hint = reads_as(name, mapping, fields.sample)
        blocks.append({**b.input_block(f"field.{name}", label, menu, hint=hint), "dispatch_action": True})
    blocks += lines_input(
        "labels",
        "What values mean",
        written_labels(mapping),
        hint=LABELS_HINT,
        placeholder="Tier: 3 = hot",
        action_id=f"of:{mine}",
    )
    blocks += _history(fields, saved=saved)
    context = {**remembered, "source": fields.name, "version": fields.version}
    return b.modal(FIELDS_FORM, "Which field is what", blocks, context=context)


def field_options(fields: SourceFields, typed: str) -> list[tuple[str, str]]:
    """What can be picked, (label, value): that the field is found by itself, then whatever was sent."""
    shown = {one.path: one.shown for one in fields.sample.fields} if fields.sample is not None else {}
    choices = [(_label(path, shown), name) for name, path in fields.paths().items()]
    return matching([(FOUND_BY_ITSELF, BY_ITSELF), *choices], typed)[:OPTIONS_SHOWN]


def reads_as(name: str, mapping: SourceMapping, sample: Sample | None) -> str | None:
    """How the last payload reads in this field, masked. None: there is no payload to tell by."""
    if sample is None:
        return None
    path = mapping.fields.get(name)
    shown = {one.path: one.shown for one in sample.fields}
    usual = dict(sample.read).get(name)
    if path is not None and not shown.get(path):
        otherwise = f"Found automatically: {usual}" if usual else "Nothing was found automatically."
        return f"This was not in the last payload. {otherwise}"
    text = shown[path] if path is not None else usual
    if not text:
        return "Not found in the last payload." if name not in ("first_name", "last_name") else None
    meant = mapping.labels.get(name, {}).get(text)
    kind = _wrong_kind(name, meant or text) if path is not None else None
    if kind is not None:
        otherwise = f"Found automatically: {usual}" if usual else "It would stay empty."
        return f"{text} is no {kind}. {otherwise}"
    return f"Reads: {text} → {meant}" if meant else f"Reads: {text}"


def _wrong_kind(name: str, text: str) -> str | None:
    """What the masked text should be and is not."""
    if name == "email" and "@" not in text:
        return "e-mail address"
    return "number" if name == "score" and not any(char.isdigit() for char in text) else None


def _about(fields: SourceFields) -> Block:
    if fields.sample is None:
        days = SAMPLE_KEPT.days
        return b.section(
            f"Nothing came from this source in the last {days} days. Send something from the system, a test will do, "
            "and open this again: what was sent can be picked then."
        )
    return b.context(
        f"The last payload came {b.date(fields.sample.at)}. What could be about a person is masked here, and secrets "
        f"are left out. It is forgotten after {SAMPLE_KEPT.days} days. A lead is never lost by what is picked: what "
        "cannot be used is found automatically, and marked on the card."
    )


def _option(path: Path | None, sample: Sample | None) -> b.Element:
    if path is None:
        return b.option(FOUND_BY_ITSELF, BY_ITSELF)
    shown = {one.path: one.shown for one in sample.fields} if sample is not None else {}
    return b.option(_label(path, shown), path_id(path))


def _label(path: Path, shown: Mapping[Path, str]) -> str:
    """Where it stands, its end first of all, and what it holds."""
    words = path_words(path)
    value = shown.get(path, "")
    room = 75 - (len(value) + 3 if value else 0)
    words = words if len(words) <= room else f"…{words[-(room - 1) :]}"
    return f"{words} · {value}" if value else words


def _history(fields: SourceFields, *, saved: bool) -> list[Block]:
    """`saved`: said here, too, since whoever saves a form this long often stands at its end."""
    if not fields.changes:
        return []
    ask = b.confirm(
        "Put back what was before?",
        f"The last change is undone: {_called(fields.changes[0])}. Leads that came meanwhile stay as they are.",
        "Put back",
    )
    button = b.button("Put back what was before", PUT_BACK, fields.name, confirm=ask)
    lines = [
        f"{b.date(one.at)}, {b.escape(one.who) if one.who else 'Tandem'}: {_called(one)}" for one in fields.changes
    ]
    title = ":white_check_mark: *Saved.* All changes:" if saved else "*Changes*"
    return [b.divider(), b.context("\n".join([title, *lines])), b.actions(button, block_id="setup.fields_back")]


def _called(change: FieldsChange) -> str:
    return ", ".join(FIELDS.get(name, name) for name in change.fields)
