"""Errors as whoever meets them reads them."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar

import pytest

from domain.errors import TandemError
from handlers.words import plain_sentence

E = TypeVar("E", bound=TandemError)


@contextmanager
def refused(kind: type[E], says: str) -> Iterator[pytest.ExceptionInfo[E]]:
    """What is done within is refused with such an error, and the sentence for people holds these words."""
    with pytest.raises(kind) as caught:
        yield caught
    assert says in plain_sentence(caught.value)
