"""Finds the person in whatever a system posts: a flat object, a form's answers, an envelope around either.

Every object, and every list of answers, is a group of fields. The group with the most fields of a person is the person;
what the person's group lacks may stand beside it, but never a `name` or an `id`: those belong to what they stand in.
"""

from __future__ import annotations

import json
import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from domain.leads.fields import read_score
from domain.leads.spellings import (
    BARE,
    FIELDS,
    ID_KINDS,
    IDS,
    OTHER_THINGS,
    WRAPPERS,
    is_unsteady,
    says_nothing,
    spelled,
)
from domain.leads.taken import PLACEHOLDERS, Repeated, text_of
from handlers.intake.decoding import parsed_json
from handlers.intake.views import BadBody

DEEPEST: Final = 12
MOST_FIELDS: Final = 5_000
LARGEST_ANSWER: Final = 16
LAST_RANK: Final = 1_000

VALUES: Final = ("value", "answer", "string_value", "values", "responses", "raw_value", "val")
LABELS: Final = (
    "column_id",
    "name",
    "label",
    "title",
    "key",
    "field",
    "fieldName",
    "field_name",
    "column_name",
    "question",
    "id",
    "ref",
)
_ADDRESS: Final = re.compile(r"[^\s@<>,;]+@[^\s@<>,;]+")
KINDS: Final = tuple(IDS)
LISTED: Final = frozenset({"email", "phone", "company"})
REACHES: Final = frozenset({"email", "phone", "first_name", "last_name"})
TELLS: Final = frozenset({*REACHES, "name", "company", "asked", "job_title"})


@dataclass(frozen=True, slots=True)
class Read:
    """What was found. `values`: by the lead's names for the fields, as they were sent; `rest`: what else was answered.

    `id`: with its kind, as text; None: the sender gave none.
    """

    values: Mapping[str, Any]
    rest: Mapping[str, Any]
    id: str | None


@dataclass(slots=True)
class _Group:
    """An object or a list of answers. `named`: it says what it is called; `inside`: only wrappers are around it."""

    number: int
    parent: _Group | None
    inside: bool
    fields: dict[str, list[tuple[int, Any]]] = field(default_factory=dict)
    ids: list[tuple[str, int, bool, Any]] = field(default_factory=list)
    rest: dict[str, Any] = field(default_factory=dict)
    named: bool = False

    def around(self) -> Iterator[_Group]:
        """The groups in which this one stands, the nearest first."""
        group = self.parent
        while group is not None:
            yield group
            group = group.parent


def read_lead(document: Any) -> Read:
    """The lead in a decoded body. Raises BadBody where there is no single one."""
    groups = _Walk(_single(document)).groups
    person = max(groups, key=_likeness)
    others = [one for one in groups if one is not person]
    # What stands around the person is nearer than what stands anywhere else.
    around = list(person.around())
    others.sort(key=lambda one: (one not in around, around.index(one) if one in around else one.number))
    values: dict[str, Any] = {}
    for name in dict.fromkeys(name for group in (person, *others) for name in group.fields):
        # What cannot be used is only better than nothing at all: it is marked then.
        for check in (_is_usable, _says_something):
            found = _best(person, name, bare=True, check=check)
            rest = (_best(one, name, bare=name != "name", check=check) for one in others)
            found = found if found is not None else next((one for one in rest if one is not None), None)
            if found is not None:
                values[name] = found
                break
    if "email" not in values and (address := _address_in(person.rest)) is not None:
        values["email"] = address
    if "form" not in values and (called := next((_best(one, "name", bare=True) for one in around if one.named), None)):
        values["form"] = called
    return Read(values, person.rest, _id(person, around))


def names_field(label: str) -> str | None:
    """The field of a lead that a label names, None for a label of somebody's own."""
    return FIELDS[spelled(label)][0] if spelled(label) in FIELDS else None


def _single(document: Any) -> Any:
    if isinstance(document, list) and document and not any(is_answer(one) for one in document):
        if len(document) > 1:
            raise BadBody({"": f"has {len(document):,} leads: post each by itself"})
        document = document[0]
    if not isinstance(document, dict | list) or not document:
        raise BadBody({"": "must be a JSON object or a form"})
    return document


def _likeness(group: _Group) -> tuple[bool, int, bool, int]:
    """How much a group looks like a person; of two alike, the one in more wrappers where it has only a name."""
    known = {name for name in group.fields if _best(group, name, bare=True) is not None}
    reaches = bool(known & REACHES)
    depth = len(list(group.around()))
    return reaches, len(known & TELLS) if reaches or group.inside else 0, group.inside, 0 if reaches else depth


def _best(group: _Group, name: str, *, bare: bool, check: Callable[[str, Any], bool] | None = None) -> Any:
    """The best value of a field in the group that passes the check; None where none does."""
    found = [(rank, value) for rank, value in group.fields.get(name, ()) if bare or rank >= 0]
    for _, value in sorted(found, key=lambda one: abs(one[0])):
        if (check or _is_usable)(name, value):
            return value
    return None


def _is_usable(name: str, value: Any) -> bool:
    if name == "score":
        return read_score(value) is not None
    text = text_of(value)
    if text is not None and name in PLACEHOLDERS and says_nothing(name, text):
        return False
    return text is not None or (name == "touches" and _says_something(name, value))


def _says_something(_name: str, value: Any) -> bool:
    if isinstance(value, str):
        return value.strip() != ""
    return value is not None and value not in ([], {})


def _id(person: _Group, around: Iterable[_Group]) -> str | None:
    """The best id: the person's own, else that of what is around it. A bare id beside a name is the name's."""
    for group in (person, *around):
        for kind, _, bare, value in sorted(group.ids, key=lambda one: (KINDS.index(one[0]), one[1])):
            if bare and group is not person and group.named:
                continue
            if text := _id_text(value):
                return f"{kind}:{text}" if kind else text
    return None


def _address_in(rest: Mapping[str, Any]) -> str | None:
    """The e-mail address among the answers to questions of somebody's own: "Where may we write to you?"."""
    for named in (True, False):
        for label, value in rest.items():
            text = text_of(value)
            if text and _ADDRESS.fullmatch(text) and ("mail" in spelled(label) or not named):
                return text
    return None


def _id_text(value: Any) -> str:
    if isinstance(value, bool) or value is None:
        return ""
    if isinstance(value, Repeated):
        return next(filter(None, map(_id_text, value)), "")
    if isinstance(value, dict) and len(value) == 1:
        return _id_text(next(iter(value.values())))
    if isinstance(value, dict | list):
        return json.dumps(value, sort_keys=True, ensure_ascii=False) if value else ""
    return str(value).strip()


def is_answer(node: Any) -> bool:
    """Whether the object is an answer that says to what: `{"label": "E-mail", "value": "…"}`."""
    return is_valued(node) and any(one in node for one in LABELS)


def is_valued(node: Any) -> bool:
    """Whether the object is no more than the value of a field, and no person with a value of their own."""
    if not isinstance(node, dict) or len(node) > LARGEST_ANSWER:
        return False
    values = [node[one] for one in VALUES if one in node]
    if not values or any(_is_structure(value) for value in values):
        return False
    return not any(spelled(str(name)) in FIELDS for name in node if name not in LABELS and name not in VALUES)


def _is_structure(value: Any) -> bool:
    return isinstance(value, dict) or (isinstance(value, list) and any(isinstance(one, dict | list) for one in value))


class _Walk:
    """Goes through a document without recursion, the outermost first, and collects its groups."""

    def __init__(self, document: Any) -> None:
        self.groups: list[_Group] = []
        self._left = MOST_FIELDS
        self._todo: deque[tuple[Any, str, _Group, int, bool]] = deque()
        self._todo.append((document, "", self._new(None, inside=True), 1, False))
        while self._todo and self._left > 0:
            self._look(*self._todo.popleft())

    def _new(self, parent: _Group | None, *, inside: bool) -> _Group:
        group = _Group(len(self.groups), parent, inside)
        self.groups.append(group)
        return group

    def _look(self, node: Any, within: str, group: _Group, depth: int, beside: bool) -> None:
        pairs = node.items() if isinstance(node, dict) else (("", one) for one in node)
        for key, value in pairs:
            self._left -= 1
            if self._left <= 0:
                return
            self._take(str(key), opened(str(key), value), within, group, depth, beside)

    def _take(self, key: str, value: Any, within: str, group: _Group, depth: int, beside: bool) -> None:
        word = spelled(key)
        if is_answer(value):
            labels = [key, *(str(value[one]) for one in LABELS if isinstance(value.get(one), str | int))]
            self._note(group, labels, value_of(value), within, beside, bare=False)
            return
        whole = FIELDS.get(word, ("", 0))[0] == "touches" or (word in ID_KINDS and not beside)
        if isinstance(value, dict) and not whole:
            if key and is_valued(value):
                self._note(group, [key], value_of(value), within, beside, bare=True)
            elif depth < DEEPEST:
                self._go_in(word, value, group, depth, beside)
            return
        if isinstance(value, list) and value and FIELDS.get(word, ("",))[0] in LISTED and all(map(is_valued, value)):
            self._note(group, [key], Repeated(map(value_of, value)), within, beside, bare=True)
            return
        if isinstance(value, list) and any(isinstance(one, dict) for one in value) and not whole:
            if depth < DEEPEST and value:
                self._go_in(word, value, group, depth, beside)
            return
        self._note(group, [key], value, within, beside, bare=True)

    def _go_in(self, word: str, value: Any, group: _Group, depth: int, beside: bool) -> None:
        """Put what is inside on the list. A part of the person, such as `name: {first, last}`, is no group."""
        answers = isinstance(value, list) and all(is_answer(one) for one in value)
        part = word in FIELDS and word not in WRAPPERS and not answers
        other = beside or word in OTHER_THINGS
        inside = group.inside and not other and (word in WRAPPERS or word == "")
        if isinstance(value, list) and not answers:
            for one in value:
                if isinstance(one, dict):
                    self._todo.append((one, word, self._new(group, inside=inside), depth + 1, other))
            return
        self._todo.append((value, word, group if part else self._new(group, inside=inside), depth + 1, other or part))

    def _note(self, group: _Group, labels: list[str], value: Any, within: str, beside: bool, *, bare: bool) -> None:
        """Write the value down under the first of its labels that names a field of a lead."""
        for label in labels:
            word = spelled(label)
            joined = within + word
            if joined in FIELDS and within:
                name, rank = FIELDS[joined]
                if name != "company" and FIELDS.get(within, ("",))[0] == "company":
                    rank += LAST_RANK  # a company's own address, where the person has none
                group.fields.setdefault(name, []).append((rank, value))
                return
            if beside and not _is_part(within, word):
                continue
            if word in FIELDS:
                name, rank = FIELDS[word]
                own = bare and word in BARE
                group.named |= own and _says_something(name, value)
                # A negative rank: the word names whatever it stands in.
                group.fields.setdefault(name, []).append((-rank - 1 if own else rank, value))
                return
            if word in ID_KINDS and bare:
                kind, rank = ID_KINDS[word]
                group.ids.append((kind, rank, word in BARE, value))
                return
        shown = labels[1] if len(labels) > 1 and not labels[0] else labels[0]
        if not beside and not is_unsteady(shown) and text_of(value):
            group.rest[shown] = value


def _is_part(within: str, word: str) -> bool:
    """Whether a word within a field means the same field, or a part of a name: `name: {firstName, lastName}`."""
    field_around, field_within = FIELDS.get(within, ("", 0))[0], FIELDS.get(word, (" ", 0))[0]
    return field_around == field_within or (field_around == "name" and field_within in ("first_name", "last_name"))


def value_of(answer: Mapping[str, Any]) -> Any:
    return next((answer[one] for one in VALUES if one in answer), None)


def opened(key: str, value: Any) -> Any:
    """What stands as JSON in a text, as some forms send all of their answers."""
    if isinstance(value, str) and spelled(key) in WRAPPERS and value.lstrip()[:1] in ("{", "["):
        try:
            return parsed_json(value)
        except (ValueError, RecursionError):
            return value
    return value
