"""What a kind of digest is: a name, the shape of its facts, and sections, each of which gathers and tells a part."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar

from sqlalchemy.orm import Session

from digests.periods import Period
from digests.telling import Part
from storage.frozen import Shape
from storage.models import Audience, Team


class Facts(Protocol):
    """The frozen content of an edition. `untold`: time before the period of which no digest told."""

    @property
    def kind(self) -> str: ...
    @property
    def period(self) -> Period: ...
    @property
    def untold(self) -> Period | None: ...
    @property
    def is_empty(self) -> bool: ...


F = TypeVar("F", bound=Facts)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a digest is to tell of, as of `at` (aware UTC). `team`: of what its people did and of its leads only.

    `audience`: whose digest, None when it is nobody's. `issue`: it goes out, so what it tells is noted as told.
    """

    session: Session
    workspace_id: int
    period: Period
    at: datetime
    team: Team | None = None
    audience: Audience | None = None
    issue: bool = False


@dataclass(frozen=True, slots=True)
class Section(Generic[F]):
    """A section. `gather`: the fields of the facts that are its own; `parts`: what it says, none when there is nothing.

    Its words are templates in `digests/templates/<kind>/`.
    """

    gather: Callable[[Asked], Mapping[str, Any]]
    parts: Callable[[F], Sequence[Part]]


@dataclass(frozen=True, slots=True)
class DigestKind(Generic[F]):
    """A kind of digest. `facts` makes them from `period`, `untold` and the fields of all sections.

    `title` and `about`: what people read where they choose. `role`: whose digest it is, when nobody says which.
    """

    name: str
    title: str
    about: str
    role: str
    facts: Callable[..., F]
    shape: Shape[F]
    headline: Callable[[F], str]
    sections: tuple[Section[F], ...]

    def gather(self, asked: Asked, *, untold: Period | None = None) -> F:
        """The facts of a period."""
        fields: dict[str, Any] = {}
        for section in self.sections:
            fields |= section.gather(asked)
        return self.facts(period=asked.period, untold=untold, **fields)
