"""Python's own reading of the project's files, for the tests that check how these are written."""

from __future__ import annotations

import ast
import gc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def syntax_tree(source: Path | str) -> ast.Module:
    """The tree of a file, or of some text.

    Nothing is collected meanwhile: what an earlier test left behind may log an error as it is collected, the log's
    traceback parses as well, and one parse inside another ends both with a SystemError ("AST constructor recursion
    depth mismatch"; the depth is counted for the whole process).
    """
    with _nothing_collected():
        if isinstance(source, Path):
            return ast.parse(source.read_text(encoding="utf-8"), filename=str(source))
        return ast.parse(source)


@contextmanager
def _nothing_collected() -> Iterator[None]:
    collected = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collected:
            gc.enable()
