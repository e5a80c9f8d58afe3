"""The file that the marketers' page shows is a file that the import takes."""

import re
from dataclasses import fields
from pathlib import Path

from domain.content_csv import ContentRow, parse_content_csv

PAGE = (Path(__file__).parents[2] / "docs" / "marketers.md").read_text(encoding="utf-8")


def test_the_example_is_read_without_a_problem() -> None:
    example = re.findall(r"```csv\n(.*?)```", PAGE, re.DOTALL)[0]
    file = parse_content_csv(example.encode())
    assert (len(file.rows), file.problems, file.notes) == (2, (), ())


def test_every_column_is_explained_and_no_other() -> None:
    explained = re.findall(r"^\| `(\w+)` \|", PAGE.partition("## Show which content works")[2], re.MULTILINE)
    assert set(explained) == {one.name for one in fields(ContentRow)} - {"line"}
