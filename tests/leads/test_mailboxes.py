"""Two addresses of one mailbox are one person, as the mailbox's provider means it; and so are those stored before."""

from __future__ import annotations

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory
from sqlalchemy import select, update

from domain.leads.addresses import mailbox_key
from domain.persons.asking import preview_erasure
from storage.migrate import MIGRATIONS
from storage.models import Lead, Wish
from tests.world import World

SAME = [
    ("lee.wong@gmail.com", "LeeWong+demo@googlemail.com"),
    ("lee@outlook.com", "lee+x@outlook.com"),
    ("lee@München.example", "lee@xn--mnchen-3ya.example"),
]
APART = [
    ("lee.wong@outlook.com", "leewong@outlook.com"),
    ("info+sales@northwind.example", "info@northwind.example"),
    ("lee-a@yahoo.com", "lee@yahoo.com"),
    ("+lee@gmail.com", "+bo@gmail.com"),
]


@pytest.mark.parametrize(
    ("one", "other", "same"), [*((*pair, True) for pair in SAME), *((*pair, False) for pair in APART)]
)
def test_a_mailbox_is_what_its_provider_takes_for_one(one: str, other: str, same: bool) -> None:
    assert (mailbox_key(one) == mailbox_key(other)) is same


def test_whoever_writes_from_another_address_of_their_mailbox_has_one_lead_and_is_erased_whole(world: World) -> None:
    first = world.lead(email="lee.wong@gmail.com", asked="A demo", external_id="1")
    assert world.lead(email="leewong+fair@googlemail.com", asked="Prices", external_id="2") == first
    lead = world.run(lambda session: session.get_one(Lead, first))
    assert (lead.email, lead.asked) == ("lee.wong@gmail.com", "Prices")
    assert world.run(preview_erasure, "LeeWong@gmail.com", by=world.member("mia"), at=world.now).leads == 1


def test_whoever_asked_before_mailboxes_were_told_apart_is_known(world: World) -> None:
    first = world.lead(email="lee.wong+a@googlemail.com", asked="A demo", external_id="1")
    world.run(lambda session: session.execute(update(Wish).values(person="lee.wong+a@googlemail.com")))
    module = ScriptDirectory(str(MIGRATIONS)).get_revision("0063").module
    with world.db.engine.begin() as connection, Operations.context(MigrationContext.configure(connection)):
        module.upgrade()
    assert world.run(lambda session: session.scalars(select(Wish.person)).all()) == ["leewong@gmail.com"]
    assert world.lead(email="leewong@gmail.com", asked="Prices", external_id="2") == first
