"""What a lead's fields may hold, checked the same way whether a person typed them or a system posted them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from domain.errors import FieldProblems
from domain.leads.arrival import NewLead, Touch
from domain.text import TextEmpty, TextTooLong, clean_text

LIMITS: Final = {
    "name": 200,
    "company": 200,
    "email": 254,
    "phone": 60,
    "asked": 12_000,
    "source": 60,
    "tier": 60,
    "team": 60,
    "external_id": 200,
    "touch": 200,
    "touch_at": 60,
}
"""The longest text of each field, in characters. What was asked is generous: a long mail is still a lead."""

MOST_TOUCHES: Final = 100

EMAIL: Final = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}")


def checked_lead(
    given: Mapping[str, str | None],
    *,
    source: str,
    score: int | None = None,
    touches: Sequence[tuple[str, str | None]] = (),
    external_id: str | None = None,
) -> NewLead:
    """A lead fit to be stored, with every text cleaned. `given` has name, company, email, phone, asked, tier, team.

    A lead without a name is called by its e-mail address. Raises FieldProblems with a sentence for every field
    that cannot be kept, all at once.
    """
    problems: dict[str, str] = {}
    kept = {
        field: _cleaned(field, given.get(field), problems)
        for field in ("name", "company", "email", "phone", "asked", "tier", "team")
    }
    name, email = kept["name"], kept["email"]
    if name is not None:
        name = " ".join(name.split())
    if email is not None and not EMAIL.fullmatch(email):
        problems["email"] = "This is not an e-mail address; write for example lee@northwind.com."
    if name is None and "name" not in problems:
        name = email
        if email is None or "email" in problems:
            problems["name"] = "A lead needs a name."
    if score is not None and not 0 <= score <= 100:
        problems["score"] = "A score is a whole number from 0 to 100."
    if len(touches) > MOST_TOUCHES:
        problems["touches"] = f"At most {MOST_TOUCHES} touches fit; this lead has {len(touches)}."
    found = [
        Touch(what, _cleaned("touch_at", at, problems, named=f"touches.{number}.at"))
        for number, (raw, at) in enumerate(touches[:MOST_TOUCHES])
        if (what := _cleaned("touch", raw, problems, named=f"touches.{number}")) is not None
    ]
    origin = _cleaned("source", source, problems)
    if problems:
        raise FieldProblems(problems)
    assert name is not None
    return NewLead(
        name=name,
        source=origin or "by hand",
        email=email,
        phone=kept["phone"],
        company=" ".join(kept["company"].split()) if kept["company"] else None,
        asked=kept["asked"],
        score=score,
        tier=kept["tier"],
        team=kept["team"],
        touches=tuple(found),
        external_id=_cleaned("external_id", external_id, problems),
    )


def parse_score(text: str | None) -> int | None:
    """The score that was typed, None when nothing was. Raises FieldProblems for anything but 0 to 100."""
    if text is None or not text.strip():
        return None
    typed = text.strip()
    if not (typed.isascii() and typed.isdigit() and len(typed) <= 3 and int(typed) <= 100):
        raise FieldProblems({"score": "A score is a whole number from 0 to 100."})
    return int(typed)


def _cleaned(field: str, raw: str | None, problems: dict[str, str], *, named: str | None = None) -> str | None:
    """The text cleaned; None when nothing visible is left of it. Too long a text is a problem."""
    if raw is None:
        return None
    try:
        return clean_text(raw, limit=LIMITS[field])
    except TextEmpty:
        return None
    except TextTooLong as error:
        problems[named or field] = f"That is {error.length:,} characters; {error.limit:,} fit."
        return None
