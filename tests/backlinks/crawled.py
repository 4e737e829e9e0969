"""Rows of crawls for the tests of pages: a crawl, its addresses, checked links, and what the index holds of them."""

from typing import Any

from django.utils import timezone

from backlinks import index
from backlinks.crawl.frontier import key_hash
from backlinks.crawl.jobs import KIND
from backlinks.crawl.record import joined, visit
from backlinks.crawl.storing import batch_of
from backlinks.models import CheckItem, Crawl, CrawlUrl
from projects import runs
from projects.models import Project, Run
from seoapp.lib.weburl import parse


def make_crawl(*, project: Project, kind: str = "site", state: str = "done", run: str = "done", **more: Any) -> Crawl:
    """A crawl with its run, both in these states."""
    starts = [] if kind == "check" else ["https://client.example/"]
    values = {"starts": starts, "started_at": timezone.now(), "pages": 1} | more
    made = Crawl.objects.create(
        workspace=project.workspace, project=project, kind=kind, state=state, batch=index.new_batch_id(), **values
    )
    made.run = runs.start(
        kind=KIND, workspace=project.workspace, project=project, arguments={"crawl": made.pk}, user=None
    )
    made.save(update_fields=["run"])
    Run.objects.filter(pk=made.run_id).update(state=run)
    made.run.refresh_from_db()
    return made


def add_address(crawl: Crawl, url: str, **more: Any) -> CrawlUrl:
    parsed = parse(url)
    values = {"state": "done", "status": 200, "fetched_at": timezone.now()} | more
    return CrawlUrl.objects.create(
        crawl=crawl, url=parsed.url, key=key_hash(parsed.key), domain=parsed.domain, **values
    )


def add_item(check: Crawl, source: str, target: str = "https://client.example/", **more: Any) -> CheckItem:
    """A checked link with its page."""
    values = {"state": "live", "checked_at": timezone.now(), "link_id": str(2**63 + key_hash(source))} | more
    return CheckItem.objects.create(
        crawl=check, page=add_address(check, source), source_url=source, target_url=target,
        target_key=parse(target).key, **values,
    )  # fmt: skip


def index_pages(crawl: Crawl, pages: dict[str, dict[str, Any]], inside: tuple[tuple[str, str], ...] = ()) -> None:
    """Visited pages and links between them (from, to), in the index."""
    batch = batch_of(crawl)
    index.begin(batch)
    defaults = {"http_status": 200, "fetched_at": 1_772_323_200}
    index.add(batch, "crawled_pages", joined(visit(parse(url), defaults | one) for url, one in pages.items()), block=0)
    pairs = [(parse(source), parse(target)) for source, target in inside]
    links = {
        "target_domain": [target.domain for _, target in pairs],
        "target_key": [target.key for _, target in pairs],
        "source_key": [source.key for source, _ in pairs],
        "anchor": ["words"] * len(pairs),
    }
    index.add(batch, "internal_links", links, block=1)
    index.complete(batch)


def work() -> None:
    """Carry out every waiting run, as the workers would."""
    for run in Run.objects.filter(state=Run.State.QUEUED):
        runs.execute(run.pk)
