"""What the settings change about the definition of a lead that sales gets: its criteria, triage, and what SQL means."""

from __future__ import annotations

from domain.changes import Change
from domain.config.comparison import Comparison
from domain.config.errors import SettingsRefused
from domain.config.values import describe_duration
from domain.leads.conditions import write_condition
from domain.leads.definition import latest_definition, write_definition

MOST_CRITERIA = 20


def describe_or_never_duration(seconds: int | None) -> str:
    """A duration as the file writes it; "never" for none."""
    return describe_duration(seconds) if seconds else "never"


def compare_definition(comparison: Comparison) -> None:
    """Add a step for a new version of the definition, and for what SQL means. The list of criteria is exact."""
    workspace, config = comparison.workspace, comparison.config
    means = config.sql_means or workspace.sql_means
    if config.sql_means is not None and config.sql_means != workspace.sql_means:
        chosen = config.sql_means
        comparison.step(
            Change("sql_means", before=workspace.sql_means or "", after=chosen),
            lambda: setattr(workspace, "sql_means", chosen),
        )
    latest = latest_definition(comparison.session, workspace.id)
    before = [str(line) for line in latest.criteria] if latest is not None else []
    seconds = latest.triage_seconds if latest is not None else None
    wanted = before if config.criteria is None else [write_condition(one) for one in config.criteria]
    wanted = list(dict.fromkeys(wanted))
    triage = seconds if config.triage is None else config.triage or None
    if wanted == before and triage == seconds:
        return
    if len(wanted) > MOST_CRITERIA:
        comparison.problem(("criteria",), SettingsRefused("too_many_criteria", (str(len(wanted)), str(MOST_CRITERIA))))
        return
    if wanted and means is None:
        comparison.problem(("sql_means",), SettingsRefused("sql_means_unknown"))
        return
    number = (latest.version if latest is not None else 0) + 1
    changes = []
    if wanted != before:
        added = tuple(line for line in wanted if line not in before)
        removed = tuple(line for line in before if line not in wanted)
        changes.append(Change("criteria", name=str(number), added=added, removed=removed))
    if triage != seconds:
        told = [describe_or_never_duration(one) for one in (seconds, triage)]
        changes.append(Change("triage", name=str(number), before=told[0], after=told[1]))

    def write() -> None:
        write_definition(comparison.session, workspace, wanted, triage, by=comparison.by, at=comparison.at)

    comparison.step(changes[0], write)
    for further in changes[1:]:
        comparison.step(further, lambda: None)
