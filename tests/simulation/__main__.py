"""`make simulate`: histories by their seeds, what befell them, and a failing one made shorter before it is told.

make simulate ARGS="--seeds 0:2000"
make simulate ARGS="--seed 17 --trace"
"""

from __future__ import annotations

import argparse
import gc
import time
from collections import Counter

from storage.crash import POINTS
from tests.simulation.faults import FAULT_NAMES
from tests.simulation.history import STEPS, History, run
from tests.simulation.shortening import shorten

TOLD_EVERY = 100
COLLECTED_EVERY = 20


def main() -> int:
    """The exit code: 1 when something was violated."""
    parser = argparse.ArgumentParser(prog="make simulate", description=__doc__)
    parser.add_argument("--seeds", default="0:200", help="from:to, the last one not included")
    parser.add_argument("--seed", type=int, help="one history alone")
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument(
        "--trace", action="store_true", help="tell every decision of each history, and each lead's events"
    )
    parser.add_argument("--digest", action="store_true", help="tell the digest of each history")
    parser.add_argument("--whole", action="store_true", help="leave failing histories as long as they are")
    asked = parser.parse_args()
    first, _, end = asked.seeds.partition(":")
    seeds = [asked.seed] if asked.seed is not None else range(int(first), int(end))
    began, failed, struck = time.perf_counter(), list[int](), Counter[str]()
    made = acknowledged = 0
    run(0, steps=1)  # what is made once is there
    gc.collect()
    gc.freeze()
    gc.disable()  # a look at everything there is takes longer than a tenth of a history
    for number, seed in enumerate(seeds, 1):
        history = run(seed, steps=asked.steps, digest=asked.digest or asked.trace)
        struck.update(history.struck.keys())
        made, acknowledged = made + history.clicks[0], acknowledged + history.clicks[1]
        if asked.digest:
            print(seed, history.digest)
        if history.violations:
            failed.append(seed)
            kinds = ", ".join(sorted({one.kind for one in history.violations}))
            print(f"seed {seed}: {kinds}", flush=True)
            _tell(history if asked.whole else shorten(history, tell=print))
        elif asked.trace:
            _tell(history)
        if number % COLLECTED_EVERY == 0:
            gc.collect()
        if number % TOLD_EVERY == 0:
            print(f"{number} of {len(seeds)} histories, {_rate(number, began):,.0f} an hour", flush=True)
    if len(seeds) > 1:
        for name in (*POINTS, *FAULT_NAMES):
            print(f"{struck[name] / len(seeds):6.1%} of the histories: {name}")
        for name in sorted(struck.keys() - {*POINTS, *FAULT_NAMES}):
            print(f"{struck[name] / len(seeds):6.1%} of the histories: {name}")
    print(f"{acknowledged:,} of {made:,} clicks of people were acknowledged")
    print(f"{len(seeds)} histories, {_rate(len(seeds), began):,.0f} an hour; failed: {failed or 'none'}")
    return 1 if failed else 0


def _tell(history: History) -> None:
    told = [(one.at, f"{one}") for one in history.made] + list(history.happened)
    for _at, line in sorted(told, key=lambda one: one[0]):
        print(line)
    print(f"seed {history.seed}: {history.seconds:.0f} s of virtual time, digest {history.digest}")
    for violation in history.told:
        print(violation)


def _rate(count: int, began: float) -> float:
    return count / (time.perf_counter() - began) * 3600


if __name__ == "__main__":
    raise SystemExit(main())
