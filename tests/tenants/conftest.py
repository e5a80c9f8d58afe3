"""Two workspaces in one database, each with something of everything."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from storage.database import Database
from tests.tenants.furniture import Tenant, furnish, settle

AT = datetime(2026, 11, 17, 10, tzinfo=UTC)


def furnish_two(db: Database) -> tuple[Tenant, Tenant]:
    """Two workspaces with something of everything."""
    first, second = (db.run_sync(settle, team, word, AT) for team, word in (("T1", "zebra"), ("T2", "quagga")))
    db.run_sync(furnish, first, AT)
    db.run_sync(furnish, second, AT)
    return first, second


@pytest.fixture
def two(db: Database) -> tuple[Tenant, Tenant]:
    """Two workspaces with something of everything."""
    return furnish_two(db)
