"""A test begins in a process as it was, whatever the test before it set for the whole of it."""

from __future__ import annotations

import gc
import logging

import pytest
import structlog

from bot.logs import configure_logs

_logger = structlog.get_logger()


@pytest.mark.parametrize("time", ["first", "second"])
def test_a_log_and_a_memory_set_for_the_whole_process_end_with_their_test(time: str) -> None:
    assert gc.isenabled()
    assert not structlog.is_configured()
    with structlog.testing.capture_logs() as logged:
        _logger.warning("said", time=time)
    assert logged == [{"event": "said", "time": time, "log_level": "warning"}]
    gc.disable()
    configure_logs("json")
    structlog.configure(processors=[*structlog.get_config()["processors"]])
    _logger.warning("from here on this logger keeps its processors")
    assert type(logging.getLogger().handlers[0]) is logging.StreamHandler
