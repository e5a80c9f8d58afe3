"""What came of a run, for each workspace and for all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from tests.chaos.desk import Desk
from tests.chaos.herd import Herd
from tests.chaos.jobs import Errands
from tests.chaos.oracle import Oracle
from tests.chaos.plan import Plan
from tests.chaos.records import Records, Violation
from tests.chaos.tenant import Tenant


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one workspace."""

    tenant: Tenant
    oracle: Oracle
    violations: list[Violation]

    @property
    def records(self) -> Records:
        return self.oracle.records

    @property
    def rungs(self) -> Counter[str]:
        """How often each thing happened to a lead."""
        return Counter(event.kind for events in self.records.events.values() for event in events)


@dataclass(frozen=True, slots=True)
class Report:
    """What came of a run. `renewals`: of the quiet workspace's token; `reinstalled`: how often it went and came back.

    `seconds`: until the drain began, and until it ended.
    """

    plan: Plan
    outcomes: Sequence[Outcome]
    faults: dict[str, int]
    herd: Herd
    desk: Desk
    replayed: int
    reinstalled: int
    renewals: int
    seconds: tuple[float, float]

    @property
    def violations(self) -> list[Violation]:
        return [violation for one in self.outcomes for violation in one.violations]

    @property
    def ended(self) -> Counter[int]:
        """How often processes ended by themselves, by exit code."""
        return sum((one.ended for one in self.herd.keepers), Counter())

    @property
    def starts(self) -> list[float]:
        """How many seconds each start took."""
        return [seconds for one in self.herd.keepers for seconds in one.starts]

    def dumps(self, most: int) -> str:
        """The first violations of each workspace, with their rows and the calls that were made for them."""
        return "\n\n".join(
            f"{one.tenant.company.name}: {one.oracle.dump(violation)}"
            for one in self.outcomes
            for violation in one.violations[:most]
        )


def judge(
    tenant: Tenant, records: Records, herd: Herd, desk: Desk, others: Sequence[str], *, in_one_order: bool
) -> Outcome:
    """Let the oracle look at one workspace."""
    oracle = Oracle(
        records,
        tenant.ledger,
        tenant.arrivals.answers,
        herd.longest_at_work,
        tenant.issued,
        Errands(tenant.slack.team_id, tenant.asked, desk.served),
        others=others,
        in_one_order=in_one_order,
    )
    return Outcome(tenant, oracle, oracle.violations())
