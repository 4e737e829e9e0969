"""The one list path over plain rows: what it makes of a request, without a database or an index."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.test import RequestFactory

from seoapp.lib import tables
from seoapp.lib.listquery import Field, ListQuery, Rows
from seoapp.lib.words import cut_in_middle
from seoapp.templatetags.tables import cell, counted, external, number, percent
from tests.backlinks.pages import csv_of, soup_of

FIELDS = (
    Field("name", "Name", filter="text"),
    Field("size", "Size", "int", "number"),
    Field("made", "Made", "date", "date"),
    Field("open", "Open", "bool", "flag"),
    Field("kind", "Kind", filter="choice", choices=("a", "b"), default=False),
    Field("fixed", "Fixed", default=False, sortable=False),
)
ROWS: list[dict[str, Any]] = [
    {"name": f"n{number}", "size": number, "made": date(2026, 1, 1), "open": 1, "kind": "a", "fixed": "=x"}
    for number in range(7)
]


@dataclass
class Fake:
    """Where the rows come from: remembers what was asked."""

    rows: list[dict[str, Any]]

    def fetch(self, query: ListQuery) -> Rows:
        start = (query.page - 1) * 3
        return Rows(self.rows[start : start + 3], len(self.rows) > start + 3)

    def stream(self, query: ListQuery) -> list[dict[str, Any]]:
        return self.rows


def listing(rows=ROWS, **options) -> tables.Listing:
    fake = Fake(rows)
    return tables.Listing("things", "Things", FIELDS, fake.fetch, fake.stream, "our things/../x", **options)


def answer(path="/things/", rows=ROWS, keep=None, **options):
    request = RequestFactory().get(path)
    request.htmx = True
    request.COOKIES["cols-things"] = options.pop("cookie", "")
    request.htmx = type(
        "Htmx", (), {"boosted": False, "history_restore_request": False, "__bool__": lambda self: True}
    )()
    query = ListQuery.parse(FIELDS, request.GET, sort="name")
    return tables.answer(request, listing(rows, **options), query, page="unused.html", keep=keep)


def test_first_page_has_a_next_and_no_previous():
    page = soup_of(answer())
    assert [row.td.get_text() for row in page.select("tbody tr")] == ["n0", "n1", "n2"]
    assert page.select_one("a[rel=next]")["href"] == "/things/?page=2"
    assert page.select_one("a[rel=prev]") is None


def test_state_goes_into_every_url():
    page = soup_of(
        answer("/things/?name=n&size_min=2&sort=-size&cols=name.fixed&per_page=100&page=2", keep={"target": "x"})
    )
    state = "target=x&name=n&size_min=2&sort=-size"
    assert page.select_one("a[rel=prev]")["href"] == f"/things/?{state}&per_page=100&cols=name.fixed"
    assert page.select_one("[data-export] a")["href"] == f"/things/?{state}&per_page=100&cols=name.fixed&export=csv"
    hidden = {one["name"]: one["value"] for one in page.select(".filter-form")[0].select("input[type=hidden]")}
    assert hidden == {"target": "x", "sort": "-size", "per_page": "100", "cols": "name.fixed"}


def test_heads_turn_the_order_and_say_it():
    page = soup_of(answer("/things/?sort=-size&cols=size.fixed"))
    sized, fixed = page.select("thead th")
    assert (sized["aria-sort"], sized["scope"], sized["class"]) == ("descending", "col", ["num"])
    assert sized.a["href"] == "/things/?sort=size&cols=size.fixed"
    assert not fixed.has_attr("aria-sort")
    assert fixed.a is None


@pytest.mark.parametrize(
    ("url", "cookie", "shown"),
    [
        ("/things/", "", ["Name", "Size", "Made", "Open"]),
        ("/things/?cols=kind.name", "", ["Name", "Kind"]),
        ("/things/?cols=kind&cols=size", "", ["Size", "Kind"]),
        ("/things/?cols=nothing", "", ["Name", "Size", "Made", "Open"]),
        ("/things/", "kind", ["Kind"]),
        ("/things/?cols=name", "kind", ["Name"]),
    ],
)
def test_columns(url, cookie, shown):
    assert [one.get_text(strip=True) for one in soup_of(answer(url, cookie=cookie)).select("thead th")] == shown


def test_unknown_names_and_values_are_ignored():
    query = ListQuery.parse(
        FIELDS, {"sort": "password", "size_min": "x", "kind": "c", "page": "-4", "nope": "1"}, sort="name"
    )
    assert (query.sort, query.filters, query.page) == ("name", (), 1)
    assert query.params() == {}


@pytest.mark.parametrize(
    ("asked", "label"), [("size_min=x", "Size"), ("kind=c", "Kind"), ("open=maybe", "Open"), ("made_to=2026", "Made")]
)
def test_a_file_never_holds_rows_that_a_filter_nobody_can_read_was_meant_to_leave_out(asked, label):
    shown = answer(f"/things/?{asked}")
    assert shown.status_code == 200
    assert not soup_of(shown).select("a.chip")
    refused = tables.answer(
        RequestFactory().get(f"/things/?{asked}&name=n&export=csv"),
        listing(),
        ListQuery.parse(FIELDS, dict(one.split("=") for one in (asked, "name=n")), sort="name"),
        page="unused.html",
    )
    assert refused.status_code == 400
    assert f"is nothing that “{label}” can be filtered by" in soup_of(refused).get_text()


def test_chips_in_words():
    page = soup_of(answer("/things/?name=x&size_max=5&made_from=2026-01-02&open=no&kind=b", labels={"b": "Bee"}))
    assert [one.get_text(strip=True) for one in page.select("a.chip")] == [
        "Name contains “x”", "Size at most 5", "Made from 2026-01-02", "Open is no", "Kind is Bee",
    ]  # fmt: skip


def test_export_streams_every_row_neutralised_under_a_tame_name():
    written = []
    made = answer("/things/?export=csv&cols=name.size.fixed", exported=lambda request, state: written.append(state))
    assert made["Content-Disposition"] == 'attachment; filename="our-things-..-x.csv"'
    rows = csv_of(made)
    assert rows[0] == ["Name", "Size", "Fixed"]
    assert rows[7] == ["n6", "6", "'=x"]
    assert len(written) == 1


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("safe \u202egpj.exe", "safe [RLO]gpj.exe"),
        ("\u202dx\u202c", "[LRO]x"),
        ("\u2067שלום\u2069 \u202bעולם\u202c", "שלום עולם"),
        ("a\u200fb", "a\u200fb"),
    ],
)
def test_characters_that_turn_text_round_are_seen_or_gone(text, shown):
    for value, column in ((text, Field("n", "N")), (text, Field("n", "N", "url")), ([text], Field("n", "N", "list"))):
        assert BeautifulSoup(cell(tables.Cell(column, value)), "html.parser").bdi.text == shown


def test_the_middle_of_a_marked_text_is_marked():
    shown = cell(tables.Cell(Field("n", "N", "marked"), ("<b>", "Brand\u202e", " x")))
    made = BeautifulSoup(shown, "html.parser")
    assert (made.bdi.text, made.mark.text) == ("<b>Brand[RLO] x", "Brand[RLO]")


def test_moments_of_an_export_are_in_utc_and_its_head_says_so():
    fields = (Field("name", "Name"), Field("at", "Seen", "datetime"))
    rows = [{"name": "a", "at": datetime(2026, 11, 27, 7, 46, 8, 482726, UTC)}]
    request = RequestFactory().get("/things/?export=csv")
    made = tables.Listing("things", "Things", fields, Fake(rows).fetch, Fake(rows).stream, "things")
    exported = tables.answer(request, made, ListQuery.parse(fields, request.GET, sort="name"), page="unused.html")
    assert csv_of(exported) == [["Name", "Seen (UTC)"], ["a", "2026-11-27 07:46:08"]]


def test_an_export_that_cannot_be_read_fails_before_it_starts():
    def broken(query):
        raise RuntimeError("gone")
        yield

    request = RequestFactory().get("/things/?export=csv")
    made = tables.Listing("things", "Things", FIELDS, Fake(ROWS).fetch, broken, "things")
    with pytest.raises(RuntimeError):
        tables.answer(request, made, ListQuery.parse(FIELDS, request.GET, sort="name"), page="unused.html")


def test_empty_list_says_what_to_do():
    page = soup_of(answer(rows=[], empty=tables.Empty("No things", "Make one.", "/make/", "Make")))
    assert page.select_one(".empty-state h2").get_text() == "No things"
    assert page.select_one(".empty-state a")["href"] == "/make/"


@pytest.mark.parametrize(
    ("kind", "value", "html"),
    [
        ("int", 12345, "12,345"),
        ("int", -1, "–"),
        ("bool", 0, "no"),
        ("bool", -1, "–"),
        ("metric", 12.5, "12.5"),
        ("list", ["a", "<b>"], "a <b>"),
        ("date", None, "–"),
        ("state", "live", "live"),
        ("text", "<script>", "<script>"),
        ("url", "https://xn--bcher-kva.example/x", "https://bücher.example/x"),
    ],
)
def test_cells(kind, value, html):
    column = Field("it", "It", kind)
    row = {"it": value, "metrics": {"it": value}}
    made = soup_of(type("Answer", (), {"content": cell(tables.plain_cells((column,), row)[0])}))
    assert made.td.get_text(" ", strip=True) == html
    assert not made.find_all("script")


def test_only_web_addresses_become_links_out():
    assert "<a" not in external("javascript:alert(1)")
    assert 'rel="noopener noreferrer nofollow"' in external("https://a.example/")


@pytest.mark.parametrize(("value", "text"), [(0, "0 %"), (1, "100 %"), (0.5, "50.0 %"), (0.0001, "< 0.1 %")])
def test_percent(value, text):
    assert percent(value) == text


def test_number():
    assert [number(one) for one in (0, 1234567, 1.5, 2.0)] == ["0", "1,234,567", "1.5", "2"]
    assert [number(one) for one in (0.004, 1.999, 0.01, -0.25, 0.0000001)] == ["0.004", "2", "0.01", "-0.25", "0"]


def test_only_lists_that_stack_name_the_column_in_each_cell():
    page = soup_of(answer(stacks=True))
    assert "stacks" in page.section["class"]
    assert [one["data-label"] for one in page.select("tbody tr")[0].select("td")] == ["Name", "Size", "Made", "Open"]
    assert not soup_of(answer()).select(".stacks, [data-label]")


def test_numbers_have_their_nouns():
    assert [counted(one, "page") for one in (0, 1, 2000)] == ["0 pages", "1 page", "2,000 pages"]
    assert [counted(one, "second") for one in (0.5, 1.0, 2.0)] == ["0.5 seconds", "1 second", "2 seconds"]
    assert [counted(one, "address,addresses") for one in (1, 2)] == ["1 address", "2 addresses"]


def test_long_texts_are_cut_in_their_middle():
    assert cut_in_middle("short", 5) == "short"
    assert cut_in_middle("a.example/one/two", 9) == "a.ex\N{HORIZONTAL ELLIPSIS}/two"
    assert len(cut_in_middle("x" * 100, 40)) == 40


def test_a_short_address_says_the_whole_one_as_its_title():
    url = 'https://a.example/"><script>/'
    made = tables.Cell(FIELDS[0], url, external=True, short="a.example/...", lead="<b>Title</b>")
    found = soup_of(type("Answer", (), {"content": cell(made)}))
    assert found.a["href"] == url and found.a.bdi["title"] == url and found.a.get_text() == "a.example/..."
    assert found.select_one(".cell-lead").get_text() == "<b>Title</b>" and not found.find_all(("script", "b"))
