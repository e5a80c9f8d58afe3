"""`make mutants`: breaks the product in one way after the other, and shows in how many histories each is found.

Each mutant has an interpreter of its own. `ARGS="--seeds 0:300"`; `--enough 3` goes on to the next mutant once it was
found so often; `--only words` takes those whose names contain these words.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from importlib import import_module
from typing import Final

from tests.simulation.breaking import ROOT, break_product
from tests.simulation.mutant import Mutant
from tests.simulation.mutants import MUTANTS

HISTORIES: Final = "tests.simulation.history"
"""Whose `run(seed)` makes the histories that a mutant is looked for in; loaded once the product is broken."""


@dataclass(frozen=True, slots=True)
class Found:
    """Of `seeds` histories, in how many something was wrong, by what; `first`: the first that was, and why."""

    seeds: int
    kinds: dict[str, int]
    rightly: int
    first: str

    def verdict(self, mutant: Mutant) -> tuple[bool, str]:
        """Whether it is as it should be, and that in words."""
        kinds = ", ".join(f"{kind} {count}" for kind, count in sorted(self.kinds.items())) or "nothing wrong"
        told = f"{self.rightly:4} of {self.seeds}  {mutant.name}: {kinds}"
        if not mutant.meant:
            return not self.kinds, f"{told}; {mutant.why}" if not self.kinds else f"{told}; first {self.first}"
        return self.rightly > 0, f"{told}; first {self.first}" if self.first else f"{told}  NOT FOUND"


def look(mutant: Mutant, seeds: range, enough: int) -> Found:
    """Break the product in this interpreter and live the histories."""
    break_product(mutant)
    run = import_module(HISTORIES).run
    kinds: Counter[str] = Counter()
    lived = rightly = 0
    first = ""
    for seed in seeds:
        lived += 1
        violations = run(seed).violations
        here = {one.kind for one in violations}
        kinds.update(here)
        rightly += bool(here & set(mutant.meant))
        if violations and not first:
            first = f"seed {seed}: {violations[0].kind}, {violations[0].what}"
        if enough and rightly >= enough:
            break
    return Found(lived, dict(kinds), rightly, first)


def _whole(seeds: str) -> bool:
    """Whether something is wrong in these histories without any mutant: then no mutant's figures are worth anything."""
    program = (
        f"from {HISTORIES} import run\n"
        f"for seed in range({seeds.replace(':', ',')}):\n"
        "    for one in run(seed).violations: print(f'  the product  seed {seed}: {one.kind}, {one.what}')"
    )
    command = [sys.executable, "-W", "ignore", "-c", program]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    sys.stdout.write(done.stdout)
    return bool(done.stdout)


def main() -> int:
    """Run all of them; 1 when one is not found, or found where nothing can be."""
    parser = argparse.ArgumentParser(prog="make mutants", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seeds", default="0:100", help="from:to")
    parser.add_argument("--enough", type=int, default=0, help="how often a mutant is found before the next one")
    parser.add_argument("--only", default="", help="words of a mutant's name")
    parser.add_argument("--here", type=int, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    lowest, _, beyond = asked.seeds.partition(":")
    if asked.here is not None:
        found = look(MUTANTS[asked.here], range(int(lowest), int(beyond)), asked.enough)
        sys.stdout.write(json.dumps([found.seeds, found.kinds, found.rightly, found.first]))
        return 0
    bad = int(_whole(asked.seeds))
    for number, mutant in enumerate(MUTANTS):
        if asked.only not in mutant.name:
            continue
        command = [sys.executable, "-W", "ignore", "-m", __spec__.name, "--here", str(number)]
        command += ["--seeds", asked.seeds, "--enough", str(asked.enough)]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        if done.returncode:
            sys.stdout.write(f"    BROKEN  {mutant.name}: {done.stderr.strip()[-300:]}\n")
            bad += 1
            continue
        well, told = Found(*json.loads(done.stdout)).verdict(mutant)
        bad += not well
        sys.stdout.write(f"{told}\n")
        sys.stdout.flush()
    return bad > 0


if __name__ == "__main__":
    sys.exit(main())
