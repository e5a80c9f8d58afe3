"""A file of leads on its way into the database: what would become of its rows."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LeadPreview:
    """What a file says and what would become of it.

    `columns`: each column's title, and what it is read as. `notes`: what is worth knowing about how it was read.
    `first_bad`: line and reason of the first of the `bad` rows. Of the `good` ones, `known` are of people who have an
    open lead, on which they would be written; `held` would wait for marketing; the others would be `given` to a
    person of a team (None: to nobody), so many each.
    """

    columns: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()
    good: int = 0
    bad: int = 0
    first_bad: tuple[tuple[int, str], ...] = ()
    known: int = 0
    held: int = 0
    given: tuple[tuple[str, str | None, int], ...] = ()
