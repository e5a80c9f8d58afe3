"""What the page's files promise: every module is small, says what it is for, and is fetched early."""

import re
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "playground" / "page"
MODULES = sorted(PAGE.glob("*.js"))


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.name)
def test_a_module_is_small_and_opens_with_what_it_is_for(module: Path) -> None:
    text = module.read_text()
    assert text.startswith("// ")
    assert text.count("\n") < 400
    assert "innerHTML" not in text


def test_the_page_fetches_all_its_modules_at_once() -> None:
    named = re.findall(r"/page/static/(\w+\.js)", (PAGE / "index.html").read_text())
    assert sorted(named) == [module.name for module in MODULES]


def test_the_page_fetches_nothing_from_elsewhere() -> None:
    for file in [*MODULES, *PAGE.glob("*.html"), *PAGE.glob("styles/*.css")]:
        outside = re.findall(r"""["'(](https?://[^"')]*)""", file.read_text())
        assert [url for url in outside if not url.startswith("http://www.w3.org/")] == [], file.name
