"""The kinds of sources, by the names that domain/sources.py lists: each is the `ADAPTER` of the file of its name."""

from __future__ import annotations

from importlib import import_module
from typing import Final

from domain.sources import AUTHS
from handlers.intake.adapter import Adapter


def adapter_of(name: str) -> Adapter:
    """The adapter in `handlers/intake/sources/{name}.py`."""
    found = import_module(f"{__name__}.{name}").ADAPTER
    assert isinstance(found, Adapter), name
    return found


ADAPTERS: Final[dict[str, Adapter]] = {name: adapter_of(name) for name in AUTHS}
