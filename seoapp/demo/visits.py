"""What the crawler has seen in the demo: three checks of the links and a crawl of the client's own site.

Decided: the pages are invented, all else is real: they are read, judged, and kept by the same functions as fetched
ones. It is a run, because it can only begin once the demo's files have been read. Refused: rows of made-up verdicts,
which would show what the product cannot do.
"""

import hashlib
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import escape

from django.utils import timezone

from backlinks import index
from backlinks.crawl import checks, child, frontier, jobs, record
from backlinks.crawl.messages import Job, Reading
from backlinks.crawl.models import CheckItem, CheckPlan, Crawl, CrawlUrl
from backlinks.crawl.plans import seen_by
from backlinks.crawl.storing import batch_of
from backlinks.crawl.visits import evidence_of, exchange_of, visited
from backlinks.models import Import
from projects import runs
from projects.models import Project, Run, User
from seoapp.lib.http import Response
from seoapp.lib.weburl import parse

from . import pages, story, web

KIND = "demo_visits"
CHECKS = ((15, 250), (8, 420), (0, 600))  # days ago, links looked at
SOON = timedelta(seconds=5)
AT_ONCE = 200
LOST_LATELY, CHANGED_LATELY, BLOCKED = 0.035, 0.05, 0.02
DEAD_PAGE = "/bikes/cargo-bikes"  # of the client, answers 404 by now; its successor is /bikes/cargo/


@dataclass(frozen=True, slots=True)
class Answer:
    """What a page of the demo's web answers on a day."""

    status: int
    body: bytes = b""


def queue(project: Project, user: User | None) -> Run | None:
    """The run that lets the crawler have visited this project's links; None where it has."""
    # The demo's web is invented: nothing of it can be fetched, so nothing is checked by itself.
    CheckPlan.objects.get_or_create(project=project, defaults={"every_days": 0})
    if Crawl.objects.filter(project=project).exists() or Run.objects.filter(project=project, kind=KIND).exists():
        return None
    return runs.start(kind=KIND, workspace=project.workspace, project=project, arguments={}, user=user)


def carry_out(claimed: runs.Claimed) -> None:
    project, user = claimed.run.project, claimed.run.started_by
    waiting = Import.objects.filter(project=project, state__in=(Import.State.WAITING, Import.State.RUNNING))
    if waiting.exists():
        raise runs.Later(timezone.now() + SOON)
    client = next(one for one in story.CLIENTS if one.domain == project.domain)
    for crawl in Crawl.objects.filter(project=project, run=None):
        jobs.remove(crawl)  # of an attempt that was cut off
    now = timezone.now()
    for days, links in CHECKS:
        claimed.step(line=f"Looking at links as {days} days ago")
        _check(project, user, client, now - timedelta(days=days, minutes=40), links, claimed)
    _site(project, user, client, now - timedelta(days=1, minutes=90))
    Crawl.objects.filter(project=project, run=None).update(run=claimed.run)


def _crawl(project: Project, user: User | None, kind: str, moment: datetime, **values: object) -> Crawl:
    crawl = Crawl.objects.create(
        workspace=project.workspace, project=project, started_by=user, kind=kind, batch=index.new_batch_id(),
        state=Crawl.State.RUNNING, started_at=moment, **values,
    )  # fmt: skip
    Crawl.objects.filter(pk=crawl.pk).update(created_at=moment)
    index.begin(batch_of(crawl))
    return crawl


def _end(crawl: Crawl, took: timedelta, **values: object) -> None:
    index.complete(batch_of(crawl))
    values |= {"state": Crawl.State.DONE, "finished_at": crawl.started_at + took}
    Crawl.objects.filter(pk=crawl.pk).update(**values)


# --- Checks of links --------------------------------------------------------------------------------------------------
def _check(
    project: Project, user: User | None, client: story.DemoClient, moment: datetime, links: int, claimed: runs.Claimed
) -> None:
    crawl = _crawl(project, user, "check", moment, max_pages=links)
    checks.prepare(crawl, claimed.step)
    known = {(parse(link.page).key, parse(link.target).key): link for link in web.links_to(client, moment.date())}
    items = list(CheckItem.objects.filter(crawl=crawl).select_related("page"))
    _targets(crawl, items, client)
    tables: dict[str, list[record.Columns]] = {"observations": [], "page_facts": []}
    for number, item in enumerate(items):
        at = moment + timedelta(seconds=2 * number)
        link = known.get((parse(item.source_url).key, item.target_key))
        reading = _visit(item, _answer(item, link, moment), at)
        if reading is not None:
            tables["observations"].append(reading.observations)
            tables["page_facts"].append(reading.remembered)
    CheckItem.objects.bulk_update(items, ["seen"], batch_size=AT_ONCE)
    looked = [item.page for item in items]
    CrawlUrl.objects.bulk_update(looked, ["state", "status", "code", "fetched_at"], batch_size=AT_ONCE)
    links_seen = _add(crawl, tables)
    read = len(tables["page_facts"])
    checks.conclude(crawl, claimed.step)
    _end(
        crawl, timedelta(seconds=2 * len(items)), pages=read, links=links_seen, errors=len(items) - read,
        results={"prepared": len(items), "states": checks.counts_of(crawl)},
    )  # fmt: skip


def _add(crawl: Crawl, tables: dict[str, list[record.Columns]]) -> int:
    """Write what was read; how many links."""
    for name, pieces in tables.items():
        columns = record.joined(pieces)
        if columns:
            index.add(batch_of(crawl), name, columns, block=1)
    return sum(len(piece.get("row", ())) for piece in tables["observations"])


def _targets(crawl: Crawl, items: list[CheckItem], client: story.DemoClient) -> None:
    """The client's pages, as they answer."""
    urls = {item.target_key: parse(item.target_url) for item in items}
    rows = [
        CrawlUrl(
            crawl=crawl, url=url.url, key=frontier.key_hash(key), domain=url.domain, purpose="target", state="done",
            status=404 if url.key.endswith(DEAD_PAGE) and DEAD_PAGE in client.pages else 200,
        )
        for key, url in urls.items()
    ]  # fmt: skip
    CrawlUrl.objects.bulk_create(rows, ignore_conflicts=True)


def _answer(item: CheckItem, link: web.DemoLink | None, moment: datetime) -> Answer:
    """What the page of a link answers: the link as its site has it, or what has become of it since."""
    chance = random.Random(item.source_url)  # noqa: S311 - invented data, not secrets
    fate, day = chance.random(), moment.date()
    age = chance.randrange(2, 13)
    lately = moment > timezone.now() - timedelta(days=age)
    if fate < BLOCKED:
        return Answer(chance.choice((403, 503)))
    gone = link.reason if link is not None and link.gone is not None and link.gone <= day else ""
    if not gone and lately and fate < BLOCKED + LOST_LATELY:
        gone = chance.choice(("removedfromhtml", "removedfromhtml", "notfound", "noindex"))
    if gone in ("notfound", "pageredirected"):
        return Answer(404)
    if gone == "pageerror":
        return Answer(410)
    changed = lately and fate > 1 - CHANGED_LATELY
    return Answer(200, _page(item, link, gone, changed=changed))


def _page(item: CheckItem, link: web.DemoLink | None, gone: str, *, changed: bool) -> bytes:
    anchor = item.known["anchor"] or (link.anchor if link else "")
    rel = " ".join(name for name in ("nofollow", "ugc", "sponsored") if item.known[name] == 1)
    if changed:
        rel = "" if "nofollow" in rel else f"{rel} nofollow".strip()
    before, after = (link.before, link.after) if link else ("More at", ".")
    inner = f'<img src="/logo.png" alt="{escape(anchor)}">' if item.known["kind"] == "image" else escape(anchor)
    attribute = f' rel="{rel}"' if rel else ""
    tag = f'<a href="{escape(item.target_url)}"{attribute}>{inner}</a>'
    if item.known["kind"] == "frame":
        tag = f'<iframe src="{escape(item.target_url)}" title="{escape(anchor)}"></iframe>'
    title = escape(link.title if link else "Notes")
    head = '<meta name="robots" content="noindex">' if gone == "noindex" else ""
    said = "" if gone == "removedfromhtml" else f"<p>{escape(before)} {tag} {escape(after)}</p>"
    born = link.born if link else None
    return pages.of_site(link.site if link else None, item.source_url, title, said, head, born)


def _visit(item: CheckItem, answer: Answer, at: datetime) -> Reading | None:
    """Let the crawler have fetched a page: its row, its reading, and what the check keeps of it."""
    row, url = item.page, parse(item.source_url)
    row.status, row.fetched_at = answer.status, at
    row.state, row.code = ("done", "") if answer.status == 200 else ("failed", f"http_{answer.status}")
    reading = None
    if answer.status == 200:
        reading = _read(url.url, answer.body, at, wanted=(item.target_key,), targets=(parse(item.target_url).domain,))
    item.seen = evidence_of(row, _response(url.url, answer)) | seen_by(item, reading)
    return reading


def _read(url: str, body: bytes, at: datetime, **options: object) -> Reading:
    return child.read(
        Job(url=url, body=body, at=int(at.timestamp()), content_type="text/html; charset=utf-8", **options)  # type: ignore[arg-type]
    )


def _response(url: str, answer: Answer) -> Response:
    headers = (("content-type", "text/html; charset=utf-8"), ("server", "nginx"))
    size = len(answer.body)
    return Response(url, answer.status, headers, answer.body, False, "", (), 0.4, "2", size)  # noqa: FBT003


# --- The client's own site --------------------------------------------------------------------------------------------
def _site(project: Project, user: User | None, client: story.DemoClient, moment: datetime) -> None:
    crawl = _crawl(project, user, "site", moment, starts=[f"https://www.{client.domain}/"], max_pages=200)
    rows: list[CrawlUrl] = []
    tables: dict[str, list[record.Columns]] = {
        "observations": [], "internal_links": [], "crawled_pages": [], "page_facts": [],
    }  # fmt: skip
    for number, (path, depth, answer) in enumerate(_pages(client)):
        at = moment + timedelta(seconds=2 * number)
        row = _row(crawl, client, path, depth, answer, at)
        row.save()
        if answer.status == 200:
            reading = _read(row.url, answer.body, at, visit=exchange_of(row))
            row.title, row.links = reading.facts["title"], reading.links
            row.save()
            tables["observations"].append(reading.observations)
            tables["internal_links"].append(reading.inside)
            tables["page_facts"].append(reading.remembered)
        tables["crawled_pages"].append(reading.visited if answer.status == 200 else visited(row))
        rows.append(row)
    links = _add(crawl, tables)
    read = [row for row in rows if row.state == "done"]
    took = timedelta(seconds=2 * len(rows))
    _end(crawl, took, pages=len(read), links=links, errors=len(rows) - len(read), bytes=sum(row.bytes for row in rows))


def _pages(client: story.DemoClient) -> Iterator[tuple[str, int, Answer]]:
    """(path, depth, answer) of every page of the client's site: its pages, and a journal of older posts."""
    posts = [f"/journal/{title.lower().translate(web.SLUG)}" for title in client.topic.titles]
    partners = [f"https://{site}.example/" for site in ("northern-press", "makers-guild", client.topic.firsts[0])]
    every = list(dict.fromkeys((*client.pages, *posts)))
    for number, path in enumerate(every):
        chance = random.Random(f"{client.domain}{path}")  # noqa: S311 - invented data, not secrets
        if path == DEAD_PAGE:
            yield path, 1, Answer(404)
            continue
        inside = every if path == "/" else chance.sample(every, min(5, len(every)))
        outside = chance.sample(partners, chance.randrange(3))
        links = "".join(f'<p><a href="{escape(url)}">{escape(url.strip("/") or "Home")}</a></p>' for url in inside)
        links += "".join(f'<p>With thanks to <a href="{url}">our friends</a>.</p>' for url in outside)
        title = client.topic.titles[number % len(client.topic.titles)] if path in posts else client.name
        yield path, 0 if path == "/" else 1, Answer(200, pages.document(escape(title), links))


def _row(crawl: Crawl, client: story.DemoClient, path: str, depth: int, answer: Answer, at: datetime) -> CrawlUrl:
    url = parse(f"https://www.{client.domain}{path}")
    done = answer.status == 200
    return CrawlUrl(
        crawl=crawl, url=url.url, key=frontier.key_hash(url.key), domain=url.domain, depth=depth, fetched_at=at,
        state="done" if done else "failed", status=answer.status, bytes=len(answer.body), seconds=0.3, attempts=1,
        code="" if done else f"http_{answer.status}", reason="" if done else f"The server answered {answer.status}.",
        fingerprint=int.from_bytes(hashlib.blake2b(answer.body, digest_size=7).digest(), "big"),
        found_on="" if path == "/" else f"https://www.{client.domain}/",
    )  # fmt: skip


RUN_KIND = runs.RunKind(
    name=KIND, label="Demo: the crawler's visits", run=carry_out, transient=(index.IndexUnavailable,)
)
