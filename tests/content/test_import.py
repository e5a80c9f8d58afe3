"""Importing content figures: what a file would change, changing it, and refusing what must not be taken."""

import hashlib
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from domain.content import (
    AlreadyImported,
    BadRows,
    FigureChange,
    ImportPlan,
    ImportSummary,
    asset_slug,
    finish_import,
    import_content,
    plan_import,
    write_changes,
)
from domain.content_csv import parse_content_csv
from handlers.words import row_sentence
from storage.models import Asset, AssetFigures, AuditEvent, Theme
from tests.refused import refused
from tests.world import World

HEAD = "title,url,week,views,leads,influenced wins,theme,persona\n"
GUIDE = "Pricing guide,https://example.com/guide,2026-11-09,142,6,1,pricing,Ops Olivia\n"


def take(world: World, csv: str, *, skip: bool = False, filename: str = "figures.csv") -> ImportSummary:
    data = (HEAD + csv).encode()
    summary: ImportSummary = world.run(
        import_content,
        world.workspace_id,
        parse_content_csv(data),
        filename=filename,
        sha256=hashlib.sha256(data).hexdigest(),
        skip_bad_rows=skip,
        by=None,
        at=world.now,
    )
    return summary


def counts(summary: ImportSummary) -> tuple[int, int, int, int]:
    return summary.new_assets, summary.new_weeks, summary.changed, summary.unchanged


def figures(world: World) -> list[tuple[str, date, int | None, int | None, int | None]]:
    def read(session: Any) -> Any:
        rows = session.execute(
            select(Asset.title, AssetFigures.week, AssetFigures.views, AssetFigures.leads, AssetFigures.influenced_wins)
            .join(Asset, Asset.id == AssetFigures.asset_id)
            .order_by(Asset.title, AssetFigures.week)
        )
        return [tuple(row) for row in rows]

    found: list[tuple[str, date, int | None, int | None, int | None]] = world.run(read)
    return found


def test_a_file_adds_assets_and_their_weeks(world: World) -> None:
    summary = take(world, GUIDE + "Blog,,2026-11-09,10,,,,\n")
    assert counts(summary) == (2, 2, 0, 0)
    assert figures(world) == [
        ("Blog", date(2026, 11, 9), 10, None, None),
        ("Pricing guide", date(2026, 11, 9), 142, 6, 1),
    ]
    asset = world.run(lambda session: session.scalars(select(Asset).where(Asset.url.is_not(None))).one())
    assert (asset.slug, asset.persona_key) == ("example.com/guide/", "ops-olivia")
    assert world.run(lambda session: session.get_one(Theme, asset.theme_id).slug) == "pricing"


def test_the_preview_tells_what_would_change_and_changes_nothing(world: World) -> None:
    take(world, GUIDE)
    data = (HEAD + GUIDE.replace("142,6", "150,6") + "Blog,,2026-11-09,10,1,0,,\n").encode()
    file = parse_content_csv(data)
    plan: ImportPlan = world.run(plan_import, world.workspace_id, file, filename="next.csv", sha256="new")
    summary = plan.summary
    assert counts(summary) == (1, 1, 1, 0)
    assert summary.examples == (FigureChange("Pricing guide", date(2026, 11, 9), "views", 142, 150),)
    assert len(figures(world)) == 1


def test_the_same_file_is_refused_with_when_it_was_imported(world: World) -> None:
    first = world.now
    take(world, GUIDE)
    world.later(days=1)
    with refused(AlreadyImported, "already imported as figures.csv on 16 Nov 2026 at 12:00 UTC") as again:
        take(world, GUIDE, filename="other-name.csv")
    assert again.value.before == first


def test_new_figures_replace_and_figures_left_out_keep_what_was_known(world: World) -> None:
    take(world, GUIDE)
    summary = take(world, "Pricing guide,https://example.com/guide,2026-11-09,150,,,,\n")
    assert counts(summary) == (0, 0, 1, 0)
    assert figures(world) == [("Pricing guide", date(2026, 11, 9), 150, 6, 1)]


def test_with_bad_rows_nothing_is_imported_unless_asked(world: World) -> None:
    bad = GUIDE + "Blog,,someday,10,1,0,,\n"
    with pytest.raises(BadRows) as refused:
        take(world, bad)
    assert ([problem.line for problem in refused.value.problems], refused.value.good) == ([3], 1)
    assert figures(world) == []
    summary = take(world, bad, skip=True)
    assert (counts(summary), [problem.line for problem in summary.skipped]) == ((1, 1, 0, 0), [3])


def test_a_file_without_a_good_row_is_refused_even_when_bad_rows_are_skipped(world: World) -> None:
    with pytest.raises(BadRows):
        take(world, "Blog,,someday,10,1,0,,\n", skip=True)


def test_two_addresses_of_one_page_are_one_asset_and_a_problem_within_a_file(world: World) -> None:
    again = "Pricing guide,http://www.Example.com/guide/?utm_source=mail,2026-11-09,9,9,9,,\n"
    with refused(BadRows, "1 row of the file") as caught:
        take(world, GUIDE + again)
    assert row_sentence(caught.value.problems[0]).startswith("This is the same content in the same week as line 2")
    take(world, GUIDE)
    assert counts(take(world, again)) == (0, 0, 1, 0)


def test_an_asset_known_by_title_gains_its_address_later(world: World) -> None:
    take(world, "Pricing guide,,2026-11-02,5,1,0,,\n")
    summary = take(world, GUIDE + "Pricing guide,https://example.com/guide,2026-11-02,6,1,0,,\n")
    assert counts(summary) == (0, 1, 1, 0)
    assert [row[1:3] for row in figures(world)] == [(date(2026, 11, 2), 6), (date(2026, 11, 9), 142)]


def test_a_row_without_an_address_means_the_one_asset_of_that_title(world: World) -> None:
    take(world, GUIDE)
    assert counts(take(world, "pricing GUIDE,,2026-11-16,7,1,0,,\n"))[:2] == (0, 1)


def test_a_large_file_is_taken_in_one_go(world: World) -> None:
    rows = "".join(f"Post {n},https://example.com/{n},2026-11-09,{n},1,0,,\n" for n in range(3000))
    assert counts(take(world, rows)) == (3000, 3000, 0, 0)


def test_an_import_is_written_down_for_the_audit(world: World) -> None:
    take(world, GUIDE)
    event = world.run(lambda session: session.scalars(select(AuditEvent)).one())
    assert (event.action, event.by_id, event.data["rows"]) == ("content.import", None, 1)


@pytest.mark.parametrize(
    ("url", "slug"),
    [
        ("https://www.Example.com/A/", "example.com/A/"),
        ("http://example.com", "example.com/"),
        ("https://example.com/?id=2&utm_source=x&a=1", "example.com/?a=1&id=2"),
        (None, "a title"),
    ],
)
def test_the_slug_of_an_asset(url: str | None, slug: str) -> None:
    assert asset_slug(" A   Title", url) == slug


@pytest.mark.parametrize(
    "query",
    [
        "gad_source=1&gad_campaignid=22",
        "mkt_tok=NDk4LVdPSi",
        "srsltid=AfmBOop",
        "utm_source=x&UTM_Medium=y",
        "gbraid=0AAA&wbraid=1",
        "_hsenc=p2&_hsmi=3&hsCtaTracking=a",
        "__hstc=1.2&__hssc=3&__hsfp=4",
        "mc_cid=a&mc_eid=b",
        "ttclid=E.C&li_fat_id=1&twclid=2&msclkid=3&fbclid=4&igshid=5&epik=6&rdt_cid=7&ScCid=8",
        "_gl=1*abc&_ga=2.1",
        "vero_id=x&oly_enc_id=y&s_cid=z&cmpid=q&_kx=r",
        "elqTrackId=1&elqaid=2&trk=a&trkCampaign=b&dm_i=c",
    ],
)
def test_how_a_reader_came_makes_no_new_content(query: str) -> None:
    assert asset_slug("A", f"https://x.io/a?{query}") == asset_slug("A", "https://x.io/a")


@pytest.mark.parametrize(
    "query", ["id=5", "p=12", "ref=pricing", "source=docs", "cid=9", "v=a", "page=2", "lang=de", "q=utm"]
)
def test_what_may_name_content_is_kept(query: str) -> None:
    assert asset_slug("A", f"https://x.io/a?{query}") != asset_slug("A", "https://x.io/a")


def test_an_address_stored_with_a_parameter_that_is_known_by_now_is_the_same_content(world: World) -> None:
    take(world, GUIDE)
    tracked = "https://example.com/guide?gad_source=1"

    def as_before(session: Any) -> None:
        asset = session.scalars(select(Asset)).one()
        asset.url, asset.slug = tracked, "example.com/guide/?gad_source=1"

    world.run(as_before)
    assert counts(take(world, GUIDE.replace("142", "150"))) == (0, 0, 1, 0)
    assert [row[2] for row in figures(world)] == [150]


def test_an_import_that_broke_off_goes_on_and_counts_what_is_left(world: World) -> None:
    lines = [f"Guide {number},https://example.com/{number},2026-11-09,{number},,1,pricing,\n" for number in range(5)]
    file = parse_content_csv((HEAD + "".join(lines)).encode())

    def plan() -> ImportPlan:
        made: ImportPlan = world.run(plan_import, world.workspace_id, file, filename="f.csv", sha256="f")
        return made

    first = plan()
    world.run(write_changes, world.workspace_id, first.changes[:3], at=world.now)
    again = plan()
    assert (again.refused, counts(again.summary)) == (None, (2, 2, 0, 3))
    world.run(write_changes, world.workspace_id, again.changes, at=world.now)
    world.run(finish_import, again, by=None, at=world.now)
    assert [row[2] for row in figures(world)] == [0, 1, 2, 3, 4]
    assert plan().refused is not None


def test_what_somebody_reports_meanwhile_is_not_forgotten(world: World) -> None:
    file = parse_content_csv((HEAD + "Guide,https://example.com/g,2026-11-09,5,,,,\n").encode())
    plan: ImportPlan = world.run(plan_import, world.workspace_id, file, filename="f.csv", sha256="f")
    take(world, "Guide,https://example.com/g,2026-11-09,,7,2,,\n")
    world.run(write_changes, world.workspace_id, plan.changes, at=world.now)
    assert figures(world) == [("Guide", date(2026, 11, 9), 5, 7, 2)]
