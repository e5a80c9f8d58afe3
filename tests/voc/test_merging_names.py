"""Duplicate accounts and competitors are merged and renamed as themes are, and it can be undone."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from domain.accounts import find_account
from domain.config.export import export_config
from domain.errors import Changed, FieldProblems, NotAllowed, NotFound
from domain.people import ensure_member, ensure_workspace
from domain.pulse import recount, take_pulse
from domain.voc.competitor_merging import merge_competitors
from domain.voc.errors import RegroupingRefused, UnknownName
from domain.voc.form import VocForm
from domain.voc.items import edit_item, log_form, log_line
from domain.voc.merging import merge_rows
from domain.voc.moving import Strays, find_strays, gather_strays
from domain.voc.planning import find_history, plan_any_merge
from domain.voc.search import search_items
from domain.voc.suggestions import suggest_accounts, suggest_competitors
from domain.voc.wording import catch_up
from storage.models import Account, Lead, VocItem, Workspace
from tests.voc.regrouped import follow, log, merge, rename, undo
from tests.world import World


def know(world: World, *competitors: str) -> None:
    world.run(lambda session: session.execute(update(Workspace).values(competitors=list(competitors))))


def listed(world: World) -> list[str]:
    return world.run(lambda session: list(session.get_one(Workspace, world.workspace_id).competitors))


def accounts_of_items(world: World) -> dict[str, str]:
    def read(session: Session) -> dict[str, str]:
        rows = session.execute(select(VocItem.verbatim, Account.name).join(Account, Account.id == VocItem.account_id))
        return dict(rows.all())

    return world.run(read)


def competitors_of_items(world: World) -> dict[str, str | None]:
    rows = world.run(lambda session: session.execute(select(VocItem.verbatim, VocItem.competitor)).all())
    return dict(rows)


def test_an_accounts_items_and_name_go_to_the_other_account(world: World) -> None:
    log(world, "dear @Acme $40k")
    log(world, 'dearer @"Acme Group" $50k', "bo")
    done = merge(world, "@acme group", "@acme")
    assert (done.about, done.subject, done.target, done.moved) == ("account", "Acme Group", "Acme", 1)
    assert log(world, 'dearest @"Acme Group"').item.account == "Acme"
    assert log(world, "once more @Acme Group it is dear").item.account == "Acme"
    assert set(accounts_of_items(world).values()) == {"Acme"}
    found = world.run(find_account, world.workspace_id, "ACME GROUP")
    assert found is not None
    pulse = take_pulse_of_account(world, found.id)
    assert (pulse.count, pulse.reps) == (4, 2)


def take_pulse_of_account(world: World, account_id: int):  # type: ignore[no-untyped-def]
    ways = [world.run(count, world.workspace_id, world.now, "account", account_id) for count in (take_pulse, recount)]
    assert ways[0] == ways[1]
    return ways[0]


def test_leads_and_forms_find_the_account_that_took_the_place(world: World) -> None:
    log(world, "dear @Acme")
    gone = log(world, 'dear @"Acme Group"').item
    merge(world, "@Acme Group", "@Acme")
    lead_id = world.lead(company="Acme Group")
    account_id = world.run(lambda session: session.get_one(Lead, lead_id).account_id)
    found = world.run(find_account, world.workspace_id, "Acme")
    assert found is not None
    assert account_id == found.id
    form = VocForm(text="picked before the merge", account_id=gone.account_id)
    logged = world.run(log_form, form, origin="form", permalink=None, by=world.member("ana"), at=world.now)
    assert logged.item.account == "Acme"


def test_menus_and_the_settings_file_name_the_account_that_stays(world: World) -> None:
    log(world, "dear @Acme")
    log(world, 'dear @"Acme Group"')
    world.run(lambda session: session.execute(update(Account).values(known=True)))
    merge(world, "@Acme Group", "@Acme")
    offered = world.run(suggest_accounts, "acme group", by=world.member("ana"), at=world.now)
    assert ([name for _, name in offered.accounts], offered.new) == (["Acme"], None)
    assert "Acme Group" not in world.run(export_config, world.workspace_id)


def test_an_undone_merge_of_accounts_gives_back_what_it_moved(world: World) -> None:
    log(world, "dear @Acme")
    log(world, 'group @"Acme Group"')
    world.run(lambda session: session.execute(update(Account).where(Account.slug == "acme-group").values(known=True)))
    done = merge(world, "@Acme Group", "@Acme")
    log(world, 'later @"Acme Group"')
    undo(world, done)
    assert accounts_of_items(world) == {"dear": "Acme", "group": "Acme Group", "later": "Acme"}
    known = world.run(lambda session: dict(session.execute(select(Account.slug, Account.known)).all()))
    assert known == {"acme": False, "acme-group": True}


def test_an_account_is_renamed_and_its_old_name_leads_to_it(world: World) -> None:
    log(world, "dear @Acme")
    done = rename(world, "@acme", "Globex Corp")
    assert (done.subject, done.target) == ("Acme", "Globex Corp")
    assert log(world, "dearer @Acme").item.account == "Globex Corp"
    assert log(world, "dearest @Globex").item.account == "Globex Corp"
    undo(world, done)
    assert set(accounts_of_items(world).values()) == {"Acme"}
    assert log(world, "again @Globex").item.account == "Acme"


def test_an_account_may_only_be_spelled_otherwise(world: World) -> None:
    log(world, "dear @ACME")
    done = rename(world, "@acme", "Acme Inc")
    assert accounts_of_items(world) == {"dear": "Acme Inc"}
    undo(world, done)
    assert accounts_of_items(world) == {"dear": "ACME"}


def test_a_competitors_items_are_called_anew_and_so_is_what_is_typed(world: World) -> None:
    know(world, "Rival Soft", "Rivalsoft", "Other")
    log(world, "cheaper vs Rivalsoft")
    log(world, "nicer vs Rival Soft")
    done = merge(world, "!rival soft", "!Rivalsoft")
    assert (done.about, done.subject, done.target, done.moved) == ("competitor", "Rival Soft", "Rivalsoft", 1)
    assert log(world, "faster vs Rival Soft").item.competitor == "Rivalsoft"
    assert log(world, "they like Rival Soft better").item.competitor == "Rivalsoft"
    form = VocForm(text="slower", competitor="RIVAL SOFT")
    logged = world.run(log_form, form, origin="form", permalink=None, by=world.member("ana"), at=world.now)
    assert logged.item.competitor == "Rivalsoft"
    assert set(competitors_of_items(world).values()) == {"Rivalsoft"}
    assert listed(world) == ["Rivalsoft", "Other"]
    assert world.run(take_pulse, world.workspace_id, world.now, "competitor", "Rivalsoft").count == 5
    offered = world.run(suggest_competitors, "rival", by=world.member("ana"), at=world.now)
    assert offered.names == ("Rivalsoft",)


def test_an_undone_merge_of_competitors_gives_names_and_list_back(world: World) -> None:
    know(world, "Rival Soft", "Rivalsoft")
    log(world, "cheaper vs Rivalsoft")
    log(world, "nicer vs Rival Soft")
    moved = log(world, "elsewhere vs Rival Soft").item
    done = merge(world, "!rival soft", "!rivalsoft")
    form = VocForm(text="elsewhere", competitor="Acmeware")
    world.run(edit_item, moved.id, form, version=2, by=world.member("ana"), at=world.later(minutes=1))
    log(world, "later vs Rival Soft")
    undo(world, done)
    assert competitors_of_items(world) == {
        "cheaper vs Rivalsoft": "Rivalsoft",
        "nicer vs Rival Soft": "Rival Soft",
        "elsewhere": "Acmeware",
        "later vs Rival Soft": "Rivalsoft",
    }
    assert sorted(listed(world)) == ["Rival Soft", "Rivalsoft"]
    assert log(world, "again vs Rival Soft").item.competitor == "Rival Soft"


def test_a_competitor_is_renamed_with_all_its_items(world: World) -> None:
    know(world, "Riv")
    log(world, "cheaper vs Riv")
    done = rename(world, "!riv", "Rivalsoft")
    assert log(world, "nicer vs Riv").item.competitor == "Rivalsoft"
    assert (set(competitors_of_items(world).values()), listed(world)) == ({"Rivalsoft"}, ["Rivalsoft"])
    undo(world, done)
    assert (set(competitors_of_items(world).values()), listed(world)) == ({"Riv"}, ["Riv"])
    assert rename(world, "!riv", "Rivalsoft").moved == 2


def test_an_undone_rename_of_a_competitor_takes_along_what_was_merged_into_it_meanwhile(world: World) -> None:
    log(world, "dear !Riv")
    log(world, "dearer !Loop", "bo")
    renamed = rename(world, "!riv", "Rivalsoft")
    merged = merge(world, "!loop", "!rivalsoft")
    undo(world, renamed)
    assert competitors_of_items(world) == {"dear": "Riv", "dearer": "Riv"}
    assert log(world, "again !Loop").item.competitor == "Riv"
    undo(world, merged)
    assert competitors_of_items(world) == {"dear": "Riv", "dearer": "Loop", "again": "Riv"}


@pytest.mark.parametrize("later", ["rename", "merge"])
def test_a_rename_of_a_competitor_that_leads_on_by_now_is_undone_after_what_was_done_since(
    world: World, later: str
) -> None:
    log(world, "dear !Riv")
    log(world, "dearer !Loop", "bo")
    first = rename(world, "!riv", "Rivalsoft")
    second = rename(world, "!rivalsoft", "Zenit") if later == "rename" else merge(world, "!rivalsoft", "!loop")
    with pytest.raises(RegroupingRefused) as refused:
        undo(world, first)
    assert refused.value.why == "renamed_since"
    undo(world, second)
    undo(world, first)
    assert competitors_of_items(world) == {"dear": "Riv", "dearer": "Loop"}


def test_what_is_no_pair_is_refused_in_words(world: World) -> None:
    know(world, "Rivalsoft")
    log(world, "dear #pricing @Acme vs Rivalsoft")
    log(world, 'dear @"Acme Group" vs Acmeware')
    for subject, target, why in (
        ("@Acme", "#pricing", "unlike"),
        ("!Rivalsoft", "@Acme", "unlike"),
        ("@Acme", "@ACME Inc", "itself"),
        ("!Rivalsoft", "!rivalsoft", "itself"),
    ):
        with pytest.raises(RegroupingRefused) as caught:
            merge(world, subject, target)
        assert caught.value.why == why
    for subject, target in (("@Nobody", "@Acme"), ("!Nobody", "!Rivalsoft")):
        with pytest.raises(UnknownName):
            merge(world, subject, target)
    merge(world, "@Acme Group", "@Acme")
    merge(world, "!Acmeware", "!Rivalsoft")
    for subject, target in (("@Acme", "@Acme Group"), ("!Rivalsoft", "!Acmeware")):
        with pytest.raises(RegroupingRefused) as caught:
            merge(world, subject, target)
        assert caught.value.why == "part_already"
    for typed, name, why in (
        ("@Acme", "Acme Group", "taken_by_merged"),
        ("!Rivalsoft", "Acmeware", "earlier_name"),
        ("@Acme", "…", "no_name"),
        ("!Rivalsoft", "…", "no_name"),
    ):
        with pytest.raises(FieldProblems) as wrong:
            rename(world, typed, name)
        problem = wrong.value.problems["name"]
        assert getattr(problem, "why", None) == why


def test_only_marketers_of_the_workspace_merge_them(world: World) -> None:
    know(world, "Rivalsoft")
    log(world, "dear @Acme vs Rivalsoft")
    log(world, 'dear @"Acme Group" vs Acmeware')
    for subject, target in (("@Acme Group", "@Acme"), ("!Acmeware", "!Rivalsoft")):
        with pytest.raises(NotAllowed):
            merge(world, subject, target, who="ana")
    other = world.run(ensure_workspace, "T2", name="Other", at=world.now)
    stranger = world.run(ensure_member, other, "U-X", name="x", at=world.now)
    theirs = world.run(log_line, "dear @Zebra vs Zebrasoft", by=stranger, at=world.now).item
    by = world.member("max")
    with pytest.raises(NotFound):
        world.run(
            merge_rows,
            "account",
            theirs.account_id,
            theirs.account_id,
            staying="target",
            version="",
            by=by,
            at=world.now,
        )
    with pytest.raises(UnknownName):
        world.run(merge_competitors, "zebrasoft", "rivalsoft", version="", by=by, at=world.now)


def test_who_merges_second_reads_that_it_is_done(world: World) -> None:
    know(world, "Rivalsoft", "Acmeware")
    log(world, "dear @Acme")
    log(world, 'dear @"Acme Group"')
    for subject, target in (("@Acme Group", "@Acme"), ("!Acmeware", "!Rivalsoft")):
        plan = world.run(plan_any_merge, subject, target, by=world.member("max"), at=world.now)
        merge(world, subject, target, who="mia")
        with pytest.raises((RegroupingRefused, Changed)):
            follow(world, plan)


def test_what_lands_under_a_merged_competitor_all_the_same_is_gathered(world: World) -> None:
    log(world, "cheaper vs Rivalsoft")
    log(world, "nicer vs Acmeware")
    done = merge(world, "!Acmeware", "!Rivalsoft")
    stray = log(world, "stray vs Third").item

    def put(session: Session) -> None:
        item = session.get_one(VocItem, stray.id)
        item.competitor, item.competitor_key, item.version = "Acmeware", "acmeware", 2

    world.run(put)
    assert world.run(find_strays) == Strays("competitor", done.id)
    assert world.run(gather_strays, Strays("competitor", done.id), at=world.now) == 1
    assert world.run(find_strays) is None
    undo(world, done)
    assert competitors_of_items(world)["stray vs Third"] == "Acmeware"


def test_the_history_of_each_says_what_was_done(world: World) -> None:
    log(world, "dear @Acme vs Rivalsoft")
    log(world, 'dear @"Acme Group" vs Acmeware')
    for subject, target in (("@Acme Group", "@Acme"), ("!Acmeware", "!Rivalsoft")):
        done = merge(world, subject, target)
        _, rows = world.run(find_history, subject, by=world.member("max"), at=world.now)
        assert rows == [done]


@pytest.mark.parametrize("old", ['@"Acme Group"', "@Acme Group", 'account:"acme group"'])
def test_a_search_for_a_merged_account_finds_the_one_that_took_its_place(world: World, old: str) -> None:
    log(world, 'dear @"Acme Group"')
    log(world, "dear @Globex")
    merge(world, "@Acme Group", "@Globex")
    assert found_by(world, old) == ["Globex", "Globex"]
    rename(world, "@Globex", "Umbrella")
    assert found_by(world, old) == found_by(world, "@globex") == ["Umbrella", "Umbrella"]


def test_a_search_for_a_merged_or_renamed_competitor_finds_the_one_that_took_its_place(world: World) -> None:
    log(world, "dear @Acme !Riv")
    log(world, "dear @Acme !Rivalsoft")
    merge(world, "!Riv", "!Rivalsoft")
    assert found_by(world, "!riv") == found_by(world, "competitor:Riv") == ["Acme", "Acme"]
    rename(world, "!Rivalsoft", "Zenit")
    assert found_by(world, "!Rivalsoft") == found_by(world, '!"Riv"') == found_by(world, "!zenit") == ["Acme", "Acme"]


def found_by(world: World, typed: str) -> list[str | None]:
    """The accounts of what a search finds."""
    who = world.run(catch_up, by=world.member("bo"), at=world.now)
    return [hit.account for hit in world.db.read_sync(search_items, typed, by=who, at=world.now).hits]
