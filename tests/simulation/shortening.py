"""Makes a failing history shorter: fewer steps, then fewer faults, while it still fails in the same way."""

from __future__ import annotations

from collections.abc import Callable

from tests.simulation.history import STEPS, History, run


def shorten(found: History, *, tell: Callable[[str], None] = lambda _progress: None, most: int = 120) -> History:
    """The shortest history that was found within `most` tries, with one of the violations of the one that is given."""
    wanted = {one.kind for one in found.violations}
    tries = 0
    best, steps, silenced = found, STEPS, frozenset[str]()

    def fails(steps: int, silenced: frozenset[str]) -> bool:
        nonlocal tries, best
        if tries >= most:
            return False
        tries += 1
        again = run(found.seed, steps=steps, silenced=silenced)
        if wanted.isdisjoint(one.kind for one in again.violations):
            return False
        best = again
        return True

    low, high = 0, steps
    while low + 1 < high:  # fewer steps first: each takes its faults along
        half = (low + high) // 2
        low, high = (low, half) if fails(half, silenced) else (half, high)
    steps = high
    tell(f"{steps} steps of {STEPS}")
    size = max(1, len(best.made) // 2)
    while size and tries < most:
        left = [one.key for one in best.made]
        for start in range(0, len(left), size):
            if fails(steps, more := silenced | frozenset(left[start : start + size])):
                silenced = more
        size //= 2
    tell(f"{len(best.made)} decisions of {len(found.made)}, after {tries} tries")
    return best
