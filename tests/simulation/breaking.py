"""Breaks the product on its way into the interpreter: one module is read with a few of its words replaced."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType

from tests.simulation.mutant import Mutant

ROOT = Path(__file__).parents[2]


class NotFitting(Exception):
    """The words that a mutant replaces do not stand in its module just once: the product has changed there."""


def source_of(mutant: Mutant) -> Path:
    """The file of the module that the mutant breaks."""
    path = ROOT.joinpath(*mutant.module.split("."))
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


def broken(mutant: Mutant, source: str) -> str:
    """The source with the mutant's words. Raises NotFitting."""
    times = source.count(mutant.old)
    if times != 1:
        raise NotFitting(f"{mutant.name}: its words stand {times} times in {mutant.module}")
    return source.replace(mutant.old, mutant.new)


class _Loader(SourceFileLoader):
    def __init__(self, mutant: Mutant, path: str) -> None:
        super().__init__(mutant.module, path)
        self._mutant = mutant

    def get_code(self, fullname: str) -> CodeType:
        """The broken module's code; nothing of it is kept for other interpreters."""
        source = broken(self._mutant, Path(self.path).read_text(encoding="utf-8"))
        return self.source_to_code(source, self.path)


class _Finder(MetaPathFinder):
    def __init__(self, mutant: Mutant) -> None:
        self._mutant = mutant

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """The broken module's place, and nothing of any other."""
        if fullname != self._mutant.module:
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is not None and spec.origin is not None:
            spec.loader = _Loader(self._mutant, spec.origin)
        return spec


def break_product(mutant: Mutant) -> None:
    """From now on, the mutant's module is broken in this interpreter. Raises RuntimeError where it is loaded."""
    if mutant.module in sys.modules:
        raise RuntimeError(f"{mutant.module} is loaded already")
    sys.meta_path.insert(0, _Finder(mutant))
