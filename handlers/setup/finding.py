"""What the doctor found: one thing looked at, or one that could not be."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at; `remedy` says what to do when it is not `well`, in mrkdwn. Not `checked`: it could not be
    looked at, and `found` says why."""

    what: str
    well: bool
    found: str
    remedy: str = ""
    checked: bool = True


def unchecked(what: str, why: str) -> Finding:
    """What could not be looked at. It asks nothing of anybody: its cause is a finding of its own."""
    return Finding(what, True, f"not looked at: {why}", checked=False)
