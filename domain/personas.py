"""Personas: who buys, as marketing sees them and sales should talk to them; every version is kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from difflib import SequenceMatcher
from typing import Final

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from domain.errors import Changed, FieldProblems, NotFound, TandemError
from domain.marks import mark
from domain.people import MARKETERS, Actor, audit
from domain.text import TextEmpty, TextTooLong, clean_text, compare_key, key_words, slugify_theme
from storage.locking import locked
from storage.models import Member, Persona, PersonaVersion

FIELDS: Final = ("role", "goals", "pains", "objections", "message")
FIELD_NAMES: Final = {
    "name": "Name",
    "role": "Role",
    "message": "What to say",
    "objections": "Objections",
    "pains": "Pains",
    "goals": "Goals",
}
"""What people read, in the order in which a rep before a call wants it."""

FIELD_LIMIT: Final = 1000
NAME_LIMIT: Final = 60
WHY_LIMIT: Final = 300

_NEAR_ENOUGH = 0.6
_NEAREST = 5


@dataclass(unsafe_hash=True)
class PersonaNameWrong(TandemError):
    """The name has no letters, or is that of the persona called `taken_by`."""

    taken_by: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """A persona as somebody typed it: `fields` maps each of FIELDS to text, empty where nothing is said."""

    name: str
    fields: Mapping[str, str]
    why: str = ""


@dataclass(frozen=True, slots=True)
class PersonaCard:
    """A persona as it stands. `changed_by` is a name, None for Tandem itself.

    `changed`: which of FIELDS (or `name`) its last version changed. `may_edit`: whether the reader may.
    """

    id: int
    key: str
    name: str
    version: int
    fields: Mapping[str, str]
    changed_by: str | None
    changed_at: datetime
    changed: tuple[str, ...]
    why: str | None
    may_edit: bool
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Unknown:
    """No persona has the name that was typed; `nearest` are those that come close, the closest first."""

    typed: str
    nearest: tuple[str, ...]

    @property
    def is_part_of_one(self) -> bool:
        """Whether what was typed stands in the only name that comes close: "cfo" for "CFO Carmen"."""
        return len(self.nearest) == 1 and compare_key(self.typed) in compare_key(self.nearest[0])


@dataclass(frozen=True, slots=True)
class Saved:
    """What became of a form: `changed` names what is new, nothing when all was as before."""

    card: PersonaCard
    changed: tuple[str, ...]
    added: bool = False


@dataclass(frozen=True, slots=True)
class Clash:
    """Two people edited one persona: `merged` holds the second one's words over the first one's.

    `contested` are the fields that both changed; there `card` has what the first one saved.
    """

    card: PersonaCard
    merged: Draft
    contested: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FieldChange:
    """How one of FIELDS, or `name`, read before and after; empty where nothing was said."""

    field: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class PersonaChange:
    """All that changed about a persona in a period, as one step. `by` and `whys` in the order of the edits."""

    name: str
    added: bool
    changes: tuple[FieldChange, ...]
    by: tuple[str, ...]
    whys: tuple[str, ...]


def list_personas(session: Session, *, by: Actor, at: datetime) -> list[PersonaCard]:  # noqa: ARG001
    """Every persona of the workspace, by name."""
    rows = session.execute(
        select(Persona, PersonaVersion, Member.name)
        .join(
            PersonaVersion,
            (PersonaVersion.persona_id == Persona.id) & (PersonaVersion.version == Persona.version),
        )
        .outerjoin(Member, Member.id == PersonaVersion.by_id)
        .where(Persona.workspace_id == by.workspace_id)
    ).all()
    cards = [_card(persona, version, None, name, by) for persona, version, name in rows]
    return sorted(cards, key=lambda card: card.name.casefold())


def find_persona(session: Session, typed: str, *, by: Actor, at: datetime) -> PersonaCard | Unknown:
    """The persona of that name, however it is capitalized or spaced; else which names come close."""
    names = _names(session, by.workspace_id)
    slug = slugify_theme(typed)
    for persona_id, (name, key) in names.items():
        if slug is not None and compare_key(slug) in (compare_key(key), compare_key(name)):
            return load_persona(session, persona_id, by=by, at=at)
    return Unknown(typed, _nearest(typed, [name for name, _ in names.values()]))


def load_persona(session: Session, persona_id: int, *, by: Actor, at: datetime) -> PersonaCard:  # noqa: ARG001
    """The persona with this id. Raises NotFound."""
    persona = _persona(session, persona_id, by.workspace_id)
    return _load(session, persona, by)


def suggest_personas(session: Session, typed: str, *, by: Actor, at: datetime) -> list[tuple[str, str]]:  # noqa: ARG001
    """(name, mark) of the personas whose names hold what was typed, by name."""
    wanted = compare_key(typed)
    rows = session.execute(
        select(Persona.name, Persona.id, Persona.created_at).where(Persona.workspace_id == by.workspace_id)
    )
    found = [(name, mark(persona_id, born)) for name, persona_id, born in rows]
    return sorted((each for each in found if wanted in compare_key(each[0])), key=lambda each: each[0].casefold())


def add_persona(session: Session, draft: Draft, *, by: Actor, at: datetime) -> Saved:
    """Add a persona. Raises FieldProblems, also when the name is taken."""
    draft, slug = _checked(session, draft, by.workspace_id, None)
    persona = Persona(workspace_id=by.workspace_id, key=slug, name=draft.name, created_at=at, updated_at=at)
    session.add(persona)
    session.flush()
    _write_version(session, persona, draft, by, at)
    audit(session, by.workspace_id, "persona.add", "persona", persona.id, by=by, at=at)
    return Saved(_load(session, persona, by), tuple(field for field in FIELDS if draft.fields[field]), added=True)


def edit_persona(session: Session, persona_id: int, draft: Draft, *, version: int, by: Actor, at: datetime) -> Saved:
    """Save a new version over `version`, the one the form was opened with; nothing new saves nothing.

    Raises Changed when somebody saved since (see `merge_draft`), FieldProblems, NotFound.
    """
    persona = _persona(session, persona_id, by.workspace_id, lock=True)
    before = _load(session, persona, by)
    if persona.version != version:
        raise Changed("persona", before.changed_by)
    draft, _ = _checked(session, draft, by.workspace_id, persona.id)
    changed = _differences(before.name, before.fields, draft.name, draft.fields)
    if not changed:
        return Saved(before, ())
    persona.name, persona.version, persona.updated_at = draft.name, version + 1, at
    _write_version(session, persona, draft, by, at)
    fields = [change.field for change in changed]
    audit(
        session,
        by.workspace_id,
        "persona.edit",
        "persona",
        persona.id,
        by=by,
        at=at,
        data={"version": persona.version, "fields": fields},
    )
    return Saved(_load(session, persona, by), tuple(fields))


def merge_draft(session: Session, persona_id: int, draft: Draft, *, version: int, by: Actor, at: datetime) -> Clash:
    """Lay a draft that was begun on `version` over the persona of now; nothing is saved. Raises NotFound."""
    card = load_persona(session, persona_id, by=by, at=at)
    base = session.scalars(
        select(PersonaVersion).where(PersonaVersion.persona_id == persona_id, PersonaVersion.version == version)
    ).one_or_none()
    started = {"name": base.name if base else "", **(base.fields if base else {})}
    now = {"name": card.name, **card.fields}
    typed = {"name": draft.name.strip(), **draft.fields}
    merged = dict(now)
    contested = []
    for field in ("name", *FIELDS):
        mine, theirs = typed.get(field, "").strip(), now.get(field, "")
        if mine == started.get(field, ""):
            continue
        merged[field] = mine
        if theirs not in (started.get(field, ""), mine):
            contested.append(field)
    return Clash(card, Draft(merged["name"], {field: merged[field] for field in FIELDS}, draft.why), tuple(contested))


def persona_changes(session: Session, workspace_id: int, start: datetime, end: datetime) -> list[PersonaChange]:
    """What changed about personas from `start` until before `end` (aware UTC), most recent last.

    Several edits of one persona are told as one step; what was changed and changed back is left out.
    """
    rows = session.execute(
        select(PersonaVersion, Member.name)
        .outerjoin(Member, Member.id == PersonaVersion.by_id)
        .where(PersonaVersion.workspace_id == workspace_id, PersonaVersion.at >= start, PersonaVersion.at < end)
        .order_by(PersonaVersion.at, PersonaVersion.version)
    ).all()
    edits: dict[int, list[tuple[PersonaVersion, str | None]]] = {}
    for version, name in rows:
        edits.setdefault(version.persona_id, []).append((version, name))
    earlier = _versions_before(session, edits)
    found = []
    for persona_id, versions in edits.items():
        before, after = earlier.get(persona_id), versions[-1][0]
        changes = _differences(
            before.name if before else after.name, before.fields if before else {}, after.name, after.fields
        )
        if changes or before is None:
            found.append(
                PersonaChange(
                    after.name,
                    before is None,
                    changes,
                    tuple(dict.fromkeys(name for _, name in versions if name)),
                    tuple(dict.fromkeys(version.why for version, _ in versions if version.why)),
                )
            )
    return found


def _versions_before(
    session: Session, edits: Mapping[int, list[tuple[PersonaVersion, str | None]]]
) -> dict[int, PersonaVersion]:
    wanted = [(persona_id, versions[0][0].version - 1) for persona_id, versions in edits.items()]
    if not wanted:
        return {}
    return {
        version.persona_id: version
        for version in session.scalars(
            select(PersonaVersion).where(tuple_(PersonaVersion.persona_id, PersonaVersion.version).in_(wanted))
        )
    }


def _differences(
    name_before: str, before: Mapping[str, str], name_after: str, after: Mapping[str, str]
) -> tuple[FieldChange, ...]:
    pairs = [("name", name_before, name_after)]
    pairs += [(field, before.get(field, ""), after.get(field, "")) for field in FIELDS]
    return tuple(FieldChange(*pair) for pair in pairs if pair[1] != pair[2])


def _checked(session: Session, draft: Draft, workspace_id: int, own_id: int | None) -> tuple[Draft, str]:
    """The draft, cleaned, and the slug of its name. Raises FieldProblems."""
    problems: dict[str, TandemError] = {}
    name = " ".join(_clean(draft.name, NAME_LIMIT, "name", problems).split())
    slug = slugify_theme(name) or ""
    if "name" not in problems and not slug:
        problems["name"] = PersonaNameWrong()
    for persona_id, (other, key) in _names(session, workspace_id).items():
        if slug and persona_id != own_id and compare_key(slug) in (compare_key(key), compare_key(other)):
            problems["name"] = PersonaNameWrong(other)
    fields = {field: _clean(draft.fields.get(field, ""), FIELD_LIMIT, field, problems) for field in FIELDS}
    why = _clean(draft.why, WHY_LIMIT, "why", problems)
    if problems:
        raise FieldProblems(problems)
    return Draft(name, fields, why), slug


def _clean(raw: str, limit: int, field: str, problems: dict[str, TandemError]) -> str:
    try:
        return clean_text(raw, limit=limit)
    except TextEmpty:
        return ""
    except TextTooLong as long:
        problems[field] = long
        return ""


def _write_version(session: Session, persona: Persona, draft: Draft, by: Actor, at: datetime) -> None:
    session.add(
        PersonaVersion(
            workspace_id=persona.workspace_id,
            persona_id=persona.id,
            version=persona.version,
            name=draft.name,
            fields=dict(draft.fields),
            why=draft.why or None,
            by_id=by.id,
            at=at,
        )
    )
    session.flush()


def _persona(session: Session, persona_id: int, workspace_id: int, *, lock: bool = False) -> Persona:
    query = select(Persona).where(Persona.id == persona_id, Persona.workspace_id == workspace_id)
    if lock:
        query = locked(query)
    persona = session.scalars(query).one_or_none()
    if persona is None:
        raise NotFound("persona")
    return persona


def _load(session: Session, persona: Persona, by: Actor) -> PersonaCard:
    rows = session.execute(
        select(PersonaVersion, Member.name)
        .outerjoin(Member, Member.id == PersonaVersion.by_id)
        .where(
            PersonaVersion.persona_id == persona.id,
            PersonaVersion.version.in_((persona.version - 1, persona.version)),
        )
        .order_by(PersonaVersion.version.desc())
    ).all()
    return _card(persona, rows[0][0], rows[1][0] if len(rows) > 1 else None, rows[0][1], by)


def _card(
    persona: Persona, version: PersonaVersion, before: PersonaVersion | None, changed_by: str | None, by: Actor
) -> PersonaCard:
    changed = _differences(before.name, before.fields, version.name, version.fields) if before else ()
    return PersonaCard(
        persona.id,
        persona.key,
        persona.name,
        persona.version,
        {field: version.fields.get(field, "") for field in FIELDS},
        changed_by,
        version.at,
        tuple(change.field for change in changed),
        version.why,
        by.role in MARKETERS,
        persona.created_at,
    )


def _names(session: Session, workspace_id: int) -> dict[int, tuple[str, str]]:
    rows = session.execute(
        select(Persona.id, Persona.name, Persona.key).where(Persona.workspace_id == workspace_id).order_by(Persona.id)
    )
    return {persona_id: (name, key) for persona_id, name, key in rows}


def _nearest(typed: str, names: Iterable[str]) -> tuple[str, ...]:
    """The names that hold the typed words or are spelled nearly like them, the closest first."""
    wanted = " ".join(key_words(typed[:NAME_LIMIT]))
    scored = []
    for name in names:
        plain = " ".join(key_words(name))
        words = [SequenceMatcher(None, wanted, word).ratio() for word in (plain, *plain.split())]
        score = 1.0 if wanted and wanted in plain else max(words)
        if score >= _NEAR_ENOUGH:
            scored.append((-score, plain, name))
    return tuple(name for _, _, name in sorted(scored)[:_NEAREST])
