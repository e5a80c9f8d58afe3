"""A test that hangs is a red test with its stack, not a run that never ends: pytest-timeout, and what it leaves out."""

from __future__ import annotations

import signal
from collections.abc import Generator

import pytest
from pytest_timeout import Settings

_LIMITED = pytest.StashKey[Settings]()


@pytest.hookimpl(wrapper=True)
def pytest_timeout_set_timer(item: pytest.Item, settings: Settings) -> Generator[None, object, object]:
    """Ring again and again: the first time may end another task of the event loop than the one that is waited for."""
    item.stash[_LIMITED] = settings
    done = yield
    if signal.getitimer(signal.ITIMER_REAL)[0]:
        signal.setitimer(signal.ITIMER_REAL, settings.timeout, settings.timeout)
    return done


@pytest.hookimpl(wrapper=True, trylast=True)
def limited(item: pytest.Item) -> Generator[None, object, object]:
    """Set-up, test and teardown have the whole limit each.

    pytest-timeout counts no more once a test has failed, and a teardown that hangs then would hang for good. Between
    the three nothing is counted, as an alarm must not break off the making of a report.
    """
    settings = item.stash.get(_LIMITED, None)
    if settings is None:
        return (yield)
    item.ihook.pytest_timeout_set_timer(item=item, settings=settings)
    try:
        return (yield)
    finally:
        item.ihook.pytest_timeout_cancel_timer(item=item)


pytest_runtest_setup = pytest_runtest_call = pytest_runtest_teardown = limited
