"""The reports that are lists: sorting, paging, filters, groups, columns, fragments, and what hostile input does."""

import json
import re
from itertools import zip_longest
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from backlinks import index
from backlinks.index import sql
from backlinks.views.reports import REPORTS
from seoapp.lib.weburl import Target
from tests.backlinks.pages import all_rows, fill, number_in, rows_of, soup_of, url_of

PATHS = {"links": "backlinks/"} | {name: f"{name}/" for name in REPORTS if name != "links"}
HOSTILE = Path(__file__).resolve().parents[3] / "shared" / "hostile"
VECTORS = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "<div hx-get=/w/agency/ hx-trigger=load>",
    "</td></tr></table><h1>out</h1>",
    "<svg/onload=alert(1)>",
    "{{ 7*7 }}{% debug %}",
    "' onmouseover='alert(1)",
    "\u202egpj.exe",
    "javascript:alert(1)",
]


def heads_of(page):
    return [one.get_text(strip=True) for one in page.select(".list-table thead th")]


@pytest.mark.parametrize("name", PATHS)
def test_every_number_of_every_report_leads_to_its_rows(profile, browse, name):
    client = browse(profile.viewer)
    columns = ".".join(one.name for one in index.columns(name))
    page = soup_of(client.get(url_of(profile.project, PATHS[name]), {"cols": columns}))
    assert rows_of(page)
    assert ("stacks" in page.select_one(".list")["class"]) == (name not in ("countries", "tlds", "languages"))
    numbers = page.select("td.num a")
    for url, number in {(cell["href"], number_in(cell)) for cell in numbers}:
        assert all_rows(client, url) == number, url
    assert bool(numbers) == (name != "links")


@pytest.mark.parametrize("name", PATHS)
def test_every_column_can_be_shown_sorted_and_filtered(profile, browse, name):
    client = browse(profile.viewer)
    url = url_of(profile.project, PATHS[name])
    for number, column in enumerate(index.columns(name)):
        if column.sortable and number % 5 < 2:
            sign, direction = (("", "ascending"), ("-", "descending"))[number % 2]
            asked = {"cols": column.name, "sort": sign + column.name}
            shown = client.get(url, asked, headers={"HX-Request": "true"}).content.decode()
            assert re.findall(r'<th [^>]*aria-sort="(\w+)"', shown) == [direction]
    page = soup_of(client.get(url, {"panel": "filters"}))
    controls = page.select(".filter-form")[0].select("input:not([type=hidden]), select")
    filtered = {one["name"] for one in controls}
    for column in index.columns(name):
        ends = {"number": ("_min", "_max"), "date": ("_from", "_to")}.get(column.filter, ("",))
        assert not column.filter or {column.name + end for end in ends} <= filtered
    assert all(one.get("aria-label") or one.get("aria-labelledby") for one in controls)


def test_panels_of_wide_lists_are_fetched_when_they_are_opened(profile, browse):
    client, asked = browse(profile.viewer), {"kind": "text", "target": "docs.client.example", "cols": "anchor.kind"}
    page = soup_of(client.get(url_of(profile.project, "backlinks/"), asked))
    assert not page.select(".filter-form")
    for name in ("filters", "advanced", "columns"):
        link = page.select_one(f"a[href*='panel={name}']")["href"]
        whole = soup_of(client.get(link))
        (form,) = whole.select("details.menu[open] > .filter-form")
        assert rows_of(whole) == rows_of(page)
        alone = soup_of(client.get(link, headers={"HX-Request": "true"}))
        assert alone.form["class"] == form["class"]
        assert not alone.select("table"), "the rows are not read again"
        carried = {one["name"]: one["value"] for one in alone.select("input[type=hidden]")}
        assert carried["target"] == "docs.client.example"
        assert "panel" not in carried
    assert (
        soup_of(client.get(page.select_one("a[href*='panel=filters']")["href"])).select_one(
            "[name=kind] option[selected]"
        )["value"]
        == "text"
    )


def test_filters_are_chips_that_can_be_taken_away(profile, browse):
    client = browse(profile.viewer)
    page = soup_of(
        client.get(url_of(profile.project, "backlinks/"), {"kind": "text", "anchor": "Client", "nofollow": "no"})
    )
    chips = {one.get_text(strip=True): one["href"] for one in page.select("a.chip")}
    assert list(chips) == ["Anchor contains “Client”", "Kind is text", "Nofollow is no"]
    assert len(rows_of(page)) == 2
    assert parse_qs(urlsplit(chips["Kind is text"]).query) == {"anchor": ["Client"], "nofollow": ["no"]}
    assert all_rows(client, page.select_one("a.chip-clear")["href"]) == 7


def test_no_rows_for_filters_offers_to_clear_them(profile, browse):
    page = soup_of(browse(profile.viewer).get(url_of(profile.project, "backlinks/"), {"anchor": "nowhere"}))
    assert page.select_one(".empty-state h2").get_text() == "No rows fit these filters"
    assert page.select_one(".empty-state a.btn")["href"] == url_of(profile.project, "backlinks/")


def test_no_links_at_all_leads_to_imports(cast, link_index, browse):
    page = soup_of(browse(cast.viewer).get(url_of(cast.project, "anchors/")))
    assert page.select_one(".empty-state a.btn")["href"] == url_of(cast.project, "imports/")


def test_groups_say_how_many_links_a_row_stands_for(profile, browse):
    client = browse(profile.viewer)
    url = url_of(profile.project, "backlinks/")
    for group, expected in (("domain", [1, 1, 1, 1, 3]), ("similar", [1, 1, 1, 1, 1, 2])):
        page = soup_of(client.get(url, {"group": group}))
        assert heads_of(page)[1] == "Stands for"
        cells = page.select("td.num a")
        assert sorted(number_in(one) for one in cells) == expected
        for cell in cells:
            assert all_rows(client, cell["href"]) == number_in(cell)


def test_pages_without_a_count(cast, link_index, browse):
    links = [{"source": f"https://s{number:03}.example/", "target": "https://client.example/"} for number in range(120)]
    fill(cast, links)
    client = browse(cast.viewer)
    page = soup_of(client.get(url_of(cast.project, "backlinks/"), {"sort": "source_url"}))
    seen = []
    while True:
        seen += [row.td.bdi["title"] for row in rows_of(page)]
        following = page.select_one("a[rel=next]")
        if following is None:
            break
        page = soup_of(client.get(following["href"]))
    assert seen == sorted(f"https://s{number:03}.example/" for number in range(120))
    assert page.select_one(".list-count").get_text() == "Rows 101–120 of 120"
    beyond = soup_of(client.get(url_of(cast.project, "backlinks/"), {"page": "9"}))
    assert beyond.select_one(".empty-state h2").get_text() == "There is no page 9"


def test_columns_of_the_url_go_before_those_of_the_browser(profile, browse):
    client = browse(profile.viewer)
    url = url_of(profile.project, "backlinks/")
    client.cookies["cols-links"] = "anchor.title"
    assert heads_of(soup_of(client.get(url)))[:2] == ["Page title", "Anchor"]
    page = soup_of(client.get(url + "?cols=state&cols=kind&panel=columns"))
    assert heads_of(page)[:2] == ["Kind", "State"]
    sort = page.select_one("thead a")["href"]
    assert parse_qs(urlsplit(sort).query)["cols"] == ["kind.state"]
    shown = {one["value"] for one in page.select("input[name=cols][checked]")}
    assert shown == {"kind", "state"}


def test_fragment_page_and_history(profile, browse):
    client = browse(profile.viewer)
    url = url_of(profile.project, "backlinks/")
    htmx = {"HX-Request": "true"}
    fragment = client.get(url + "?anchor=&kind=text", headers=htmx)
    assert fragment.content.strip().startswith(b"<section")
    assert fragment["HX-Push-Url"] == url + "?kind=text"
    assert "HX-Request" in fragment["Vary"]
    for more in ({"HX-Boosted": "true"}, {"HX-History-Restore-Request": "true"}):
        assert client.get(url, headers=htmx | more).content.lstrip().startswith(b"<!doctype html>")


def test_target_is_kept_by_every_link_of_the_list(profile, browse):
    page = soup_of(browse(profile.viewer).get(url_of(profile.project, "backlinks/"), {"target": "docs.client.example"}))
    links = [one["href"] for one in page.select(".list a[href^='/'], .list .toolbar a")]
    assert links
    assert all("target=docs.client.example" in one for one in links)
    assert all(form.select_one("input[name=target]") for form in page.select(".list form"))
    assert page.select_one("form.target-search")["action"] == url_of(profile.project, "backlinks/")


def test_links_out_are_http_and_without_a_trace(profile, browse):
    page = soup_of(browse(profile.viewer).get(url_of(profile.project, "backlinks/")))
    out = page.select("tbody a[target=_blank]")
    assert out
    for one in out:
        assert one["href"].startswith(("http://", "https://"))
        assert set(one["rel"]) == {"noopener", "noreferrer", "nofollow"}
        assert one.bdi is not None


def test_an_index_that_does_not_answer_is_a_sentence(profile, browse, monkeypatch):
    def away(queries):
        raise index.IndexUnavailable("The link index does not answer: gone")

    monkeypatch.setattr("backlinks.index.pins.pin_all", away)
    for extra in ({}, {"export": "csv"}):
        answer = browse(profile.viewer).get(url_of(profile.project, "backlinks/"), extra)
        assert answer.status_code == 503
        assert "The link index does not answer" in answer.content.decode()
        assert ": gone" not in answer.content.decode(), "a reason may name folders of the machine"
    assert ": gone" in browse(profile.owner).get(url_of(profile.project, "backlinks/")).content.decode()


# --- Hostile input --------------------------------------------------------------------------------------------------
def _assert_tame(page, count):
    body = page.select_one("section.list .list-table tbody")
    assert len(body.find_all("tr", recursive=False)) == count
    allowed = {
        "tr",
        "td",
        "a",
        "bdi",
        "span",
        "time",
        "svg",
        "path",
        "circle",
        "rect",
        "line",
        "polyline",
        "mark",
        "ol",
        "li",
    }
    for tag in body.select("*"):
        assert tag.name in allowed, tag
        strange = [name for name in tag.attrs if name.startswith(("on", "hx-", "data-", "style"))]
        assert not strange or (tag.name == "td" and strange == ["data-label"]), tag
        assert not tag.get("href", "/").lower().startswith(("javascript:", "data:", "//"))


def _walk_hostile(cast, browse, texts):
    links = [
        {"source": f"https://s{number}.example/", "target": "https://client.example/", "anchor": text, "title": text,
         "context_left": text, "context_right": text, "alt": text, "flags": text}
        for number, text in enumerate(texts)
    ]  # fmt: skip
    fill(cast, [{"title": "", "context_left": "", "context_right": "", "flags": ""} | one for one in links])
    client = browse(cast.viewer)
    every = ".".join(one.name for one in index.columns("links"))
    page = soup_of(
        client.get(url_of(cast.project, "backlinks/"), {"cols": every, "per_page": "250", "sort": "source_url"})
    )
    count = min(len(texts), 250)
    _assert_tame(page, count)
    for headers in ({}, {"HX-Request": "true"}):
        _assert_tame(soup_of(client.get(url_of(cast.project, "backlinks/"), headers=headers)), min(count, 50))
    anchors = soup_of(client.get(url_of(cast.project, "anchors/"), {"per_page": "250"}))
    _assert_tame(anchors, len(rows_of(anchors.select_one("section.list"))))
    detail = client.get(page.select_one("td.row-open a")["href"])
    overview = client.get(url_of(cast.project))
    for answer in (detail, overview):
        assert answer.status_code == 200
        made = soup_of(answer)
        assert not made.select(
            "main img, main iframe, main [onerror], main [onload], main [hx-get]:not(.fetched), main script:not([type])"
        )
    for text in texts[:20]:
        found = client.get(url_of(cast.project, "backlinks/"), {"anchor": text, "target": "client.example"})
        assert found.status_code == 200
        assert not soup_of(found).select("main img, main [onerror], .chips script, .chips div")


def test_vectors_stay_text(cast, link_index, browse):
    _walk_hostile(cast, browse, VECTORS)


@pytest.mark.parametrize("name", ["anchors.json", "blns.json"])
def test_hostile_texts_stay_text(cast, link_index, browse, name):
    path = HOSTILE / "text" / name
    if not path.exists():
        pytest.skip("the shared hostile texts are not here")
    texts = [one if isinstance(one, str) else one["value"] for one in json.loads(path.read_text())]
    texts = [one.encode("utf-8", "ignore").decode() for one in texts]
    _walk_hostile(cast, browse, texts)


def test_hostile_parameters_never_end_in_an_error_page(profile, browse):
    path = HOSTILE / "sql" / "param_injection.json"
    if not path.exists():
        pytest.skip("the shared hostile parameters are not here")
    client = browse(profile.viewer)
    pairs = json.loads(path.read_text())
    assert len(pairs) > 400
    by_name: dict[str, list[str]] = {}
    for pair in pairs:
        by_name.setdefault(pair["param"], []).append(str(pair["value"] or ""))
    for number, values in enumerate(zip_longest(*by_name.values(), fillvalue="")):
        url = url_of(profile.project, list(PATHS.values())[number % len(PATHS)])
        for target in (url, url_of(profile.project, "backlinks/")):
            answer = client.get(target, dict(zip(by_name, values, strict=True)), headers={"HX-Request": "true"})
            assert answer.status_code == 200, values


ODD_VALUES = ["'", "\x00", "\ud800", "a" * 10_000, "%", "-1", "1e9", "9" * 40, "[]", "{x:String}"]
ENDS = ("", "_is", "_min", "_max", "_from", "_to")


@pytest.mark.parametrize("turn", range(3))
def test_any_value_of_any_parameter_is_a_page(profile, browse, turn):
    """Each report is asked with ten values at once, each turn with others in the same places."""
    client = browse(profile.viewer)
    values = [one.encode("utf-8", "ignore").decode() for one in ODD_VALUES]
    for number, name in enumerate(PATHS):
        names = [f"{column.name}{end}" for column in index.columns(name) for end in ENDS]
        params = {one: values[(place + number + 3 * turn) % len(values)] for place, one in enumerate(names)}
        answer = client.get(url_of(profile.project, PATHS[name]), params, headers={"HX-Request": "true"})
        assert answer.status_code == 200, name


@pytest.mark.parametrize("value", ODD_VALUES)
def test_any_value_of_any_parameter_is_bound(value):
    for name in PATHS:
        params = {f"{column.name}{end}": value for column in index.columns(name) for end in ENDS}
        query = index.LinkQuery.parse(workspace=1, target=Target.parse("client.example"), report=name, params=params)
        statement, bound = sql.conditions(query)
        assert set(re.findall(r"\{(\w+):", statement)) - bound.keys() <= {"target_domain", "owner", "generation"}, name
        assert "a" * 100 not in statement, name
