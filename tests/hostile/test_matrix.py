"""Everybody may do what the listeners declare, and nothing else."""

from __future__ import annotations

from pathlib import Path

from tests.hostile.matrix import PEOPLE, ask_all, asked_cells, may


async def test_every_cell_of_the_matrix_is_as_declared(tmp_path: Path) -> None:
    matrix = await ask_all("sqlite", tmp_path)
    assert [f"{one.listener}, {one.person}: {one.wrong}" for one in matrix.cells if one.wrong] == []
    assert len(matrix.cells) == len(asked_cells()) > 500
    assert matrix.report.violations == {}


def test_strangers_robots_and_the_deactivated_may_do_nothing() -> None:
    assert not any(may(one, person) for one, person in asked_cells() if person in ("stranger", "robot", "deactivated"))


def test_both_verdicts_are_wanted_of_every_role_but_the_admin() -> None:
    wanted = {person: {may(one, who) for one, who in asked_cells() if who == person} for person in PEOPLE}
    assert {person for person, verdicts in wanted.items() if verdicts == {True, False}} == {
        "rep",
        "marketer",
        "manager",
        "guest",
    }
    assert wanted["admin"] == {True}
