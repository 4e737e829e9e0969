"""Checks of links on the small web, from a known link to its proof in the index."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from backlinks import index
from backlinks.crawl import checks, jobs, reader, worker
from backlinks.crawl.models import CheckItem, Crawl, CrawlHost, CrawlUrl, WatchedLink
from projects import runs
from projects.models import Project, Run
from seoapp.lib.weburl import Target, parse
from tests.backlinks.crawl.crawling import crawled, let_time_pass, observed
from tests.conftest import Cast
from tests.factories import add_links, make_project
from tests.web.pages import Link, Page, article, document, redirect, refusal
from tests.web.server import SmallWeb

pytestmark = pytest.mark.usefixtures("free_web", "link_index")
SOURCE, TARGET = "blog0.localhost", "shop1.localhost"


@pytest.fixture
def project(cast: Cast) -> Project:
    return make_project(workspace=cast.workspace, domain=TARGET)


@pytest.fixture
def known(small_web: SmallWeb, project: Project) -> Callable[..., None]:
    """`known("/a", "/about")`: a vendor's file says that /a of the blog links to /about of the shop."""

    def know(path: str, target: str = "/about", **fields: object) -> None:
        one = {"source": small_web.url(SOURCE, path), "target": small_web.url(TARGET, target), "anchor": "our shop"}
        add_links(workspace=project.workspace_id, links=[{**one, "lost_reason": "", **fields}])

    return know


def page_with(web: SmallWeb, *targets: str, anchor: str = "our shop", rel: tuple[str, ...] = (), **more: str) -> Page:
    links = [Link(web.url(TARGET, target), anchor, "text", rel) for target in targets]
    return article("A page", links, text=["Some words about the garden."], **more)


def check(project: Project) -> tuple[Crawl, dict[str, CheckItem]]:
    crawl = crawled(project, kind="check", max_pages=1000)
    return crawl, {parse(item.source_url).url.partition(SOURCE)[2].partition("/")[2]: item for item in
                   CheckItem.objects.filter(crawl=crawl)}  # fmt: skip


def shown(project: Project) -> dict[str, dict[str, object]]:
    """What the index shows of the project's links, by path of the page."""
    query = index.LinkQuery.parse(
        workspace=project.workspace_id, target=Target.parse(TARGET), report="links", params={}
    )
    return {str(row["source_url"]).rpartition("/")[2]: row for row in index.stream(query)}


def test_every_reason_to_lose_a_link(small_web: SmallWeb, project: Project, known: Callable[..., None]) -> None:
    pages = {
        "stays": page_with(small_web, "/about"),
        "removed": article("Without", [], text=["Nothing here."]),
        "gone": refusal(404),
        "error": refusal(400),
        "moved": redirect("/elsewhere"),
        "elsewhere": article("Elsewhere", [], text=["Nothing here."]),
        "noindex": page_with(small_web, "/about", head='<meta name="robots" content="noindex">'),
        "copy-of": page_with(small_web, "/about", head='<link rel="canonical" href="/stays">'),
        "blocked": refusal(403),
    }
    for path, page in pages.items():
        small_web.edit(SOURCE, f"/{path}", page)
        if path != "elsewhere":
            known(f"/{path}")
    known("/private/x")
    crawl, items = check(project)
    found = {path: (item.state, item.reason) for path, item in items.items()}
    assert found == {
        "stays": ("live", ""),
        "removed": ("lost", "removedfromhtml"),
        "gone": ("lost", "notfound"),
        "error": ("lost", "pageerror"),
        "moved": ("lost", "pageredirected"),
        "noindex": ("lost", "noindex"),
        "copy-of": ("lost", "notcanonical"),
        "blocked": ("unknown", "http_403"),
        "private/x": ("unknown", "robots"),
    }
    rows = shown(project)
    assert {path for path, row in rows.items() if row["state"] == "lost"} == {
        "removed", "gone", "error", "moved", "noindex", "copy-of",
    }  # fmt: skip
    assert rows["gone"]["lost_reason"] == "notfound" and rows["stays"]["sources"] == ["crawl", "semrush"]
    assert crawl.results["states"] == {
        "live": 1, "changed": 0, "restored": 0, "lost": 6, "broken": 0, "unknown": 2,
    }  # fmt: skip


def test_a_link_is_lost_restored_and_proved(small_web: SmallWeb, project: Project, known: Callable[..., None]) -> None:
    small_web.edit(SOURCE, "/a", page_with(small_web, "/about"))
    known("/a")
    assert check(project)[1]["a"].state == "live"
    let_time_pass()
    small_web.edit(SOURCE, "/a", article("Without", [], text=["Gone."]))
    assert check(project)[1]["a"].state == "lost"
    assert shown(project)["a"]["state"] == "lost"
    let_time_pass()
    small_web.edit(SOURCE, "/a", page_with(small_web, "/about", anchor="the shop", rel=("nofollow",)))
    item = check(project)[1]["a"]
    assert item.state == "restored" and item.changes["nofollow"] == ["no", "yes"]
    assert shown(project)["a"]["state"] == "live" and shown(project)["a"]["nofollow"] == 1
    query = index.LinkQuery.parse(
        workspace=project.workspace_id, target=Target.parse(TARGET), report="links", params={}
    )
    proofs = index.of_link(query, int(item.link_id))
    assert [one["state"] for one in proofs] == ["restored", "lost", "live"]
    assert "the shop" in proofs[0]["snippet"] and proofs[0]["http_status"] == 200
    assert proofs[0]["headers"]["content-type"].startswith("text/html") and len(proofs[0]["page_hash"]) == 64
    assert proofs[1]["snippet"] == "" and proofs[1]["reason"] == "removedfromhtml"


@pytest.mark.parametrize("zone", ["UTC", "America/New_York"])
def test_an_unchanged_page_is_not_read_again(
    small_web: SmallWeb,
    project: Project,
    known: Callable[..., None],
    settings: object,
    zone: str,
) -> None:
    settings.TIME_ZONE = zone  # type: ignore[attr-defined]
    small_web.edit(SOURCE, "/a", page_with(small_web, "/about"))
    known("/a")
    check(project)
    item = check(project)[1]["a"]
    assert (item.state, item.reason) == ("live", "unchanged")
    visits = [visit for visit in small_web.log if visit.target == "/a"]
    assert [visit.status for visit in visits] == [200, 304]
    assert shown(project)["a"]["anchor"] == "our shop"
    small_web.edit(SOURCE, "/a", page_with(small_web, "/about", anchor="new words"))
    assert check(project)[1]["a"].changes == {"anchor": ["our shop", "new words"]}


def test_targets_are_followed_and_broken_ones_named(
    small_web: SmallWeb, project: Project, known: Callable[..., None]
) -> None:
    for path, target in (("/ok", "/about"), ("/dead", "/gone"), ("/chain", "/old/1"), ("/chain-dead", "/hop")):
        small_web.edit(SOURCE, path, page_with(small_web, target))
        known(path, target)
    small_web.edit(TARGET, "/hop", redirect("/missing"))
    _, items = check(project)
    assert {path: (item.state, item.reason) for path, item in items.items()} == {
        "ok": ("live", ""),
        "dead": ("broken", "http_410"),
        "chain": ("live", ""),
        "chain-dead": ("broken", "http_404"),
    }
    assert shown(project)["dead"]["state"] == "live", "a broken target is no lost link"


def test_a_link_to_another_page_of_the_site_is_a_changed_target(
    small_web: SmallWeb,
    project: Project,
    known: Callable[..., None],
) -> None:
    small_web.edit(SOURCE, "/a", page_with(small_web, "/post/1"))
    known("/a")
    item = check(project)[1]["a"]
    assert (item.state, item.reason) == ("changed", "target")
    rows = shown(project)
    assert len(rows) == 1 and sorted(row["state"] for row in _all(project)) == ["live", "lost"]


def _all(project: Project) -> list[dict[str, object]]:
    query = index.LinkQuery.parse(
        workspace=project.workspace_id, target=Target.parse(TARGET), report="links", params={}
    )
    return list(index.stream(query))


def test_a_page_that_moved_takes_its_link_along(
    small_web: SmallWeb, project: Project, known: Callable[..., None]
) -> None:
    small_web.edit(SOURCE, "/old-place", redirect("/new-place"))
    small_web.edit(SOURCE, "/new-place", page_with(small_web, "/about"))
    known("/old-place")
    item = check(project)[1]["old-place"]
    assert item.state == "changed" and item.changes["page"][1].endswith("/new-place")
    assert {row["source_url"].rpartition("/")[2] for row in _all(project) if row["state"] == "live"} >= {"new-place"}


def test_the_budget_takes_the_asked_for_first_then_the_oldest(
    small_web: SmallWeb,
    project: Project,
    known: Callable[..., None],
) -> None:
    for number in range(6):
        small_web.edit(SOURCE, f"/p{number}", page_with(small_web, "/about"))
        known(f"/p{number}", metrics={"ahrefs_dr": float(number)})
    checks.watch(project, small_web.url(SOURCE, "/p0"), small_web.url(TARGET, "/about"))
    first = CheckItem.objects.filter(crawl=crawled(project, kind="check", max_pages=3))
    assert {item.source_url.rpartition("/")[2] for item in first} == {"p0", "p5", "p4"}, "asked for, then strong"
    second = CheckItem.objects.filter(crawl=crawled(project, kind="check", max_pages=4))
    assert {item.source_url.rpartition("/")[2] for item in second} == {"p0", "p3", "p2", "p1"}, "never looked at first"
    assert WatchedLink.objects.get().checked_at is not None


def test_a_check_without_links_ends_at_once(project: Project) -> None:
    crawl = crawled(project, kind="check")
    assert sum(crawl.results["states"].values()) == 0 and observed(crawl, "checks") == []


def test_pages_that_redirect_in_a_circle_end(small_web: SmallWeb, project: Project, known: Callable[..., None]) -> None:
    small_web.edit(SOURCE, "/one", redirect("/two"))
    small_web.edit(SOURCE, "/two", redirect("/one"))
    small_web.edit(SOURCE, "/self", redirect("/self"))
    for path in ("/one", "/two", "/self"):
        known(path)
    found = {(item.state, item.reason) for item in check(project)[1].values()}
    assert found == {("unknown", "too_many_redirects")}, "it may be a wall that sets a cookie first"


def test_a_target_that_breaks_is_noticed_though_its_page_has_not_changed(
    small_web: SmallWeb, project: Project, known: Callable[..., None]
) -> None:
    small_web.edit(SOURCE, "/a", page_with(small_web, "/offer"))
    small_web.edit(TARGET, "/offer", article("Offer", [], text=["Buy."]))
    known("/a", "/offer")
    assert check(project)[1]["a"].state == "live"
    let_time_pass()
    small_web.edit(TARGET, "/offer", refusal(404))
    item = check(project)[1]["a"]
    assert (item.state, item.reason, item.seen["status"]) == ("broken", "http_404", 304)
    assert shown(project)["a"]["state"] == "live" and shown(project)["a"]["anchor"] == "our shop"
    let_time_pass()
    small_web.edit(TARGET, "/offer", article("Offer", [], text=["Buy."]))
    assert check(project)[1]["a"].state == "live"


def test_a_page_that_moved_to_one_that_is_in_the_check_too(
    small_web: SmallWeb, project: Project, known: Callable[..., None], settings: object
) -> None:
    settings.CRAWL_DELAY_SECONDS = 0.2  # type: ignore[attr-defined]
    small_web.edit(SOURCE, "/old-place", redirect("/new-place"))
    small_web.edit(SOURCE, "/new-place", page_with(small_web, "/about"))
    for path in ("/old-place", "/new-place"):
        known(path)
    assert {path: item.state for path, item in check(project)[1].items()} == {
        "old-place": "changed",
        "new-place": "live",
    }


def test_a_watched_link_that_nobody_has_seen_is_looked_for(small_web: SmallWeb, project: Project) -> None:
    small_web.edit(SOURCE, "/agreed", page_with(small_web, "/about"))
    for path in ("/agreed", "/never"):
        checks.watch(project, small_web.url(SOURCE, path), small_web.url(TARGET, "/about"))
    _, items = check(project)
    assert {path: item.state for path, item in items.items()} == {"agreed": "live", "never": "lost"}
    assert shown(project)["agreed"]["state"] == "live"
    assert not WatchedLink.objects.filter(checked_at=None).exists()


def test_a_site_that_has_trouble_again_and_again_holds_up_nobody(
    small_web: SmallWeb, project: Project, known: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "GIVEN_UP", 2)
    for number in range(8):
        small_web.edit(SOURCE, f"/busy-{number}", refusal(503))
        known(f"/busy-{number}")
    crawl, items = check(project)
    assert {(item.state, item.reason) for item in items.values()} == {("unknown", "http_503")}
    assert sum(visit.target.startswith("/busy-") for visit in small_web.log) < 8
    assert crawl.errors == 8


def test_a_304_that_nobody_asked_for_says_nothing(
    small_web: SmallWeb, project: Project, known: Callable[..., None]
) -> None:
    small_web.edit(SOURCE, "/a", refusal(304))
    known("/a")
    item = check(project)[1]["a"]
    assert (item.state, item.reason) == ("unknown", "bad_response")
    assert shown(project)["a"]["sources"] == ["semrush"]


def test_redirects_to_other_spellings_leave_tries_for_the_page(
    small_web: SmallWeb, project: Project, known: Callable[..., None]
) -> None:
    """http to https to www, then a moment of trouble."""
    small_web.edit(SOURCE, "/a", page_with(small_web, "/spelled?b=1&a=2"))
    small_web.edit(TARGET, "/spelled?b=1&a=2", redirect(small_web.url(f"www.{TARGET}", "/spelled?b=1&a=2")))
    small_web.edit(f"www.{TARGET}", "/spelled?b=1&a=2", page_with(small_web))
    known("/a", "/spelled?b=1&a=2")
    crawl, items = check(project)
    row = CrawlUrl.objects.get(crawl=crawl, purpose="target")
    assert (items["a"].state, row.hops, row.attempts, row.status) == ("live", 1, 1, 200)


@pytest.mark.parametrize("path", ["b", "unheard"])
def test_one_link_alone(small_web: SmallWeb, project: Project, known: Callable[..., None], path: str) -> None:
    for name in ("a", "b", "unheard"):
        small_web.edit(SOURCE, f"/{name}", page_with(small_web, "/about"))
    known("/a")
    known("/b")
    running = jobs.start(project=project, kind="check", user=None)
    link = [small_web.url(SOURCE, f"/{path}"), small_web.url(TARGET, "/about")]
    crawl = crawled(project, *link, kind="check")
    assert states(crawl) == {path: "live"} and jobs.running_check(project) == running
    assert shown(project)[path]["state"] == "live"


def test_a_check_by_hand_takes_all_watched_links_first(
    small_web: SmallWeb, project: Project, known: Callable[..., None], cast: Cast
) -> None:
    for number in range(6):
        known(f"/{number}")
    for number in (3, 4, 5):
        checks.watch(project, small_web.url(SOURCE, f"/{number}"), small_web.url(TARGET, "/about"))
    for user, watched in ((cast.owner, 3), (None, 2)):
        crawl = jobs.start(project=project, kind="check", user=user, max_pages=4)
        checks.prepare(crawl, lambda: None)
        paths = [item.source_url.rpartition("/")[2] for item in CheckItem.objects.filter(crawl=crawl)]
        assert len(paths) == 4 and sum(path in "345" for path in paths) == watched, paths
        runs.cancel(crawl.run)


def test_the_evidence_of_noindex_and_of_another_original(
    small_web: SmallWeb, project: Project, known: Callable[..., None]
) -> None:
    head = '<meta name="robots" content="NOINDEX"><link rel="canonical" href="/original?a=1">'
    small_web.edit(SOURCE, "/a", page_with(small_web, "/about", head=head))
    known("/a")
    (proof,) = observed(check(project)[0], "checks")
    said = proof["headers"]
    assert said["meta robots"] == "noindex" and said["link canonical"] == small_web.url(SOURCE, "/original?a=1")


def slow_site(web: SmallWeb, project: Project) -> Crawl:
    """A check of /a, and of a link on a site that rests for half an hour; carried out until it has to wait."""
    other = web.url("blog1.localhost", "/b")
    web.edit("blog1.localhost", "/b", page_with(web, "/about"))
    link = {"source": other, "target": web.url(TARGET, "/about"), "anchor": "our shop", "lost_reason": ""}
    add_links(workspace=project.workspace_id, links=[link])
    CrawlHost.objects.create(domain="blog1.localhost", next_at=timezone.now() + timedelta(minutes=30))
    crawl = jobs.start(project=project, kind="check", user=None)
    runs.execute(crawl.run.pk)
    crawl.refresh_from_db()
    crawl.run.refresh_from_db()
    return crawl


def states(crawl: Crawl) -> dict[str, str]:
    items = CheckItem.objects.filter(crawl=crawl)
    return {item.source_url.rpartition("/")[2]: item.state for item in items}


def go_on(crawl: Crawl) -> None:
    CrawlHost.objects.update(next_at=timezone.now())
    Run.objects.filter(pk=crawl.run_id).update(lease_until=timezone.now())
    runs.see_through(Run.objects.get(pk=crawl.run_id))
    crawl.refresh_from_db()


def test_a_slow_site_holds_back_no_verdict_of_another(
    small_web: SmallWeb, project: Project, known: Callable[..., None]
) -> None:
    small_web.edit(SOURCE, "/a", page_with(small_web, "/about"))
    small_web.edit(SOURCE, "/gone", refusal(404))
    known("/a")
    known("/gone")
    crawl = slow_site(small_web, project)
    assert crawl.state == Crawl.State.RUNNING
    assert states(crawl) == {"a": "live", "gone": "lost", "b": "waiting"}
    go_on(crawl)
    assert states(crawl) == {"a": "live", "gone": "lost", "b": "live"}
    assert (crawl.results["states"]["live"], crawl.results["states"]["lost"]) == (2, 1)
    assert sorted(str(row["source_key"]) for row in observed(crawl, "checks")) == sorted(
        parse(item.source_url).key for item in CheckItem.objects.filter(crawl=crawl)
    ), "each once"


@pytest.mark.parametrize("portion", [1_000, 1])
def test_a_cancelled_check_keeps_its_verdicts_and_can_go_on(
    small_web: SmallWeb, project: Project, known: Callable[..., None], monkeypatch: pytest.MonkeyPatch, portion: int
) -> None:
    monkeypatch.setattr(checks, "VERDICTS_AT_ONCE", portion)
    monkeypatch.setattr(checks, "AT_ONCE", portion)
    gone = {"gone": "lost", "gone-too": "lost", "gone-as-well": "lost"}
    for path in gone:
        small_web.edit(SOURCE, f"/{path}", refusal(404))
        known(f"/{path}")
    crawl = slow_site(small_web, project)
    assert jobs.cancel(crawl)
    runs.execute(crawl.run_id)
    crawl.refresh_from_db()
    assert crawl.state == Crawl.State.CANCELLED and states(crawl) == gone | {"b": "waiting"}
    assert shown(project)["gone"]["state"] == "lost" and crawl.results["states"]["lost"] == 3
    assert runs.retry(Run.objects.get(pk=crawl.run_id))
    go_on(crawl)
    assert crawl.state == Crawl.State.DONE and states(crawl) == gone | {"b": "live"}
    assert len(observed(crawl, "checks")) == 4


def test_a_target_that_was_not_visited_before_somebody_cancelled_is_not_called_fine(
    small_web: SmallWeb, project: Project, known: Callable[..., None]
) -> None:
    small_web.edit(SOURCE, "/a", page_with(small_web, "/dead"))
    known("/a", "/dead")
    CrawlHost.objects.create(domain=TARGET, next_at=timezone.now() + timedelta(minutes=30))
    crawl = jobs.start(project=project, kind="check", user=None)
    runs.execute(crawl.run_id)
    assert states(crawl) == {"a": "waiting"}
    crawl.refresh_from_db()
    assert jobs.cancel(crawl)
    runs.execute(crawl.run_id)
    assert states(crawl) == {"a": "waiting"} and not observed(crawl, "checks")
    assert runs.retry(Run.objects.get(pk=crawl.run_id))
    go_on(crawl)
    assert states(crawl) == {"a": "broken"} and len(observed(crawl, "checks")) == 1


def test_an_unchanged_page_is_read_again_for_new_brand_terms(
    small_web: SmallWeb, project: Project, known: Callable[..., None]
) -> None:
    small_web.edit(SOURCE, "/a", page_with(small_web, "/about"))
    known("/a")
    for terms in (["Shop One"], ["Shop One"], ["Shop One", "garden"]):
        project.brand_terms = terms
        project.save()
        check(project)
    assert [visit.status for visit in small_web.log if visit.target == "/a"] == [200, 304, 200]


def test_a_page_with_more_links_than_are_read_has_lost_none(
    small_web: SmallWeb, project: Project, known: Callable[..., None]
) -> None:
    """The link stands behind 20,000 others."""
    many = "".join(f"<a href=/{number}>{number}</a>\n" for number in range(20_001))
    body = f'<title>Many</title>{many}<a href="{small_web.url(TARGET, "/about")}">our shop</a>'
    small_web.edit(SOURCE, "/a", document(body.encode(), "text/html; charset=utf-8"))
    known("/a")
    crawl, items = check(project)
    assert (items["a"].state, items["a"].reason) == ("unknown", "cut_short")
    assert "2 links more" in CrawlUrl.objects.get(crawl=crawl, purpose="page").reason


def test_bytes_that_no_database_takes(small_web: SmallWeb, project: Project, known: Callable[..., None]) -> None:
    """NULs and lone surrogates in title, anchor, attributes and text."""
    url = small_web.url(TARGET, "/about")
    odd = "a\x00b&#0;c&#xD800;\ud83d"
    body = f"""<title>{odd}</title><meta name=generator content="{odd}"><p>{odd} <a href="{url}" title="{odd}">{odd}</a>
        {odd}<a href="/x{odd}">{odd}</a><a href="http://other.example/{odd}">{odd}</a>"""
    page = document(body.encode("utf-8", "surrogatepass"), "text/html; charset=utf-8")
    small_web.edit(SOURCE, "/a", page)
    known("/a", anchor="")
    crawl, items = check(project)
    assert items["a"].state == "live" and items["a"].seen["link"]["snippet"]
    row = CrawlUrl.objects.get(crawl=crawl, url=small_web.url(SOURCE, "/a"))
    assert row.title.startswith("a") and "\x00" not in row.title
    assert len(observed(crawl)) == 1


def test_a_site_of_pages_that_nobody_can_read_is_left_alone(
    small_web: SmallWeb, project: Project, known: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader.Reader, "_ask", lambda self, jobs: None)
    monkeypatch.setattr(worker, "MOST_URLS_A_TURN", worker.TOO_COSTLY_PAGES)
    for number in range(8):
        small_web.edit(SOURCE, f"/{number}", page_with(small_web, "/about"))
        known(f"/{number}")
    crawl, items = check(project)
    assert {(item.state, item.reason) for item in items.values()} == {("unknown", "not_read")}
    unasked = CrawlUrl.objects.filter(crawl=crawl, purpose="page", attempts=0)
    assert unasked.count() == 8 - worker.TOO_COSTLY_PAGES and all(
        "pages of this site in a row" in row.reason for row in unasked
    )


def test_a_site_with_old_failures_is_asked_at_once_when_it_answers(
    small_web: SmallWeb, project: Project, known: Callable[..., None], settings: object
) -> None:
    settings.CRAWL_DELAY_SECONDS = 0.1  # type: ignore[attr-defined]
    small_web.edit(SOURCE, "/a", page_with(small_web, "/about"))
    known("/a")
    CrawlHost.objects.create(domain=SOURCE, next_at=timezone.now(), failures=12)
    assert check(project)[1]["a"].state == "live"


def test_a_second_place_of_a_link_is_no_change(
    small_web: SmallWeb, project: Project, known: Callable[..., None]
) -> None:
    url = small_web.url(TARGET, "/about")
    links = [Link(url, "here", rel=("ugc", "nofollow"), placement="comment"), Link(url, "our shop")]
    small_web.edit(SOURCE, "/a", article("A page", links, text=["Some words about the garden."]))
    known("/a")
    for _ in range(2):
        item = check(project)[1]["a"]
        assert (item.state, item.changes) == ("live", {})
        assert "our shop" in item.seen["link"]["snippet"], "the evidence is of the place that is meant"
        let_time_pass()
        small_web.edit(SOURCE, "/a", article("A page", links[::-1], text=["Some other words about it."]))
