"""What a lead's fields may hold, and the check of what a person types: a person can be asked to type it again.

What a system posts is taken by domain/leads/taken.py.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from domain.errors import FieldProblems, TandemError
from domain.leads.addresses import read_address
from domain.leads.arriving import NewLead, Touch
from domain.leads.errors import LeadFieldWrong, TooManyTouches
from domain.text import TextEmpty, TextTooLong, clean_text

LIMITS: Final = {
    "name": 200,
    "first_name": 200,
    "last_name": 200,
    "company": 200,
    "email": 254,
    "phone": 60,
    "job_title": 200,
    "form": 200,
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

LARGEST_SCORE: Final = 1e9

_SCORE: Final = re.compile(r"([+-]?\d{1,12}(?:[.,]\d{1,12})?)\s*(?:%|points?|pts|/\s*100)?", re.IGNORECASE)


def checked_lead(
    given: Mapping[str, str | None],
    *,
    source: str,
    score: int | None = None,
    touches: Sequence[tuple[str, str | None]] = (),
    external_id: str | None = None,
) -> NewLead:
    """A lead fit to be stored, with every text cleaned. `given` has name, company, email, phone, asked, tier, team.

    A lead without a name is called by its e-mail address. Raises FieldProblems with every field that cannot
    be kept, all at once.
    """
    problems: dict[str, TandemError] = {}
    kept = {
        field: _cleaned(field, given.get(field), problems)
        for field in ("name", "company", "email", "phone", "asked", "tier", "team")
    }
    name, email = kept["name"], kept["email"]
    if name is not None:
        name = " ".join(name.split())
    if email is not None:
        address = read_address(email)
        if address is None:
            problems["email"] = LeadFieldWrong("no_address")
        elif address.more:
            problems["email"] = LeadFieldWrong("several_addresses")
        else:
            email = address.email
    if name is None and "name" not in problems:
        name = email
        if email is None or "email" in problems:
            problems["name"] = LeadFieldWrong("no_name")
    if len(touches) > MOST_TOUCHES:
        problems["touches"] = TooManyTouches(len(touches), MOST_TOUCHES)
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
    """The score that was typed, None when nothing was. Raises FieldProblems for anything but a number."""
    if text is None or not text.strip():
        return None
    score = read_score(text)
    if score is None:
        raise FieldProblems({"score": LeadFieldWrong("no_number")})
    return score


def read_score(value: Any) -> int | None:
    """A number, or a text that holds only one, rounded to a whole one; None for anything else."""
    number: float | None = None
    if isinstance(value, int | float) and not isinstance(value, bool):
        number = float(value) if abs(value) <= LARGEST_SCORE else None
    elif isinstance(value, str) and (found := _SCORE.fullmatch(value.strip())):
        number = float(found[1].replace(",", "."))
    return math.floor(number + 0.5) if number is not None and abs(number) <= LARGEST_SCORE else None


def _cleaned(field: str, raw: str | None, problems: dict[str, TandemError], *, named: str | None = None) -> str | None:
    """The text cleaned; None when nothing visible is left of it. Too long a text is a problem."""
    if raw is None:
        return None
    try:
        return clean_text(raw, limit=LIMITS[field])
    except TextEmpty:
        return None
    except TextTooLong as error:
        problems[named or field] = error
        return None
