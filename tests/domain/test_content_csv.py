"""The file of content figures: what is read from it, and what a marketer is told about the rest."""

import csv
import io
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.content_csv import ContentFile, ContentRow, parse_content_csv
from domain.csv_tables import LARGEST_FILE, MOST_ROWS, WHOLE_FILE, RowProblem, TableWrong
from handlers.words import file_note_sentence, row_sentence

MONDAY = date(2026, 11, 9)


def read(text: str) -> ContentFile:
    return parse_content_csv(text.encode())


def notes(file: ContentFile) -> tuple[str, ...]:
    return tuple(map(file_note_sentence, file.notes))


def problem_of(row: str, header: str = "title,url,week,views,leads,influenced_wins,theme") -> RowProblem:
    file = read(f"{header}\n{row}\n")
    assert file.rows == ()
    (problem,) = file.problems
    assert problem.line == 2
    return problem


def test_a_full_row_is_read_into_its_fields() -> None:
    file = read(
        "Title,URL,Kind,Week,Views,Leads,Influenced wins,Persona,Theme\n"
        '"Globex, a story",https://x.io/g,Case study,2026-11-12,"1,234",12,3,CFO,#Pricing\n'
    )
    assert file == ContentFile(
        rows=(
            ContentRow(
                line=2,
                title="Globex, a story",
                week=MONDAY,
                url="https://x.io/g",
                kind="Case study",
                views=1234,
                leads=12,
                influenced_wins=3,
                persona="CFO",
                theme="pricing",
            ),
        )
    )


def test_columns_are_found_in_any_order_case_and_by_their_usual_names() -> None:
    file = read("PAGE_VIEWS,Week of,Wins,Asset Name\n5,2026-W46,1,Guide\n")
    assert file.rows == (ContentRow(line=2, title="Guide", week=MONDAY, views=5, influenced_wins=1),)
    assert file.problems == ()
    assert file.notes == ()


def test_an_empty_figure_is_not_zero() -> None:
    file = read("title,week,views,leads,wins\nGuide,2026-W46,,0,n/a\n")
    assert (file.rows[0].views, file.rows[0].leads, file.rows[0].influenced_wins) == (None, 0, None)


@pytest.mark.parametrize(
    "cell",
    ["2026-11-09", "2026-11-15", "2026-W46", "2026W46", "2026-w46-7", "2026-11-11T08:00:00Z", "2026-11-11 08:00"],
)
def test_any_day_of_a_week_means_its_monday(cell: str) -> None:
    assert read(f"title,week,views\nGuide,{cell},1\n").rows[0].week == MONDAY


@pytest.mark.parametrize(
    ("cell", "count"),
    [
        ("0", 0),
        ("007", 7),
        ('"1,234"', 1234),
        ("1.234", 1234),
        ("1 234 567", 1234567),
        ("1'234", 1234),
        ("1\u202f234", 1234),
        ("12.0", 12),
        ("12.00", 12),
        ("1.000", 1000),
        ("12.000", 12000),
        ('"1,000"', 1000),
        ("1.234.567", 1234567),
        ('"1.234,00"', 1234),
        ('"1,234.00"', 1234),
        ('"1,23,456"', 123456),
        ('"12,34,567"', 1234567),
        ("1’234’567", 1234567),
        ("1\u00a0234", 1234),
        ("١٢٣٤", 1234),
        ("١٬٢٣٤", 1234),
        ("１２３", 123),
        ('="1234"', 1234),
        ("'0123", 123),
        ("+5", 5),
        ("1234.000", 1234),
        ("0.000", 0),
    ],
)
def test_counts_may_have_thousands_separators(cell: str, count: int) -> None:
    assert read(f"title,week,views\nGuide,2026-W46,{cell}\n").rows[0].views == count


@pytest.mark.parametrize(
    ("row", "column", "reason"),
    [
        ("A,,2026-W46,-3", "views", "Views “-3” is below zero; counts start at 0."),
        ("A,,2026-W46,12.5", "views", "Views “12.5” is not a whole number."),
        ('A,,2026-W46,"(1,234)"', "views", "Views “(1,234)” is below zero; counts start at 0."),
        ('A,,2026-W46,"1,5"', "views", "Views “1,5” is not a whole number."),
        ('A,,2026-W46,"1,234.56"', "views", "Views “1,234.56” is not a whole number."),
        ('A,,2026-W46,"1.234,56"', "views", "Views “1.234,56” is not a whole number."),
        ("A,,2026-W46,0.123", "views", "Views “0.123” is not a whole number."),
        ("A,,2026-W46,12%", "views", "Views “12%” is a share; write the count itself."),
        ("A,,2026-W46,1.2k", "views", "Views “1.2k” is rounded; write all its digits, for example 1200."),
        ('A,,2026-W46,"1,2,3"', "views", "Views “1,2,3” is not a number;"),
        ("A,,2026-W46,1..2", "views", "Views “1..2” is not a number;"),
        ("A,,2026-W46,many", "views", "Views “many” is not a number; write digits, for example 1234 or 1,234."),
        ("A,,2026-W46,1e9", "views", "Views “1e9” is not a number; write digits, for example 1234 or 1,234."),
        ("A,,2026-W46,9999999999999", "views", "Views “9999999999999” is too large to be right."),
        ("A,,2026-W46,1,x", "leads", "Leads “x” is not a number; write digits, for example 1234 or 1,234."),
        ("A,,2026-W46,1,1,=1+1", "influenced_wins", "Influenced wins “=1+1” is not a number;"),
        ("A,,2026-W54,1", "week", "Week “2026-W54” does not exist in the calendar."),
        ("A,,2026-02-30,1", "week", "Week “2026-02-30” does not exist in the calendar."),
        ("A,,11/09/2026,1", "week", "write a date in it as year-month-day, for example 2026-11-09, or the week as"),
        ("A,,0026-11-09,1", "week", "is in the year 26, which cannot be right."),
        ("A,,,1", "week", "Week is empty."),
        (",,2026-W46,1", "title", "Title is empty."),
        ('"\u200b",,2026-W46,1', "title", "Title is empty."),
        (f"{'x' * 301},,2026-W46,1", "title", "Title has 301 characters; at most 300 are allowed."),
        ("A,http://[::1,2026-W46,1", "url", "URL “http://[::1” is not a web address: its host cannot be read."),
        ("A,http://[x]/a,2026-W46,1", "url", "is not a web address: its host cannot be read."),
        ("A,https://a℀b.io/,2026-W46,1", "url", "is not a web address: its host cannot be read."),
        ("A,x.io/a,2026-W46,1", "url", "URL “x.io/a” is not a web address; it must begin with https:// or http://."),
        ("A,javascript:alert(1),2026-W46,1", "url", "is not a web address"),
        ("A,https://x.io/a b,2026-W46,1", "url", "is not a web address"),
        ("A,,2026-W46,1,1,1,42", "theme", "Theme “42” is not a theme; a theme has at least one letter."),
        ("A, or B,,2026-W46,1,1,1,t", None, None),
        ("A,,2026-W46,1,1,1,t,extra", None, "The row has 8 cells and the header 7; put quotation marks around"),
    ],
)
def test_every_bad_cell_is_told_with_a_reason_a_marketer_understands(
    row: str, column: str | None, reason: str | None
) -> None:
    if reason is None:
        assert read(f"title,url,week,views,leads,influenced_wins,theme\n{row}\n").problems
        return
    problem = problem_of(row)
    assert problem.column == column
    assert reason in row_sentence(problem)
    assert row_sentence(problem).endswith(".")


def test_one_row_tells_all_its_problems_and_the_good_rows_are_still_read() -> None:
    file = read("title,week,views\nA,2026-W46,1\nB,soon,-1\n,2026-W46,x\nC,2026-W46,2\n")
    assert [row.title for row in file.rows] == ["A", "C"]
    assert [(problem.line, problem.column) for problem in file.problems] == [
        (3, "week"),
        (3, "views"),
        (4, "views"),
        (4, "title"),
    ]


def test_cells_that_look_like_formulas_and_markup_are_text() -> None:
    file = read('title,week,kind\n"=HYPERLINK(""x"")",2026-W46,@SUM\n<!channel>,2026-W46,-\n')
    assert [(row.title, row.kind) for row in file.rows] == [('=HYPERLINK("x")', "@SUM"), ("<!channel>", "-")]


def test_line_breaks_within_a_cell_keep_the_line_numbers_right() -> None:
    file = read('title,week,views\n"two\r\nlines",2026-W46,1\n\n,,\nB,2026-W46,x\n')
    assert (file.rows[0].title, file.rows[0].line) == ("two lines", 2)
    assert file.problems[0].line == 6


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_every_usual_delimiter_and_line_end_is_understood(delimiter: str, end: str) -> None:
    lines = ["title,week,views", "A,2026-W46,1", "B,2026-W46,x"]
    file = read(end.join(line.replace(",", delimiter) for line in lines))
    assert [row.title for row in file.rows] == ["A"]
    assert [(problem.line, problem.column) for problem in file.problems] == [(3, "views")]


def test_the_delimiter_line_of_excel_counts_as_a_line() -> None:
    file = read("sep=;\ntitle;week;views\nA, b;2026-W46;x\n")
    assert [(problem.line, problem.column) for problem in file.problems] == [(3, "views")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_unicode_files_are_read_without_a_note(encoding: str) -> None:
    file = parse_content_csv("title,week,views\nÜbersicht 🎉,2026-W46,1\n".encode(encoding))
    assert (file.rows[0].title, file.notes) == ("Übersicht 🎉", ())


def test_a_windows_file_is_read_and_the_note_says_so() -> None:
    file = parse_content_csv("title;week;views\nÜbersicht – neu;2026-W46;1\n".encode("cp1252"))
    assert file.rows[0].title == "Übersicht – neu"
    assert notes(file) == ("The file is not UTF-8 and was read as Windows-1252; look whether accents came out right.",)


def test_unknown_columns_are_a_note_and_no_problem() -> None:
    file = read("title,week,views,Bounce rate,,Name\nA,2026-W46,1,0.3,,B\n")
    assert file.problems == ()
    assert file.rows[0].title == "A"
    assert notes(file) == (
        "The column “Bounce rate” is not known and is not read.",
        "The column “Name” is not read: another one already gives the title.",
    )


def test_a_file_without_figures_gets_a_note() -> None:
    assert "no figures" in notes(read("title,week\nA,2026-W46\n"))[0]


@pytest.mark.parametrize(
    ("rows", "problem_lines"),
    [
        ("A,https://x.io/a,2026-W46\nB,https://x.io/a,2026-W46\n", [3]),
        ("A,,2026-W46\na,,2026-11-12\n", [3]),
        ("A,https://x.io/a,2026-W46\nA,,2026-W46\n", [3]),
        ("A,,2026-W46\nA,https://x.io/a,2026-W46\n", [3]),
        ("A,https://x.io/a,2026-W46\nA,https://x.io/b,2026-W46\n", []),
        ("A,https://x.io/a,2026-W46\nA,https://x.io/a,2026-W47\n", []),
    ],
)
def test_the_same_content_twice_in_a_week_is_told_with_the_first_line(rows: str, problem_lines: list[int]) -> None:
    file = read(f"title,url,week\n{rows}")
    assert [problem.line for problem in file.problems] == problem_lines
    assert all("same week as line 2" in row_sentence(problem) for problem in file.problems)


@pytest.mark.parametrize(
    ("data", "line", "reason"),
    [
        (b"", WHOLE_FILE, "The file is empty."),
        (b"\xef\xbb\xbf \r\n", WHOLE_FILE, "The file is empty."),
        (b',,\n"",\n', 1, "The first row must name the columns"),
        (b"title,week,views\n", WHOLE_FILE, "The file has no rows below its header."),
        (b"\nGuide,2026-W46,1\n", 2, "The first row must name the columns; it lacks title and week."),
        (b"title,views\nA,1\n", 1, "it lacks week. Known columns: title, URL, kind, week, views, leads,"),
        (b"title,week,views,Views\nA,2026-W46,1,2\n", 1, "The header names the column “Views” twice."),
        (b'"title"x,week\n', 1, "The quotation marks do not match"),
        (b"PK\x03\x04rest", WHOLE_FILE, "This is an Excel workbook, not a CSV file"),
        ("title,week\n".encode("utf-16-le"), WHOLE_FILE, "This is not a text file"),
        (b"\xff\xfe\x00\xd8\x00", WHOLE_FILE, "The file is damaged"),
        (b"x" * (LARGEST_FILE + 1), WHOLE_FILE, "The file has 5.1 MB; at most 5 MB are read."),
    ],
)
def test_a_file_that_cannot_be_read_says_why(data: bytes, line: int, reason: str) -> None:
    file = parse_content_csv(data)
    assert file.rows == ()
    (problem,) = file.problems
    assert (problem.line, problem.column) == (line, None)
    assert reason in row_sentence(problem)


def test_a_missing_week_may_be_given_from_outside() -> None:
    file = parse_content_csv(b"title,views\nA,1\n", default_week=MONDAY + timedelta(days=3))
    assert file.rows[0].week == MONDAY
    file = parse_content_csv(b"title,week,views\nA,,1\nB,soon,1\n", default_week=MONDAY)
    assert [row.title for row in file.rows] == ["A"]
    assert [(problem.line, problem.column) for problem in file.problems] == [(3, "week")]


def test_a_quotation_mark_that_never_closes_is_told_where_it_opens() -> None:
    file = read('title,week,views\nA,2026-W46,1\n"B,2026-W46,1\nC,2026-W46,1\n')
    assert [row.title for row in file.rows] == ["A"]
    assert [(p.line, "never closes" in row_sentence(p)) for p in file.problems] == [(3, True)]


def test_a_row_with_wrong_quotation_marks_spares_the_next() -> None:
    file = read('title,week,views\n"A" or B,2026-W46,1\nC,2026-W46,1\n')
    assert [row.title for row in file.rows] == ["C"]
    assert [(p.line, "do not match" in row_sentence(p)) for p in file.problems] == [(2, True)]


def test_as_many_rows_as_allowed_are_read_and_one_more_refuses_the_file() -> None:
    row = "Guide {n},2026-W46,1\n"
    text = "title,week,views\n" + "".join(row.format(n=n) for n in range(MOST_ROWS))
    assert len(read(text).rows) == MOST_ROWS
    refused = read(text + row.format(n="more"))
    assert refused.rows == ()
    assert refused.problems == (RowProblem(WHOLE_FILE, None, TableWrong("too_many_rows", ("50,000",))),)


@given(st.one_of(st.binary(max_size=200), st.text('title,;\t"\n\r=weekA2026-W46\0é', max_size=120).map(str.encode)))
def test_no_bytes_break_the_reading(data: bytes) -> None:
    for content in (data, b"title,week,views\n" + data, b"\xff\xfe" + data):
        file = parse_content_csv(content)
        assert file.rows or file.problems
        assert all(row_sentence(problem).endswith(".") for problem in file.problems)


ROWS = st.lists(
    st.tuples(
        st.text(st.characters(categories=["L", "N", "P"]), min_size=1, max_size=20).map(lambda t: f"a {t}"),
        st.dates(date(2000, 1, 1), date(2099, 1, 1)),
        st.integers(0, 10**12),
    ),
    min_size=1,
    max_size=8,
    unique_by=lambda row: row[1].isocalendar()[:2],
)


@given(ROWS, st.sampled_from([",", ";", "\t"]), st.sampled_from(["utf-8", "utf-16"]))
def test_what_a_spreadsheet_writes_is_read_back(
    rows: list[tuple[str, date, int]], delimiter: str, encoding: str
) -> None:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter)
    writer.writerow(["Title", "Week", "Views"])
    writer.writerows([title, day.isoformat(), count] for title, day, count in rows)
    file = parse_content_csv(out.getvalue().encode(encoding))
    assert file.problems == ()
    assert [(row.week, row.views) for row in file.rows] == [
        (day - timedelta(days=day.weekday()), count) for _, day, count in rows
    ]
    assert [row.line for row in file.rows] == list(range(2, 2 + len(rows)))


@pytest.mark.parametrize(
    ("cells", "counts"),
    [
        (("1.000", "1.500", "12.000"), (1000, 1500, 12000)),
        (("1.000", "950"), (1000, 950)),
        (("1234.000", "1.000", "12.000"), (1234, 1, 12)),
        (("12.00", "1.000"), (12, 1)),
        (("1.234.567", "1.000", "12.0"), (1234567, 1000, 12)),
        (("1.234,0", "1.000"), (1234, 1000)),
        (("1,234.0", "1,000"), (1234, 1000)),
    ],
)
def test_what_a_point_means_is_shown_by_the_file_s_other_figures(
    cells: tuple[str, ...], counts: tuple[int, ...]
) -> None:
    file = read("title;week;views\n" + "".join(f"T{n};2026-W46;{cell}\n" for n, cell in enumerate(cells)))
    assert tuple(row.views for row in file.rows) == counts
    assert file.problems == ()


def test_where_the_point_is_a_decimal_mark_a_fraction_is_told_and_not_taken_for_thousands() -> None:
    file = read("title,week,views\nA,2026-W46,12.50\nB,2026-W46,1.234\nC,2026-W46,7\n")
    assert [row.views for row in file.rows] == [7]
    assert [(problem.line, row_sentence(problem)) for problem in file.problems] == [
        (2, "Views “12.50” is not a whole number."),
        (3, "Views “1.234” is not a whole number."),
    ]


def test_one_bad_byte_spoils_no_accents_elsewhere_and_its_line_is_told() -> None:
    file = parse_content_csv(
        "title,week,views\nÜbersicht – 日本,2026-W46,1\nCaf".encode() + b"\xe9 cr\xc3\xa8me,2026-W46,2\n"
    )
    assert [row.title for row in file.rows] == ["Übersicht – 日本", "Café crème"]
    assert notes(file) == (
        "Some characters are not UTF-8, as the rest of the file is, and were read as Windows-1252: look at line 3.",
    )


def test_many_bad_bytes_are_told_by_their_first_lines() -> None:
    good = "ÄÖÜäöüß" * 10
    rows = b"".join(b"Caf\xe9 %d,2026-W46,2\n" % number for number in range(20))
    file = parse_content_csv(b"\xef\xbb\xbf" + f"title,week,views\n{good},2026-W46,1\n".encode() + rows)
    assert len(file.rows) == 21
    assert notes(file)[0].endswith("look at lines 3, 4, 5, 6, 7, 8, 9, 10 and more.")


def test_the_total_at_the_end_of_a_report_is_left_out() -> None:
    file = read("title,week,views\nA,2026-W46,1\nGrand Total,,1\n")
    assert [row.title for row in file.rows] == ["A"]
    assert (file.problems, notes(file)) == ((), ("Line 3 is the total of the others and is not read.",))
    assert read("title,week,views\nTotal,2026-W46,1\n").rows[0].title == "Total"


def test_what_excel_marks_as_text_is_read_without_its_marks() -> None:
    (row,) = read('title,week,views\n"=""007: a film""","=""2026-W46""",="12"\n').rows
    assert (row.title, row.week, row.views) == ("007: a film", MONDAY, 12)
