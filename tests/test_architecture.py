"""The page that tells how the house is built names files, and a reader finds each where the page says."""

import re

from tests.test_imports import ROOT

PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
NAMED = sorted(set(re.findall(r"`((?:bot|handlers|digests|domain|storage|tests)/[\w/.]*)`", PAGE)))


def test_each_file_that_the_page_names_exists() -> None:
    assert len(NAMED) > 50
    assert [name for name in NAMED if not (ROOT / name).exists()] == []
