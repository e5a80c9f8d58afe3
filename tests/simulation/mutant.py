"""One way to break the product."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Mutant:
    """The product with `old` replaced by `new` in one module.

    `meant`: the kinds of violations for which it is to be found; none: it changes nothing that anybody could see, and
    `why` says so.
    """

    name: str
    module: str
    old: str
    new: str
    meant: tuple[str, ...]
    why: str = ""
