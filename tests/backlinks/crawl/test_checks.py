"""Checks of links on the small web, from a known link to its proof in the index."""

from collections import Counter

import pytest

from backlinks import index
from backlinks.crawl import checks, jobs
from backlinks.crawl.models import CheckItem, Crawl, CrawlUrl, WatchedLink
from projects import runs
from projects.models import Project
from tests.backlinks.crawl.checking import (
    SOURCE,
    TARGET,
    Known,
    check,
    known,
    links_of,
    page_with,
    project,
    shown,
    states,
)
from tests.backlinks.crawl.crawling import crawled, let_time_pass, observed
from tests.conftest import Cast
from tests.web.pages import Link, Page, article, document, redirect, refusal
from tests.web.server import SmallWeb

__all__ = ["known", "project"]
pytestmark = pytest.mark.usefixtures("free_web", "link_index", "unsettled")


def pages_of_every_kind(web: SmallWeb) -> dict[str, tuple[Page, str, tuple[str, str]]]:
    """Path -> what the page is, the place that its link is known to lead to, and the verdict."""
    stays = page_with(web, "/about")
    many = "".join(f"<a href=/{number}>{number}</a>\n" for number in range(20_001))
    behind = f'<title>Many</title>{many}<a href="{web.url(TARGET, "/about")}">our shop</a>'
    noindex = '<meta name="robots" content="NOINDEX"><link rel="canonical" href="/original?a=1">'
    return {
        "stays": (stays, "/about", ("live", "")),
        "removed": (article("Without", [], text=["Nothing here."]), "/about", ("lost", "removedfromhtml")),
        "gone": (refusal(404), "/about", ("lost", "notfound")),
        "error": (refusal(400), "/about", ("lost", "pageerror")),
        "moved": (redirect("/elsewhere"), "/about", ("lost", "pageredirected")),
        "noindex": (page_with(web, "/about", head=noindex), "/about", ("lost", "noindex")),
        "copy-of": (page_with(web, "/about", head='<link rel="canonical" href="/stays">'), "/about",
                    ("lost", "notcanonical")),
        "blocked": (refusal(403), "/about", ("unknown", "http_403")),
        "unasked": (refusal(304), "/about", ("unknown", "bad_response")),
        "one": (redirect("/two"), "/about", ("unknown", "too_many_redirects")),
        "two": (redirect("/one"), "/about", ("unknown", "too_many_redirects")),  # it may be a wall that sets a cookie
        "self": (redirect("/self"), "/about", ("unknown", "too_many_redirects")),
        "too-many": (document(behind.encode(), "text/html; charset=utf-8"), "/about", ("unknown", "cut_short")),
        "other-target": (page_with(web, "/post/1"), "/about", ("changed", "target")),
        "old-place": (redirect("/new-place"), "/about", ("changed", "")),
        "ok": (stays, "/about", ("live", "")),
        "dead": (page_with(web, "/gone"), "/gone", ("broken", "http_410")),
        "chain": (page_with(web, "/old/1"), "/old/1", ("live", "")),
        "chain-dead": (page_with(web, "/hop"), "/hop", ("broken", "http_404")),
        "spelled": (page_with(web, "/spelled?b=1&a=2"), "/spelled?b=1&a=2", ("live", "")),
    }  # fmt: skip


@pytest.mark.usefixtures("settled")
def test_every_verdict_of_a_check(small_web: SmallWeb, project: Project, known: Known) -> None:
    """One check of a page of each kind."""
    pages = pages_of_every_kind(small_web)
    for path, (page, _, _) in pages.items():
        small_web.edit(SOURCE, f"/{path}", page)
    small_web.edit(SOURCE, "/elsewhere", article("Elsewhere", [], text=["Nothing here."]))
    small_web.edit(SOURCE, "/new-place", page_with(small_web, "/about"))
    small_web.edit(TARGET, "/hop", redirect("/missing"))
    # http to https to www, then a moment of trouble
    small_web.edit(TARGET, "/spelled?b=1&a=2", redirect(small_web.url(f"www.{TARGET}", "/spelled?b=1&a=2")))
    small_web.edit(f"www.{TARGET}", "/spelled?b=1&a=2", page_with(small_web))
    known(*({"path": f"/{path}", "target": target} for path, (_, target, _) in pages.items()), "/private/x")
    small_web.edit(SOURCE, "/agreed", page_with(small_web, "/about"))
    for path in ("/agreed", "/never"):
        checks.watch(project, small_web.url(SOURCE, path), small_web.url(TARGET, "/about"))
    crawl, items = check(project)
    assert {path: (item.state, item.reason) for path, item in items.items()} == {
        **{path: verdict for path, (_, _, verdict) in pages.items()},
        "private/x": ("unknown", "robots"),
        "agreed": ("live", ""),
        "never": ("lost", "notfound"),
    }
    counted = Counter(item.state for item in items.values())
    assert crawl.results["states"] == {state: counted[state] for state in checks.STATES}
    evidence_of_the_check(small_web, crawl, items)
    profile_after_the_check(project)


def evidence_of_the_check(web: SmallWeb, crawl: Crawl, items: dict[str, CheckItem]) -> None:
    (proof,) = (row for row in observed(crawl, "checks") if str(row["source_url"]).endswith("/noindex"))
    said = proof["headers"]
    assert said["meta robots"] == "noindex" and said["link canonical"] == web.url(SOURCE, "/original?a=1")
    assert items["old-place"].changes["page"][1].endswith("/new-place")
    facts = {str(row["page_url"]).rpartition("/")[2]: row for row in observed(crawl, "page_facts")}
    assert {"stays", "removed", "noindex", "other-target", "agreed"} <= set(facts), "whatever became of the link"
    assert facts.keys().isdisjoint(("gone", "blocked", "moved", "one"))
    assert {row["source_domain"] for row in facts.values()} == {SOURCE} and facts["noindex"]["noindex"] == 1
    assert (facts["stays"]["canonical_at"], facts["noindex"]["canonical_at"]) == ("", "elsewhere")
    pages = CrawlUrl.objects.filter(crawl=crawl, purpose="page")
    assert "2 links more" in pages.get(url__endswith="/too-many").reason
    row = CrawlUrl.objects.get(crawl=crawl, purpose="target", url__contains="spelled")
    assert (row.hops, row.attempts, row.status) == (1, 1, 200), "other spellings leave tries for the page"
    assert not WatchedLink.objects.filter(checked_at=None).exists(), "also one that nobody has seen is looked for"


def profile_after_the_check(project: Project) -> None:
    found = [(str(row["source_url"]).rpartition("/")[2], row) for row in index.stream(links_of(project))]
    lost, live = ({path for path, row in found if row["state"] == state} for state in ("lost", "live"))
    assert lost == {"removed", "gone", "error", "moved", "noindex", "copy-of", "other-target", "never"}
    rows = dict(found)
    assert rows["gone"]["lost_reason"] == "notfound" and rows["stays"]["sources"] == ["crawl", "semrush"]
    assert rows["dead"]["state"] == "live", "a broken target is no lost link"
    other = sorted(row["state"] for path, row in found if path == "other-target")
    assert other == ["live", "lost"], "another page of the site is a changed target"
    assert {"new-place", "agreed"} <= live
    assert rows["unasked"]["sources"] == ["semrush"], "a 304 that nobody asked for says nothing"


@pytest.mark.usefixtures("settled")
def test_a_link_is_lost_restored_and_proved_and_a_target_that_breaks_is_noticed(
    small_web: SmallWeb, project: Project, known: Known
) -> None:
    """The page of the second link never changes: what it leads to does."""
    offer = article("Offer", [], text=["Buy."])
    small_web.edit(SOURCE, "/a", page_with(small_web, "/about"))
    small_web.edit(SOURCE, "/b", page_with(small_web, "/offer"))
    small_web.edit(TARGET, "/offer", offer)
    known("/a", {"path": "/b", "target": "/offer"})
    assert states(check(project)[0]) == {"a": "live", "b": "live"}
    let_time_pass()
    small_web.edit(SOURCE, "/a", article("Without", [], text=["Gone."]))
    small_web.edit(TARGET, "/offer", refusal(404))
    items = check(project)[1]
    assert items["a"].state == "lost"
    assert (items["b"].state, items["b"].reason, items["b"].seen["status"]) == ("broken", "http_404", 304)
    rows = shown(project)
    assert rows["a"]["state"] == "lost" and (rows["b"]["state"], rows["b"]["anchor"]) == ("live", "our shop")
    let_time_pass()
    small_web.edit(SOURCE, "/a", page_with(small_web, "/about", anchor="the shop", rel=("nofollow",)))
    small_web.edit(TARGET, "/offer", offer)
    items = check(project)[1]
    assert items["a"].state == "restored" and items["a"].changes["nofollow"] == ["no", "yes"]
    assert items["b"].state == "live"
    assert shown(project)["a"]["state"] == "live" and shown(project)["a"]["nofollow"] == 1
    proofs = index.of_link(links_of(project), int(items["a"].link_id))
    assert [one["state"] for one in proofs] == ["restored", "lost", "live"]
    assert "the shop" in proofs[0]["snippet"] and proofs[0]["http_status"] == 200
    assert proofs[0]["headers"]["content-type"].startswith("text/html") and len(proofs[0]["page_hash"]) == 64
    assert proofs[1]["snippet"] == "" and proofs[1]["reason"] == "removedfromhtml"


@pytest.mark.usefixtures("settled")
def test_an_unchanged_page_is_not_read_again_but_for_new_brand_terms(
    small_web: SmallWeb, project: Project, known: Known, settings: object
) -> None:
    settings.TIME_ZONE = "America/New_York"  # type: ignore[attr-defined]
    for path in ("/a", "/b"):
        small_web.edit(SOURCE, path, page_with(small_web, "/about"))
    known("/a", "/b")
    for terms in (["Shop One"], ["Shop One"], ["Shop One", "garden"]):
        project.brand_terms = terms
        project.save()
        item = check(project)[1]["a"]
        if item.reason == "unchanged":
            assert item.state == "live" and shown(project)["a"]["anchor"] == "our shop"
            small_web.edit(SOURCE, "/a", page_with(small_web, "/about", anchor="new words"))
    assert item.changes == {"anchor": ["our shop", "new words"]}
    for path in ("/a", "/b"):
        assert [visit.status for visit in small_web.log if visit.target == path] == [200, 304, 200]


def test_the_budget_takes_the_asked_for_first_then_the_oldest(
    small_web: SmallWeb,
    project: Project,
    known: Known,
) -> None:
    for number in range(6):
        small_web.edit(SOURCE, f"/p{number}", page_with(small_web, "/about"))
    known(*({"path": f"/p{number}", "metrics": {"ahrefs_dr": float(number)}} for number in range(6)))
    checks.watch(project, small_web.url(SOURCE, "/p0"), small_web.url(TARGET, "/about"))
    first = CheckItem.objects.filter(crawl=crawled(project, kind="check", max_pages=3))
    assert {item.source_url.rpartition("/")[2] for item in first} == {"p0", "p5", "p4"}, "asked for, then strong"
    second = CheckItem.objects.filter(crawl=crawled(project, kind="check", max_pages=4))
    assert {item.source_url.rpartition("/")[2] for item in second} == {"p0", "p3", "p2", "p1"}, "never looked at first"
    assert WatchedLink.objects.get().checked_at is not None


def test_a_check_without_links_ends_at_once(project: Project) -> None:
    crawl = crawled(project, kind="check")
    assert sum(crawl.results["states"].values()) == 0 and observed(crawl, "checks") == []


def test_a_page_that_moved_to_one_that_is_in_the_check_too(
    small_web: SmallWeb, project: Project, known: Known, settings: object
) -> None:
    settings.CRAWL_DELAY_SECONDS = 0.2  # type: ignore[attr-defined]
    small_web.edit(SOURCE, "/old-place", redirect("/new-place"))
    small_web.edit(SOURCE, "/new-place", page_with(small_web, "/about"))
    known("/old-place", "/new-place")
    assert {path: item.state for path, item in check(project)[1].items()} == {
        "old-place": "changed",
        "new-place": "live",
    }


@pytest.mark.usefixtures("settled")
def test_one_link_alone(small_web: SmallWeb, project: Project, known: Known) -> None:
    """Known or unheard of."""
    for name in ("a", "b", "unheard"):
        small_web.edit(SOURCE, f"/{name}", page_with(small_web, "/about"))
    known("/a", "/b")
    running = jobs.start(project=project, kind="check", user=None)
    for path in ("b", "unheard"):
        link = [small_web.url(SOURCE, f"/{path}"), small_web.url(TARGET, "/about")]
        crawl = crawled(project, *link, kind="check")
        assert states(crawl) == {path: "live"} and jobs.running_check(project) == running
        assert shown(project)[path]["state"] == "live"


def test_a_check_by_hand_takes_all_watched_links_first(
    small_web: SmallWeb, project: Project, known: Known, cast: Cast
) -> None:
    known(*(f"/{number}" for number in range(6)))
    for number in (3, 4, 5):
        checks.watch(project, small_web.url(SOURCE, f"/{number}"), small_web.url(TARGET, "/about"))
    for user, watched in ((cast.owner, 3), (None, 2)):
        crawl = jobs.start(project=project, kind="check", user=user, max_pages=4)
        checks.prepare(crawl, lambda: None)
        paths = [item.source_url.rpartition("/")[2] for item in CheckItem.objects.filter(crawl=crawl)]
        assert len(paths) == 4 and sum(path in "345" for path in paths) == watched, paths
        runs.cancel(crawl.run)


def test_bytes_that_no_database_takes(small_web: SmallWeb, project: Project, known: Known) -> None:
    """NULs and lone surrogates in title, anchor, attributes and text."""
    url = small_web.url(TARGET, "/about")
    odd = "a\x00b&#0;c&#xD800;\ud83d"
    body = f"""<title>{odd}</title><meta name=generator content="{odd}"><p>{odd} <a href="{url}" title="{odd}">{odd}</a>
        {odd}<a href="/x{odd}">{odd}</a><a href="http://other.example/{odd}">{odd}</a>"""
    page = document(body.encode("utf-8", "surrogatepass"), "text/html; charset=utf-8")
    small_web.edit(SOURCE, "/a", page)
    known({"path": "/a", "anchor": ""})
    crawl, items = check(project)
    assert items["a"].state == "live" and items["a"].seen["link"]["snippet"]
    row = CrawlUrl.objects.get(crawl=crawl, url=small_web.url(SOURCE, "/a"))
    assert row.title.startswith("a") and "\x00" not in row.title
    assert len(observed(crawl)) == 1


def test_a_second_place_of_a_link_is_no_change(small_web: SmallWeb, project: Project, known: Known) -> None:
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
