"""What an admin clicked about a source's fields: which of what it sends is which field of a lead, and what ids mean.

Whatever was clicked, no lead is lost by it: what cannot be used is read as if nobody had clicked, and marked.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from domain.errors import TandemError
from domain.leads.addresses import read_address
from domain.leads.conditions import ALIASES
from domain.leads.fields import read_score
from domain.leads.spellings import spelled
from domain.leads.taken import Repeated, text_of
from domain.text import shorten
from storage.frozen import Shape

Path = tuple[str, ...]
"""Where a value stands in what was sent: the names on the way to it, the outermost first."""

FIELDS: Final[Mapping[str, str]] = {
    "name": "Name",
    "first_name": "First name",
    "last_name": "Last name",
    "email": "E-mail",
    "phone": "Phone",
    "company": "Company",
    "job_title": "Job title",
    "country": "Country",
    "asked": "What they want",
    "score": "Score",
    "tier": "Tier",
    "team": "Team",
}
"""The fields of a lead that can be picked, and what they are called."""

BESIDE: Final = frozenset({"country"})
"""Fields that only rules ask for: they are kept with whatever else was answered."""

MOST_LABELS: Final = 1_000
LONGEST_VALUE: Final = 100
LONGEST_LABEL: Final = 200
_WORDS: Final = {spelled(word): name for name, called in FIELDS.items() for word in (name, called)}


@dataclass(frozen=True, slots=True)
class SourceMapping:
    """`fields`: a field of a lead, and where it stands. `labels`: for a field, what a value means in words."""

    fields: Mapping[str, Path] = field(default_factory=dict)
    labels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.fields or self.labels)


@dataclass(frozen=True, slots=True)
class KeptField:
    """Where a field of a lead stands, as it is kept."""

    field: str
    path: Path


@dataclass(frozen=True, slots=True)
class KeptLabel:
    """What a value of a field means, as it is kept."""

    field: str
    value: str
    label: str


@dataclass(frozen=True, slots=True)
class KeptMapping:
    """A mapping as it is kept, in its order."""

    fields: tuple[KeptField, ...] = ()
    labels: tuple[KeptLabel, ...] = ()


MAPPING: Final[Shape[KeptMapping]] = Shape("source_mapping", KeptMapping)


def write_mapping(mapping: SourceMapping) -> dict[str, Any]:
    """The mapping as JSON keeps it."""
    fields = tuple(KeptField(name, path) for name, path in mapping.fields.items())
    labels = tuple(
        KeptLabel(name, value, label) for name, known in mapping.labels.items() for value, label in known.items()
    )
    return MAPPING.write(KeptMapping(fields, labels))


def read_mapping(stored: Mapping[str, Any] | None) -> SourceMapping:
    """What was kept; nothing is an empty mapping. Raises ValueError."""
    kept = MAPPING.read(stored) if stored else KeptMapping()
    labels: dict[str, dict[str, str]] = {}
    for one in kept.labels:
        labels.setdefault(one.field, {})[one.value] = one.label
    return SourceMapping({one.field: one.path for one in kept.fields}, labels)


@dataclass(frozen=True, slots=True)
class Unmapped:
    """Where a mapping did not serve a lead. `given`: where it looked, or the value that has no label."""

    why: Literal["nothing", "unusable", "no_label"]
    field: str = ""
    given: str = ""


@dataclass(unsafe_hash=True)
class MappingWrong(TandemError):
    """A line of the table of labels cannot be read, or what was picked is there no more.

    `given`: the line; `fields`: what could stand there.
    """

    why: Literal["no_line", "no_field", "too_many", "twice", "gone"]
    given: str = ""
    fields: tuple[str, ...] = ()


def path_id(path: Path) -> str:
    """A short name of a path, for a menu."""
    return hashlib.sha256(json.dumps(path).encode()).hexdigest()[:16]


def path_words(path: Path) -> str:
    """A path as people read it: `contact → e-mail`."""
    return shorten(" → ".join(path), 120)


def apply_mapping(
    mapping: SourceMapping, values: Mapping[str, Any], rest: Mapping[str, Any], sent: Mapping[Path, Any]
) -> tuple[dict[str, Any], dict[str, Any], list[Unmapped]]:
    """The values and the rest of a lead as the mapping has them, and a mark for each field that could not be used.

    `values` and `rest`: as they were found without it; `sent`: everything that was sent, by where it stands.
    """
    found, others, marks = dict(values), dict(rest), list[Unmapped]()
    in_words: set[str] = set()
    picked = {name: path for name, path in mapping.fields.items() if name in FIELDS}
    if picked and not any(path in sent for path in picked.values()):
        marks.append(Unmapped("nothing"))
    for name, path in picked.items():
        value = sent.get(path)
        if value is None or value in ("", [], {}) or (isinstance(value, str) and not value.strip()):
            continue
        value = _in_words(mapping.labels.get(name, {}), value)
        in_words.add(name)
        if not _is_usable(name, value):
            marks.append(Unmapped("unusable", name, path_words(path)))
            in_words.discard(name)
        elif name in BESIDE:
            others = {name: value, **{label: one for label, one in others.items() if not _is_called(name, label)}}
        else:
            found[name] = value
            if name in ("first_name", "last_name") and "name" not in picked:
                found.pop("name", None)
    for name, labels in mapping.labels.items():
        kept = others if name in BESIDE else found
        key = next((one for one in kept if one == name or (name in BESIDE and _is_called(name, one))), None)
        if key is None or not labels:
            continue
        if name not in in_words:
            kept[key] = _in_words(labels, kept[key])
        text = text_of(kept[key])
        if text is not None and _is_id(text) and text not in labels.values():
            marks.append(Unmapped("no_label", name, shorten(text, 40)))
    return found, others, marks


def read_labels(text: str) -> dict[str, dict[str, str]]:
    """The table of labels: on each line a field, a value and what it means, `Tier: 3 = hot`. Raises MappingWrong."""
    found: dict[str, dict[str, str]] = {}
    for line in text.splitlines():
        if not line.strip():
            continue
        called, colon, rest = line.partition(":")
        value, equals, label = (part.strip() for part in rest.partition("="))
        name = _WORDS.get(spelled(called))
        shown = shorten(" ".join(line.split()), 60)
        if not colon or not equals or not value or not label:
            raise MappingWrong("no_line", shown)
        if name is None:
            raise MappingWrong("no_field", shown, tuple(FIELDS.values()))
        labels = found.setdefault(name, {})
        value = shorten(" ".join(value.split()), LONGEST_VALUE)
        if value.casefold() in {one.casefold() for one in labels}:
            raise MappingWrong("twice", shown)
        labels[value] = shorten(" ".join(label.split()), LONGEST_LABEL)
        if sum(map(len, found.values())) > MOST_LABELS:
            raise MappingWrong("too_many", f"{MOST_LABELS:,}")
    return found


def written_labels(mapping: SourceMapping) -> list[str]:
    """The table of labels as `read_labels` reads it, a line each."""
    return [
        f"{FIELDS[name]}: {value} = {label}"
        for name, labels in mapping.labels.items()
        if name in FIELDS
        for value, label in labels.items()
    ]


def _in_words(labels: Mapping[str, str], value: Any) -> Any:
    """The value with its label, and each of several: HubSpot writes the choices of one field with semicolons."""
    if not labels:
        return value
    known = {one.casefold(): label for one, label in labels.items()}
    if isinstance(value, Repeated):
        return Repeated(_in_words(labels, one) for one in value)
    if isinstance(value, list):
        return [_in_words(labels, one) for one in value]
    text = str(value) if isinstance(value, bool) else text_of(value)
    if text is None:
        return value
    if (label := known.get(" ".join(text.split()).casefold())) is not None:
        return label
    parts = [part.strip().casefold() for part in text.split(";")]
    if len(parts) > 1 and any(part in known for part in parts):
        return ", ".join(known.get(part.casefold(), part) for part in map(str.strip, text.split(";")) if part)
    return value


def _is_usable(name: str, value: Any) -> bool:
    if name == "score":
        return read_score(value) is not None
    text = text_of(value)
    if name == "email":
        return text is not None and read_address(text) is not None
    return text is not None


def _is_called(name: str, label: str) -> bool:
    """Whether rules find a field of that name under the label."""
    return spelled(label) in ALIASES.get(name, (name,))


def _is_id(text: str) -> bool:
    """Whether a text that should be words is still a choice's id, or several."""
    return all(part.strip().isdecimal() for part in text.replace(";", ",").split(","))
