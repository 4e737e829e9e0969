"""What old crawls found is deleted once later ones have replaced it, and nothing else."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from backlinks import index
from backlinks.crawl import jobs
from backlinks.crawl.models import Crawl
from backlinks.index import engine, forgotten
from backlinks.index.batches import publish
from seoapp.lib.listquery import ListQuery
from tests.backlinks.crawled import index_pages, make_crawl
from tests.conftest import Cast

from .observed import day, head, link, write

pytestmark = pytest.mark.usefixtures("link_index")
WS = 7
SITE = "site.example"
CUT = datetime(2026, 4, 1, tzinfo=UTC)  # day 90


def crawl(
    at: int, *pages: str, kind: str = "site", workspace: int = WS, inside: bool = True, **more: Any
) -> index.Batch:
    """A crawl that visited these pages on a day; the first one links to all others of its site."""
    batch = index.Batch(workspace, index.new_batch_id(), "crawl", kind)
    visits = {
        "target_domain": [page.partition("/")[0] for page in pages], "page_key": list(pages),
        "fetched_at": [day(at) + number for number in range(len(pages))], "row": list(range(len(pages))),
    }  # fmt: skip
    index.add(batch, "crawled_pages", visits | {name: [value] * len(pages) for name, value in more.items()}, block=0)
    if inside:
        to = [page for page in pages if page.startswith(f"{SITE}/")]
        links = {"target_domain": [SITE] * len(to), "target_key": to, "source_key": to[:1] * len(to)}
        index.add(batch, "internal_links", links, block=1)
    publish(batch)
    return batch


def forget(*batches: index.Batch, before: datetime = CUT) -> int:
    return index.forget_crawled(before, [(one.workspace, one.batch) for one in batches])


def visits_of(batch: index.Batch) -> set[str]:
    rows = engine.read("SELECT page_key FROM crawled_pages WHERE batch = {batch:UInt64}", {"batch": batch.batch})
    return {row["page_key"] for row in rows}


def links_of(batch: index.Batch) -> int:
    rows = engine.read("SELECT count() AS n FROM internal_links WHERE batch = {batch:UInt64}", {"batch": batch.batch})
    return rows[0]["n"]


def structure_of(batch: index.Batch) -> list[dict[str, Any]]:
    query = ListQuery.parse(index.CRAWL_REPORTS["structure"].fields, {}, sort="-inlinks")
    return index.crawl_rows(batch, "structure", query).rows


def pages(*names: str) -> tuple[str, ...]:
    return tuple(f"{SITE}/{name}" for name in names)


def test_of_each_page_the_newest_visit_stays() -> None:
    first, second, newest = crawl(1, *pages("a", "b", "c")), crawl(2, *pages("a", "b")), crawl(3, *pages("a"))
    assert forget(first, second, newest) == (2 + 1) + (3 + 2)
    assert [visits_of(one) for one in (first, second, newest)] == [{f"{SITE}/c"}, {f"{SITE}/b"}, {f"{SITE}/a"}]
    assert index.visited_pages(WS, SITE, pages("a", "b", "c", "d")) == set(pages("a", "b", "c"))
    assert forget(first, second, newest) == 0


def test_the_newest_crawl_of_a_site_stays_whole() -> None:
    old, newest = crawl(1, *pages("a", "b")), crawl(5, *pages("a", "b"), http_status=200)
    before = structure_of(newest)
    assert {row["page_key"]: row["inlinks"] for row in before} == {f"{SITE}/a": 0, f"{SITE}/b": 1}
    check = crawl(200, *pages("a", "b"), kind="check")
    few = crawl(210, *pages("b"), kind="list")
    assert forget(old, newest) == 2 + 2
    assert (visits_of(newest), links_of(newest)) == (set(pages("a", "b")), 2)
    assert (links_of(check), links_of(few)) == (2, 1), "not asked for"
    assert forget(check, few, before=datetime(2027, 1, 1, tzinfo=UTC)) == 2 + 1 + 1
    assert (links_of(newest), visits_of(check), visits_of(few)) == (2, {f"{SITE}/a"}, {f"{SITE}/b"})
    assert structure_of(newest) == before


def test_a_list_is_the_newest_crawl_of_a_site_that_was_never_crawled_itself() -> None:
    first, second = crawl(1, *pages("a", "b"), kind="list"), crawl(2, *pages("b"), kind="news")
    check = crawl(3, *pages("b"), kind="check")
    assert forget(first, second, check) == 2 + 1 + 1
    assert (links_of(first), links_of(second), links_of(check)) == (0, 1, 0)
    assert (visits_of(first), visits_of(second), visits_of(check)) == (
        {f"{SITE}/a"},
        {f"{SITE}/b"},
        {f"{SITE}/b"},
    )


def test_the_targets_that_another_site_s_crawl_asked_are_no_crawl_of_their_site() -> None:
    own = crawl(1, *pages("a", "b"))
    other = crawl(9, "other.example/", f"{SITE}/a", inside=False)
    assert forget(own, other) == 0
    assert (links_of(own), visits_of(own)) == (2, set(pages("a", "b")))


def test_only_what_was_asked_for_and_is_over() -> None:
    asked, other, going_on = crawl(1, *pages("a")), crawl(2, *pages("a")), crawl(89, *pages("a", "b"))
    crawl(95, *pages("a", "b"))
    assert forget(asked, going_on, before=CUT - timedelta(days=1)) == 1 + 1
    assert [len(visits_of(one)) for one in (asked, other, going_on)] == [0, 1, 2]
    assert forget(going_on) == 2 + 2


def test_a_batch_that_does_not_count_replaces_nothing() -> None:
    counted = crawl(1, *pages("a"))
    batch = index.Batch(WS, index.new_batch_id(), "crawl", "site")
    index.begin(batch)
    index.add(
        batch,
        "crawled_pages",
        {"target_domain": [SITE], "page_key": [f"{SITE}/a"], "fetched_at": [day(9)], "row": [0]},
        block=0,
    )
    index.add(
        batch, "internal_links", {"target_domain": [SITE], "target_key": [f"{SITE}/a"], "source_key": [""]}, block=1
    )
    assert forget(counted) == 0
    index.complete(batch)
    assert forget(counted) == 1 + 1


def test_another_workspace_and_another_site_replace_nothing() -> None:
    ours, theirs = crawl(1, *pages("a")), crawl(5, *pages("a"), workspace=WS + 1)
    assert forget(ours, theirs) == 0
    assert index.forget_crawled(CUT, [(WS + 1, ours.batch)]) == 0
    crawl(6, *pages("a"))
    assert index.forget_crawled(CUT, [(WS + 1, ours.batch)]) == 0
    assert (len(visits_of(ours)), len(visits_of(theirs))) == (1, 1)


def test_visits_of_pages_that_name_a_brand_stay() -> None:
    old = crawl(1, "press.example/a", "press.example/b", inside=False, http_status=200)
    named = {
        "target_domain": ["client.example"] * 2, "source_domain": ["", "press.example"], "row": [0, 0],
        "source_key": ["", "press.example/a"], "mentioned_at": [0, day(1)], "terms": [[], ["Client"]],
    }  # fmt: skip
    index.add(old, "mentions", named, block=2)
    crawl(2, "press.example/a", "press.example/b", inside=False, code="timeout")
    query = index.MentionQuery(WS, "client.example", ("Client",))
    assert index.count_mentions(query) == 1
    assert forget(old) == 1
    assert visits_of(old) == {"press.example/a"}
    assert index.count_mentions(query) == 1


def test_links_to_other_sites_and_checks_stay() -> None:
    old = crawl(1, *pages("a"))
    index.begin(old)
    write(old, [link(f"{SITE}/a", anchor="ours")], block=3)
    index.add(old, "checks", {"target_domain": ["client.example"], "link_id": [1], "checked_at": [day(1)]}, block=4)
    index.complete(old)
    crawl(2, *pages("a"))
    assert forget(old) == 2
    assert head(WS).links == 1
    assert engine.read("SELECT count() AS n FROM checks") == [{"n": 1}]


def test_many_batches_are_asked_some_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forgotten, "AT_ONCE", 2)
    found = [crawl(number, *pages("a", f"only-{number}")) for number in range(5)]
    assert forget(*found) == 4 + 4 * 2
    assert len(index.visited_pages(WS, SITE, pages("a", *(f"only-{number}" for number in range(5))))) == 6
    assert forget() == 0


def test_nothing_is_rewritten_for_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    old = crawl(1, *pages("a"))
    deleted: list[str] = []
    monkeypatch.setattr(engine, "delete", lambda table, *_, **__: deleted.append(table))
    assert forget(old) == 0 and deleted == []
    crawl(2, *pages("a"))
    assert forget(old) == 2 and deleted == ["internal_links", "crawled_pages"]


def test_in_a_cluster_the_local_tables_are_asked_to_delete(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    settings.LINK_INDEX_CLUSTER = "agency"
    written: list[tuple[str, dict[str, Any]]] = []
    monkeypatch.setattr(engine, "read", lambda sql, _: [{"n": 1}] if "count()" in sql else [])
    monkeypatch.setattr(engine, "write", lambda sql, _, **options: written.append((sql, options)))
    assert index.forget_crawled(CUT, [(WS, 1)]) == 3
    assert [sql.partition(" WHERE ")[0] for sql, _ in written] == [
        "DELETE FROM internal_links_local ON CLUSTER agency",
        "DELETE FROM crawled_pages_local ON CLUSTER agency",
        "DELETE FROM page_facts_local ON CLUSTER agency",
    ]
    assert all(options == engine.SYNCHRONOUS | {"allow_nondeterministic_mutations": 1} for _, options in written)


@pytest.mark.django_db
def test_the_sweep_of_old_crawls_reaches_the_index(cast: Cast) -> None:
    root, about = "https://site.example/", "https://site.example/about"
    old, later = make_crawl(project=cast.project), make_crawl(project=cast.project)
    fetched = {"fetched_at": int((timezone.now() - timedelta(days=100)).timestamp())}
    index_pages(old, {root: fetched, about: fetched}, inside=((root, about),))
    index_pages(later, {root: {"fetched_at": int(timezone.now().timestamp())}}, inside=((root, about),))
    Crawl.objects.filter(pk=later.pk).update(finished_at=timezone.now())
    jobs.forget_old()
    stored = "SELECT batch, count() AS n FROM {} GROUP BY batch ORDER BY n DESC"
    assert {row["batch"]: row["n"] for row in engine.read(stored.format("crawled_pages"))} == {
        old.batch: 2,
        later.batch: 1,
    }
    Crawl.objects.filter(pk=old.pk).update(finished_at=timezone.now() - timedelta(days=91))
    jobs.forget_old()
    assert {row["batch"]: row["n"] for row in engine.read(stored.format("crawled_pages"))} == {
        old.batch: 1,
        later.batch: 1,
    }
    assert {row["batch"]: row["n"] for row in engine.read(stored.format("internal_links"))} == {later.batch: 1}
    assert index.visited_pages(cast.workspace.pk, SITE, ["site.example/", "site.example/about"]) == {
        "site.example/", "site.example/about",
    }  # fmt: skip
