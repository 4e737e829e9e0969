"""Crawls in the browser: start, watch, read what was found, cancel, go on, take back."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from bs4 import BeautifulSoup
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from backlinks import index
from backlinks.models import Crawl
from projects.models import AuditEntry, Run
from tests.backlinks.crawled import add_address, index_pages, make_crawl, work
from tests.backlinks.pages import all_rows, csv_of, number_in, rows_of, soup_of, url_of
from tests.conftest import Cast
from tests.factories import profile_of
from tests.web.server import SmallWeb

HOME = "https://client.example/"
HX = {"HX-Request": "true"}


@pytest.fixture
def editor(cast: Cast, browse: Callable) -> Client:
    return browse(cast.editor)


def at(cast: Cast, crawl: Crawl | None = None, page: str = "") -> str:
    return url_of(cast.project, f"crawls/{crawl.pk}/{page}" if crawl else "crawls/")


def start(client: Client, cast: Cast, **fields: object) -> object:
    defaults = {"kind": "site", "max_pages": 500, "max_depth": 5, "max_hosts": 100, "with_subdomains": "on"}
    return client.post(at(cast) + "start/", defaults | fields)


def figures(page: BeautifulSoup) -> dict[str, tuple[int, str]]:
    """Word of each figure -> (number, where it leads)."""
    cards = page.select("a.figure-card")
    return {
        one.select_one(".figure-name").text: (number_in(one.select_one(".figure-value")), one["href"]) for one in cards
    }


def test_a_site_is_crawled_and_every_number_leads_to_its_rows(
    cast: Cast, link_index: None, free_web: None, small_web: SmallWeb, editor: Client
) -> None:
    began = start(editor, cast, site=small_web.url("shop1.localhost"), max_pages=60)
    crawl = Crawl.objects.get()
    assert began.headers["Location"] == at(cast, crawl)
    assert (crawl.max_pages, crawl.with_subdomains, crawl.started_by) == (60, True, cast.editor)
    assert AuditEntry.objects.get(action="crawl.started").who == cast.editor
    waiting = soup_of(editor.get(at(cast, crawl)))
    assert waiting.select_one("#crawl")["hx-trigger"] == "every 2s"
    assert soup_of(editor.get(at(cast))).select_one("#crawls")["hx-trigger"] == "every 2s"
    work()
    fragment = editor.get(at(cast, crawl), headers=HX)
    assert b"<html" not in fragment.content
    shown = soup_of(fragment)
    assert not shown.select_one("#crawl").get("hx-trigger"), "nothing moves any more"
    found = figures(shown)
    assert found["Pages read"][0] + found["Redirects"][0] == 60 and found["Outbound links"][0] > 50
    assert found["Redirects"][0] > 0, "they are no pages that were read, but the limit counts them"
    assert found["Pages that answer with an error"][0] > 0
    for name, (number, href) in found.items():
        assert all_rows(editor, href) == number, name
    for row in shown.select(".reasons tr"):
        assert all_rows(editor, row.a["href"]) == number_in(row.a), row.text
    domains = soup_of(editor.get(at(cast, crawl, "domains/")))
    for row in rows_of(domains)[:3]:
        links, follow, nofollow = (row.select("td")[number].a for number in (1, 3, 4))
        assert number_in(links) == number_in(follow) + number_in(nofollow)
        assert all_rows(editor, follow["href"]) == number_in(follow)
    broken = soup_of(editor.get(at(cast, crawl, "broken/")))
    leading = next(link for link in broken.select(".list-table tbody td.num a"))
    assert all_rows(editor, leading["href"]) == number_in(leading)


def test_a_list_of_pages_is_fetched(
    cast: Cast, link_index: None, free_web: None, small_web: SmallWeb, editor: Client
) -> None:
    pages = [small_web.url("blog0.localhost", path) for path in ("/post/1", "/post/2", "/missing", "/private/1")]
    start(editor, cast, kind="list", pages="\r\n".join([*pages, "", pages[0]]))
    work()
    crawl = Crawl.objects.get()
    assert (crawl.kind, crawl.starts, crawl.pages, crawl.errors, crawl.skipped) == ("list", pages, 2, 1, 1)
    shown = soup_of(editor.get(at(cast, crawl, "addresses/?sort=url")))
    words = [[cell.get_text(" ", strip=True) for cell in row.select("td")] for row in rows_of(shown)]
    why = {row[0].rpartition("/")[2]: (row[1], row[3]) for row in words}
    assert why["missing"] == ("not fetched", "It answered 404 (not found)")
    assert len(rows_of(shown)) == 4


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"site": ""}, "This field is required."),
        ({"site": "ftp://client.example/"}, "not http or https"),
        ({"site": "not a url"}, "This is no address of a web page"),
        ({"site": HOME, "max_pages": 0}, "greater than or equal to 1"),
        ({"site": HOME, "max_depth": 51}, "less than or equal to 50"),
        ({"site": HOME, "max_hosts": 0}, "greater than or equal to 1"),
        ({"kind": "list", "pages": " \n "}, "Paste at least one address."),
        ({"kind": "list", "pages": f"{HOME}\n\njavascript:alert(1)"}, "Line 3: “javascript:alert(1)”"),
        ({"kind": "list", "pages": "\n".join(f"{HOME}{n}" for n in range(10_001))}, "10,001 addresses are too many"),
        ({"kind": "list", "pages": "\n".join(["mailto:x"] * 20)}, "… and 12 more lines."),
        ({"kind": "list", "pages": "\n".join(["mailto:x"] * 9)}, "… and 1 more line."),
    ],
)
def test_what_cannot_be_crawled_is_said_at_its_field(
    cast: Cast, editor: Client, fields: dict[str, object], said: str
) -> None:
    refused = start(editor, cast, **fields)
    assert refused.status_code == 422
    page = soup_of(refused)
    assert said in page.select_one(".errorlist").text
    assert page.select_one("[aria-invalid=true]") is not None
    assert not Crawl.objects.exists()


@pytest.mark.parametrize(("pages", "seconds"), [(500, 3600), (20_000, 100_000), (1_000_000, 7 * 24 * 3600)])
def test_a_large_crawl_gets_the_time_it_needs(cast: Cast, editor: Client, pages: int, seconds: int) -> None:
    start(editor, cast, site="client.example", max_pages=pages)
    assert Crawl.objects.get().max_seconds == seconds


def test_a_viewer_reads_and_starts_nothing(cast: Cast, browse: Callable) -> None:
    viewer = browse(cast.viewer)
    empty = soup_of(viewer.get(at(cast)))
    assert "An editor of the workspace can start a crawl." in empty.text
    crawl = make_crawl(project=cast.project)
    for page in (at(cast), at(cast, crawl)):
        assert not soup_of(viewer.get(page)).select("main form")


def test_the_list_is_paged_and_says_how_each_crawl_stands(cast: Cast, editor: Client) -> None:
    made = [make_crawl(project=cast.project) for _ in range(31)]
    Run.objects.filter(pk=made[-1].run_id).update(error="Something broke.")
    Crawl.objects.filter(pk=made[-1].pk).update(state="running")
    Run.objects.filter(pk=made[-1].run_id).update(state="failed")
    first = soup_of(editor.get(at(cast)))
    rows = first.select("#crawls tbody tr")
    assert len(rows) == 30
    assert "Failed" in rows[0].text and "Something broke." in rows[0].text
    older = soup_of(editor.get(at(cast) + first.select_one(".pager a")["href"]))
    assert [one.a.text for one in older.select("#crawls tbody tr")] == [f"Site crawl {made[0].pk}"]


def test_the_list_is_in_the_order_of_time_page_by_page(cast: Cast, editor: Client) -> None:
    made = [make_crawl(project=cast.project) for _ in range(33)]
    now = timezone.now()
    for days, one in enumerate(made):
        Crawl.objects.filter(pk=one.pk).update(created_at=now - timedelta(days=days))
    first = soup_of(editor.get(at(cast)))
    older = soup_of(editor.get(at(cast) + first.select_one(".pager a")["href"]))
    shown = [row.a.text for page in (first, older) for row in page.select("#crawls tbody tr")]
    assert shown == [f"Site crawl {one.pk}" for one in made]


def test_a_crawl_that_waits_is_cancelled_at_once_and_goes_on_later(cast: Cast, editor: Client) -> None:
    start(editor, cast, site=HOME)
    crawl = Crawl.objects.get()
    assert editor.post(at(cast, crawl, "cancel/")).headers["Location"] == at(cast, crawl)
    shown = soup_of(editor.get(at(cast, crawl)))
    assert shown.select_one("#crawl .state").text == "Cancelled"
    again = editor.post(at(cast, crawl, "cancel/"), follow=True)
    assert "over already" in again.content.decode()
    editor.post(at(cast, crawl, "retry/"))
    crawl.refresh_from_db()
    assert crawl.run.state == Run.State.QUEUED
    assert crawl.is_active
    assert "can go on" in editor.post(at(cast, crawl, "retry/"), follow=True).content.decode()
    assert set(AuditEntry.objects.values_list("action", flat=True)) >= {"run.cancelled", "run.retried"}


def test_the_speed_of_a_crawl_that_went_on_is_that_of_its_second_part(cast: Cast, editor: Client) -> None:
    began = timezone.now() - timedelta(seconds=100)
    more = {"started_at": began, "finished_at": began + timedelta(seconds=50), "pages": 600}
    whole = make_crawl(project=cast.project, **more)
    part = make_crawl(project=cast.project, results={"pages_before": 500}, **more)
    assert (whole.rate, part.rate) == (12.0, 2.0)
    assert "Took since it went on" in soup_of(editor.get(at(cast, part))).text
    assert "since it went on" not in soup_of(editor.get(at(cast, whole))).text


def test_a_crawl_that_goes_on_knows_how_many_pages_it_had(
    cast: Cast, link_index: None, free_web: None, small_web: SmallWeb, editor: Client
) -> None:
    start(editor, cast, kind="list", pages=small_web.url("blog0.localhost", "/post/1"))
    crawl = Crawl.objects.get()
    Crawl.objects.update(started_at=timezone.now() - timedelta(hours=1), pages=7)
    work()
    crawl.refresh_from_db()
    assert (crawl.state, crawl.results["pages_before"]) == ("done", 7)


def test_a_pausing_crawl_keeps_what_it_has_when_it_is_cancelled(cast: Cast, link_index: None, editor: Client) -> None:
    """It has fetched pages and waits for a slow site: a worker concludes it, so that those pages count."""
    crawl = make_crawl(project=cast.project, state="running", run="queued")
    add_address(crawl, f"{HOME}next", state="queued", fetched_at=None)
    editor.post(at(cast, crawl, "cancel/"))
    crawl.run.refresh_from_db()
    assert (crawl.run.state, crawl.run.cancel_asked) == (Run.State.QUEUED, True)
    work()
    crawl.refresh_from_db()
    assert (crawl.state, crawl.run.state, crawl.skipped) == ("cancelled", "cancelled", 1)
    shown = soup_of(editor.get(at(cast, crawl)))
    assert "What was fetched before the cancel counts." in shown.text
    assert "The crawl was cancelled before" in shown.select_one(".reasons").text


def test_removing_asks_says_what_goes_and_is_done_by_a_run(
    cast: Cast, link_index: None, free_web: None, small_web: SmallWeb, editor: Client
) -> None:
    start(editor, cast, kind="list", pages=small_web.url("blog0.localhost", "/post/1"))
    crawl = Crawl.objects.get()
    early = editor.post(at(cast, crawl, "remove/"), follow=True)
    assert "Wait until the crawl is over" in early.content.decode()
    work()
    known = profile_of(workspace=cast.workspace.pk, target="forum3.localhost").links
    asked = " ".join(soup_of(editor.get(at(cast, crawl, "remove/"))).text.split())
    assert "known to this crawl only and will be gone" in asked
    assert editor.post(at(cast, crawl, "remove/")).headers["Location"] == at(cast)
    assert "Being removed" in soup_of(editor.get(at(cast))).text
    run = Run.objects.latest("pk")
    work()
    assert not Crawl.objects.exists()
    assert known >= profile_of(workspace=cast.workspace.pk, target="forum3.localhost").links == 0
    assert editor.get(at(cast, crawl)).status_code == 404
    of_run = reverse("backlinks:crawl_of_run", kwargs={"slug": cast.workspace.slug, "run_id": run.pk})
    assert editor.get(of_run).headers["Location"] == at(cast)
    assert AuditEntry.objects.filter(action="crawl.removed").count() == 1


def test_a_crawl_that_lost_its_run_can_only_be_removed(cast: Cast, link_index: None, editor: Client) -> None:
    crawl = make_crawl(project=cast.project, state="running")
    Crawl.objects.update(run=None)
    page = soup_of(editor.get(at(cast, crawl)))
    assert page.select_one("#crawl .state").text == "Failed"
    assert "Go on" not in page.text
    assert "can go on" in editor.post(at(cast, crawl, "retry/"), follow=True).content.decode()
    assert editor.get(at(cast, crawl, "remove/")).status_code == 200


def test_a_run_leads_to_its_crawl(cast: Cast, editor: Client) -> None:
    crawl = make_crawl(project=cast.project)
    run_page = reverse("backlinks:crawl_of_run", kwargs={"slug": cast.workspace.slug, "run_id": crawl.run_id})
    assert editor.get(run_page).headers["Location"] == at(cast, crawl)
    Run.objects.filter(pk=crawl.run_id).update(arguments={})
    assert editor.get(run_page).status_code == 404


def test_a_crawl_of_another_project_is_not_there(cast: Cast, browse: Callable) -> None:
    other = make_crawl(project=cast.second_project)
    for page in ("", "addresses/", "links/", "broken/", "remove/"):
        assert browse(cast.owner).get(at(cast, other, page)).status_code == 404, page


def test_structure_knows_inlinks_orphans_and_what_is_worth_a_link(cast: Cast, link_index: None, editor: Client) -> None:
    crawl = make_crawl(project=cast.project)
    old = {"http_status": 301, "redirect_url": f"{HOME}new", "depth": 1}
    pages = {
        HOME: {"depth": 0, "words": 300, "ext_links": 3, "ext_domains": 3},
        f"{HOME}linked": {"depth": 1, "words": 1000, "title": "=cmd()"},
        f"{HOME}lonely": {"depth": 1, "words": 400, "ext_links": 40, "ext_domains": 30},
        f"{HOME}original": {"depth": 1, "words": 100},
        f"{HOME}copy": {"depth": 1, "canonical": f"{HOME}original", "words": 900},
        f"{HOME}old": old,
        f"{HOME}new": {"depth": 1, "noindex": 1, "words": 900},
    }
    inside = ((HOME, f"{HOME}linked"), (f"{HOME}lonely", f"{HOME}linked"), (HOME, f"{HOME}copy"), (HOME, f"{HOME}old"))
    index_pages(crawl, pages, inside)
    structure = csv_of(editor.get(at(cast, crawl, "structure/?export=csv&cols=page_url.inlinks.orphan")))
    said = {row[0].removeprefix(HOME): row[1:] for row in structure[1:]}
    assert said == {
        "": ["0", "false"], "linked": ["2", "false"], "lonely": ["0", "true"], "original": ["0", "false"],
        "copy": ["1", "false"], "new": ["1", "false"],
    }  # fmt: skip
    found = figures(soup_of(editor.get(at(cast, crawl))))
    assert (found["Orphan pages"][0], found["Pages worth a link"][0]) == (1, 3)
    assert all_rows(editor, found["Orphan pages"][1]) == 1
    worth = csv_of(editor.get(at(cast, crawl, "worth/?export=csv&cols=page_url.worth.sort_of.title")))
    assert [(row[0].removeprefix(HOME), float(row[2]), row[3]) for row in worth[1:]] == [
        ("linked", 2.0, "article"),
        ("", 0.09, "article"),
        ("lonely", 0.01, "resources"),
    ]
    assert worth[1][1] == "'=cmd()", "a formula is only text"
    assert "log2(2 + pages that lead here)" in soup_of(editor.get(at(cast, crawl, "worth/"))).text
    kept = editor.get(at(cast, crawl, "worth/?sort_of=resources"))
    assert [row.td.a["href"] for row in rows_of(soup_of(kept))] == [f"{HOME}lonely"]
    assert rows_of(soup_of(editor.get(at(cast, crawl, "structure/?orphan=yes&words_min=400"))))


def test_a_crawl_whose_addresses_were_forgotten_says_so(cast: Cast, link_index: None, editor: Client) -> None:
    old, fresh = make_crawl(project=cast.project, pages=9), make_crawl(project=cast.project)
    add_address(fresh, HOME)
    assert "forgotten 90 days after" in soup_of(editor.get(at(cast, old))).text
    assert "forgotten" not in soup_of(editor.get(at(cast, fresh))).text


def test_pages_of_one_text_are_counted_because_their_links_may_not_be_followed(cast: Cast, editor: Client) -> None:
    crawl = make_crawl(project=cast.project)
    add_address(crawl, HOME)
    for number in range(3):
        add_address(crawl, f"{HOME}{number}", code="duplicate", reason=f"The same text as {HOME}")
    add_address(crawl, f"{HOME}c", code="duplicate", reason=f"It names {HOME} as the original")
    page = soup_of(editor.get(at(cast, crawl)))
    assert page.select_one("#reasons").text == "Read, but not followed"
    rows = {row.th.contents[0].strip(): row.a for row in page.select(".reasons tr")}
    assert {name: number_in(one) for name, one in rows.items()} == {
        "Same text as another page": 3, "Names another page as the original": 1,
    }  # fmt: skip
    for one in rows.values():
        assert all_rows(editor, one["href"]) == number_in(one)
    assert f"The same text as {HOME}" in soup_of(editor.get(rows["Same text as another page"]["href"])).text


def test_titles_from_outside_are_text(cast: Cast, editor: Client) -> None:
    crawl = make_crawl(project=cast.project)
    add_address(crawl, f"{HOME}x", title="<img src=x onerror=alert(1)>", reason="<b>", code="http_418")
    page = soup_of(editor.get(at(cast, crawl, "addresses/")))
    assert not page.select("main img")
    assert "It answered 418 (refused)" in page.text


@pytest.mark.parametrize("query", ["of=%00", "of=" + "x" * 9000, "sort=batch", "page=999999999", "depth_min=x"])
def test_odd_parameters_are_no_error(cast: Cast, link_index: None, editor: Client, query: str) -> None:
    crawl = make_crawl(project=cast.project)
    for page in ("links/", "leading/", "structure/", "addresses/"):
        assert editor.get(at(cast, crawl, f"{page}?{query}")).status_code == 200


def test_while_the_index_is_away_the_crawl_is_still_shown(
    cast: Cast, editor: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*arguments: object) -> None:
        raise index.IndexUnavailable("The link index does not answer: gone")

    for name in ("crawl_figures", "crawl_rows", "known_only_to"):
        monkeypatch.setattr(index, name, away)
    crawl = make_crawl(project=cast.project)
    assert "shown again when it does" in soup_of(editor.get(at(cast, crawl))).text
    assert editor.get(at(cast, crawl, "links/")).status_code == 503
    assert "it cannot be said" in soup_of(editor.get(at(cast, crawl, "remove/"))).text


def test_a_check_has_its_own_page_for_what_it_found(cast: Cast, editor: Client) -> None:
    check = make_crawl(project=cast.project, kind="check")
    page = soup_of(editor.get(at(cast, check)))
    assert [one.text for one in page.select(".crawl-tabs a")] == ["Summary", "Addresses"]
    assert page.select_one(".btn-primary")["href"].endswith(f"checks/links/?check={check.pk}")
