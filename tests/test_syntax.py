"""A file is read whatever earlier tests left behind."""

from __future__ import annotations

import ast
import gc
from collections.abc import Iterator

import pytest

from tests.syntax import syntax_tree

_SOURCE = "\n".join(f"a{number} = [{number}, (b, c), {{d: e}}]" for number in range(2000))


class _Left:
    """Something that an earlier test left in a circle; it parses when it is collected, as a logged traceback does."""

    def __init__(self) -> None:
        self.itself = self

    def __del__(self) -> None:
        ast.parse("x = [y for y in z if y]")


@pytest.fixture
def collected_often() -> Iterator[None]:
    before = gc.get_threshold()
    gc.collect()
    gc.set_threshold(20, 1, 1)
    yield
    gc.set_threshold(*before)


@pytest.mark.usefixtures("collected_often")
def test_what_is_collected_while_a_file_is_read_does_not_end_the_reading() -> None:
    gc.disable()
    _Left()
    gc.enable()
    assert len(syntax_tree(_SOURCE).body) == 2000
    assert gc.isenabled()
