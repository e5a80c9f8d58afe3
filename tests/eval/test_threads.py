"""Words are stemmed by several threads at once: whoever logs, and what makes the starter words ready at the start."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from domain.insight.words import stem


@pytest.mark.parametrize("language", ["en", "de"])
def test_threads_that_stem_at_once_get_what_each_would_get_alone(language: str) -> None:
    words = [f"{beginning}{letters}ations" for beginning in "bcdfgh" for letters in ("al", "en", "ir", "os", "um")] * 20
    alone = [stem(word, language) for word in words]
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        stem.cache_clear()
        with ThreadPoolExecutor(8) as threads:
            found = list(threads.map(lambda word: stem.__wrapped__(word, language), words))
    finally:
        sys.setswitchinterval(before)
    assert found == alone
