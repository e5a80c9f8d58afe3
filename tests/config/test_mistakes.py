"""Every mistake in a settings file is answered with where it stands and what to write instead."""

from datetime import date

import pytest

from domain.config.problems import ConfigProblems
from domain.config.schema import Config, check_config, parse_config
from domain.config.values import describe_days, describe_duration, read_duration
from domain.places import find_zones
from handlers.words import plain_sentence


def problems(text: str) -> list[tuple[str, str]]:
    with pytest.raises(ConfigProblems) as raised:
        parse_config(text)
    return [(problem.path, plain_sentence(problem.wrong)) for problem in raised.value.problems]


def team(line: str) -> str:
    return f'[[teams]]\nkey = "emea"\n{line}'


def policy(line: str) -> str:
    return f'[[policies]]\ntier = "hot"\n{line}'


def audience(line: str) -> str:
    return f'[[audiences]]\nkey = "sales"\n{line}'


@pytest.mark.parametrize(
    ("text", "path", "says"),
    [
        ('curency = "USD"', "curency", "Did you mean currency?"),
        ('currency = "dollars"', "currency", "three letters"),
        ('currency = "XXQ"', "currency", "which is no currency"),
        ('currency = "XTS"', "currency", "which is no currency"),
        ('currency = "XAU"', "currency", "which is no currency"),
        (team('timezone = "Europe/Berlin"'), "teams[emea].timezone", "Did you mean zone?"),
        (team('Zone = "Europe/Berlin"'), "teams[emea].Zone", "Did you mean zone?"),
        (team('currency = "EUR"'), "teams[emea].currency", "belongs at the top of the file"),
        (team("frobnicate = 1"), "teams[emea].frobnicate", "The settings here are key, name, channel"),
        (team('zone = "Europe/Berln"'), "teams[emea].zone", "Did you mean Europe/Berlin"),
        (team('zone = "CST"'), "teams[emea].zone", "Did you mean America/Chicago, Asia/Shanghai"),
        (team('zone = "Xyzzy"'), "teams[emea].zone", "for example Europe/Berlin"),
        (team('hours = "mon-fri late"'), "teams[emea].hours", "I can't read these hours: “late” is no day and no time"),
        (team('hours = "mon-fri 09:00-12:00, 11:00-13:00"'), "teams[emea].hours", "overlap"),
        (team('hours = "mon-sun closed"'), "teams[emea].hours", "no clock would ever run"),
        (team("hours = 9"), "teams[emea].hours", "a text in quotes"),
        (team('holidays = "Bavaria"'), "teams[emea].holidays", "two letters"),
        (team('holidays = "DE-XX"'), "teams[emea].holidays", "Its regions: Augsburg, BB, BE"),
        (team('closed = ["24.12.2026"]'), "teams[emea].closed[1]", "2026-12-24"),
        (team('closed = "2026-12-24"'), "teams[emea].closed", "list in square brackets"),
        (team('members = "ana@example.com"'), "teams[emea].members", 'members = ["ana@example.com"]'),
        (team('members = ["U0123ABCD", "ana"]'), "teams[emea].members[2]", "Copy member ID"),
        (team('manager = "@mia"'), "teams[emea].manager", "e-mail address"),
        (team('channel = "Sales Team"'), "teams[emea].channel", "for example #sales"),
        (team('channel = "<!channel>"'), "teams[emea].channel", "no channel"),
        (team('default = "yes"'), "teams[emea].default", "true or false, without quotes"),
        (team(f'name = "{"x" * 81}"'), "teams[emea].name", "at most 80"),
        (team('name = "\\u0000\\u200b"'), "teams[emea].name", "is empty"),
        ('[[teams]]\nname = "EMEA"', "teams[1].key", 'key = "emea"'),
        ('[[teams]]\nkey = "E M E A"', "teams[1].key", "small letters"),
        ('[teams]\nkey = "emea"', "teams", "[[teams]] in two pairs of brackets"),
        ("teams = [1]", "teams[1]", "one setting on each line"),
        ('[[teams]]\nkey = "a"\n[[teams]]\nkey = "A"', "teams[A].key", "stands here twice"),
        ('[[teams]]\nkey = "a"\ndefault = true\n[[teams]]\nkey = "b"\ndefault = true', "teams[b].default", "Only one"),
        ('[members]\nU0123ABCD = "marketeer"', "members.U0123ABCD", "Did you mean marketer?"),
        ('[members]\nana = "rep"', "members.ana", "Copy member ID"),
        ("members = 3", "members", '"ana@example.com" = "rep"'),
        (policy('contact = "1d"'), "policies[hot].contact", "Write hours, for example 8h"),
        (policy('contact = "soon"'), "policies[hot].contact", "5m, 2h or 1h 30m"),
        (policy("contact = 5"), "policies[hot].contact", 'contact = "5m"'),
        (policy('contact = "0m"'), "policies[hot].contact", "more than nothing"),
        (policy('contact = "9999h"'), "policies[hot].contact", "at most 2160 hours"),
        (policy("half = 0x" + "f" * 5000), "policies[hot].half", "from 0.01 to 0.99"),
        (policy("half = 0.00001"), "policies[hot].half", "from 0.01 to 0.99"),
        (policy("half = 5"), "policies[hot].half", '0.5 or "50%"'),
        (policy("max_reassigns = -1"), "policies[hot].max_reassigns", "from 0 to 10"),
        ('[[policies]]\ncontact = "5m"', "policies[1].tier", "Every policy needs a tier"),
        (audience('weekday = "Funday"'), "audiences[sales].weekday", "for example monday"),
        (audience('time = "soon"'), "audiences[sales].time", '"09:00"'),
        (audience('time = "25:00"'), "audiences[sales].time", "no time of the day"),
        (audience('when_empty = "silent"'), "audiences[sales].when_empty", "Did you mean silence?"),
        (audience('kind = "support"'), "audiences[sales].kind", "sales or marketing"),
        ('[[sources]]\nname = "My Site"', "sources[1].name", "part of a web address"),
        ('[[sources]]\nname = "site"\nauth = "hmac"', "sources[site].auth", "webflow, gong or fireflies"),
        ('[[sources]]\nname = "site"\nsecret = "x"', "sources[site].secret", "There is no setting “secret”"),
        ("competitors = [1]", "competitors[1]", "a text in quotes"),
        ('currency = "EUR\nname = "x"', "line 1", "cannot be read"),
        ("currency: EUR", "line 1", "equals sign"),
        ("currency = EUR", "line 1", "needs quotes"),
        ("currency = “EUR”", "line 1", "curly"),
        ('ana@example.com = "rep"', "line 1", '"ana@example.com" = "rep"'),
    ],
)
def test_a_mistake_is_named_and_explained(text: str, path: str, says: str) -> None:
    found = problems(text)
    assert [where for where, _ in found] == [path]
    assert says in found[0][1]


@pytest.mark.parametrize(
    ("setting", "written", "understood"),
    [
        ("zone", "munich", "Europe/Berlin"),
        ("zone", "München", "Europe/Berlin"),
        ("zone", "new york", "America/New_York"),
        ("zone", "NYC", "America/New_York"),
        ("zone", "PST", "America/Los_Angeles"),
        ("zone", "Buenos Aires", "America/Argentina/Buenos_Aires"),
        ("zone", "france", "Europe/Paris"),
        ("closed", ["2026-12-24/2026-12-25"], [(date(2026, 12, 24), date(2026, 12, 25))]),
        ("hours", "9am-5pm", "mon-fri 09:00-17:00"),
        ("hours", "Mo-Fr 9-17 Uhr", "mon-fri 09:00-17:00"),
        ("holidays", "Germany", "DE"),
        ("holidays", "germany, bayern", "DE-BY"),
        ("holidays", "US-California", "US-CA"),
        ("holidays", "England", "GB-ENG"),
        ("holidays", "uk", "GB"),
    ],
)
def test_what_people_write_is_understood(setting: str, written: object, understood: object) -> None:
    [set_now] = check_config({"teams": [{"key": "emea", setting: written}]}).teams or []
    assert getattr(set_now, setting) == understood


@pytest.mark.parametrize("written", ['"9:00"', '"9"', '"9am"', "09:00:00", '"9h"', '"0900"'])
def test_a_time_of_the_day_is_understood(written: str) -> None:
    [set_now] = parse_config(audience(f"time = {written}")).audiences or []
    assert set_now.time == 9 * 60


def test_days_in_a_row_are_written_as_the_first_and_the_last() -> None:
    [set_now] = parse_config(team('closed = ["2026-12-24 to 2027-01-01", 2026-05-01]')).teams or []
    days = [day for some in set_now.closed or () for day in some]
    assert len(days) == 10
    assert describe_days(days) == ["2026-05-01", "2026-12-24 to 2027-01-01"]


def test_all_mistakes_are_told_at_once() -> None:
    text = team('zone = "Mars"\nhours = "x"\n') + "\n" + policy('contact = "1d"')
    assert [where for where, _ in problems(text)] == ["teams[emea].zone", "teams[emea].hours", "policies[hot].contact"]


def test_a_mistake_is_quoted_without_what_could_do_harm_in_a_terminal() -> None:
    [(_, sentence)] = problems(team('zone = "\\u001b[31mred\\u202e"'))
    assert "\x1b" not in sentence
    assert "\u202e" not in sentence


def test_a_file_of_nonsense_is_a_problem_and_no_crash() -> None:
    for text in ("\x00", "[" * 5000, "=", "[[a]]\n[a]", "a.b = 1\na = 2", "x" * 1_000_001, "a = " + "9" * 5000):
        assert problems(text)


def test_an_empty_file_changes_nothing() -> None:
    assert parse_config("") == Config()


@pytest.mark.parametrize(
    ("text", "seconds"), [("5m", 300), ("2h", 7200), ("24h", 86400), ("1h 30m", 5400), ("90 min", 5400), ("45s", 45)]
)
def test_durations_are_read_and_written_back(text: str, seconds: int) -> None:
    assert read_duration(text) == seconds
    assert read_duration(describe_duration(seconds)) == seconds


def test_zones_are_found_by_city_part_and_abbreviation() -> None:
    assert find_zones("berlin")[0] == "Europe/Berlin"
    assert find_zones("new york")[0] == "America/New_York"
    assert find_zones("pst") == ["America/Los_Angeles"]
    assert "Asia/Kolkata" in find_zones("kolk")
