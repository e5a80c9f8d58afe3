"""The last payload of a source, for the admin who says which of its fields is what: by paths, with every person masked.

Nothing of it leads back to anybody: of words the first and the last letter stand, of long numbers the last two digits.
Short numbers stay as they are, because ids of choices need labels.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any, Final

from domain.leads.mapping import BESIDE, FIELDS
from domain.leads.spellings import SECRETS, spelled
from domain.leads.taken import text_of
from domain.source_health import MOST_SAMPLED, Sample, SampleField
from domain.text import ELLIPSIS, shorten
from handlers.intake.flat import flat
from handlers.intake.reading import read_lead
from handlers.intake.sent import HIDDEN
from handlers.intake.views import BadBody

LONGEST_SHOWN: Final = 60
SHORT_NUMBER: Final = 4
OF_NOBODY: Final = frozenset({"tier", "score", "country"})
"""Fields of a lead that tell nothing of who it is."""

_WORD: Final = re.compile(r"[^\W\d_]+|\d+", re.UNICODE)
_ADDRESS: Final = re.compile(r"([^\s@<>,;\"']+)@([^\s@<>,;\"']+)")
_CODES: Final = re.compile(r"[A-Z]{2}|(?i:true|false|yes|no)")


def sample_of(document: Any, secrets: tuple[str, ...], at: datetime) -> Sample:
    """What is kept of a document. `secrets`: the source's own, which may stand anywhere in it."""
    fields: list[SampleField] = []
    # What is filled in comes first: HubSpot sends hundreds of empty properties.
    for path, value in sorted(flat(document).items(), key=lambda one: one[1] in (None, "", [], {}))[:MOST_SAMPLED]:
        if any("@" in step for step in path):
            continue  # somebody's address as the name of a field
        hidden = any(spelled(step) in SECRETS for step in path)
        text = text_of(value) if not isinstance(value, bool) else str(value).lower()
        if text and any(secret and secret in text for secret in secrets):
            hidden = True
        fields.append(SampleField(path, HIDDEN if hidden and text else masked(text or "")))
    return Sample(at, tuple(fields), _read(document))


def _read(document: Any) -> tuple[tuple[str, str], ...]:
    """What is found without any mapping, masked."""
    try:
        found = read_lead(document)
    except BadBody:
        return ()
    beside = {name: value for name in BESIDE for label, value in found.rest.items() if spelled(label) == name}
    values = {**found.values, **beside}
    return tuple(
        (name, shorten(" ".join(text.split()), LONGEST_SHOWN) if name in OF_NOBODY else masked(text))
        for name in FIELDS
        if (text := text_of(values.get(name)))
    )


def masked(text: str) -> str:
    """The text with whatever could be about a person made unreadable: `Lee Wong` is `L…e W…g`."""
    line = " ".join(text.split())
    parts: list[str] = []
    end = 0
    for found in _ADDRESS.finditer(line[:1000]):
        parts += [_masked_words(line[end : found.start()]), _masked_address(found[1], found[2])]
        end = found.end()
    parts.append(_masked_words(line[end:1000]))
    return shorten("".join(parts), LONGEST_SHOWN)


def _masked_address(local: str, domain: str) -> str:
    host, _, top = domain.rpartition(".")
    if not host:
        host, top = top, ""
    ends = f"{host[0]}{ELLIPSIS}{host[-1]}"
    return f"{local[0]}{ELLIPSIS}@{ends}{'.' + top[:10] if top else ''}"


def _masked_words(text: str) -> str:
    return _WORD.sub(lambda found: _masked_word(found[0], alone=found[0] == text.strip()), text)


def _masked_word(word: str, *, alone: bool) -> str:
    if word.isdecimal():
        return word if alone and len(word) <= SHORT_NUMBER else f"{ELLIPSIS}{word[-2:]}" if len(word) > 2 else ELLIPSIS
    if alone and _CODES.fullmatch(word):
        return word
    return f"{word[0]}{ELLIPSIS}{word[-1]}" if len(word) > 2 else f"{word[0]}{ELLIPSIS}"
