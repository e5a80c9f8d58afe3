"""What the tests compile once: hundreds of engines, one for each test, would each compile the same statements anew.

Two fifths of the processor time of a test that uses the database went there. A process that serves for long compiles
each statement once, too.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from sqlalchemy import Dialect, Engine, create_engine

from storage import engines


class _Compiled(dict[Any, Any]):
    """What was compiled. A log that shows the variables of a traceback does not write it all out."""

    def __repr__(self) -> str:
        return f"<{len(self)} statements>"


@contextmanager
def compiled_once() -> Iterator[None]:
    """Until the block ends, whatever engines are made share what they compile.

    The cache's keys hold the engine's dialect, and two dialects are never equal: these are.
    """
    compiled = _Compiled()
    equal: dict[type[Dialect], type[Dialect]] = {}

    def make_sharing(url: Any, **options: Any) -> Engine:
        engine = create_engine(url, execution_options={"compiled_cache": compiled}, **options)
        kind = type(engine.dialect)
        if kind not in equal:
            equal[kind] = type(kind.__name__, (kind,), _ALIKE)
        engine.dialect.__class__ = equal[kind]  # with nothing more in it
        return engine

    with patch.object(engines, "create_engine", make_sharing):
        yield


def _are_of_one_kind(one: object, other: object) -> bool:
    return type(one) is type(other)


_ALIKE = {"supports_statement_cache": True, "__eq__": _are_of_one_kind, "__hash__": lambda one: hash(type(one))}
