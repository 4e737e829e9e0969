"""Checks in tests: known links of the blog to the shop, a check from start to end, and what the index shows then."""

from collections.abc import Callable

import pytest

from backlinks import index
from backlinks.crawl.models import CheckItem, Crawl
from projects.models import Project
from seoapp.lib.weburl import Target, parse
from tests.backlinks.crawl.crawling import crawled
from tests.backlinks.unsettled import settle_even_so
from tests.conftest import Cast
from tests.factories import add_links, make_project
from tests.web.pages import Link, Page, article
from tests.web.server import SmallWeb

SOURCE, TARGET = "blog0.localhost", "shop1.localhost"
Known = Callable[..., None]


@pytest.fixture
def project(cast: Cast) -> Project:
    return make_project(workspace=cast.workspace, domain=TARGET)


@pytest.fixture
def known(small_web: SmallWeb, project: Project) -> Known:
    """`known("/a", "/b", target="/about")`: a vendor's file says that these pages of the blog link to /about of the
    shop; a page may come with fields of its own. Their profile is settled, whatever else is."""

    def know(*pages: str | dict[str, object], target: str = "/about") -> None:
        links = []
        for page in pages:
            own = {"path": page} if isinstance(page, str) else dict(page)
            ends = {
                "source": small_web.url(str(own.pop("host", SOURCE)), str(own.pop("path"))),
                "target": small_web.url(TARGET, str(own.pop("target", target))),
            }
            links.append({**ends, "anchor": "our shop", "lost_reason": "", **own})
        add_links(workspace=project.workspace_id, links=links)
        settle_even_so(project.workspace_id, TARGET)

    return know


def page_with(web: SmallWeb, *targets: str, anchor: str = "our shop", rel: tuple[str, ...] = (), **more: str) -> Page:
    links = [Link(web.url(TARGET, target), anchor, "text", rel) for target in targets]
    return article("A page", links, text=["Some words about the garden."], **more)


def check(project: Project) -> tuple[Crawl, dict[str, CheckItem]]:
    crawl = crawled(project, kind="check", max_pages=1000)
    return crawl, {parse(item.source_url).url.partition(SOURCE)[2].partition("/")[2]: item for item in
                   CheckItem.objects.filter(crawl=crawl)}  # fmt: skip


def links_of(project: Project) -> index.LinkQuery:
    return index.LinkQuery.parse(workspace=project.workspace_id, target=Target.parse(TARGET), report="links", params={})


def shown(project: Project) -> dict[str, dict[str, object]]:
    """What the index shows of the project's links, by path of the page."""
    return {str(row["source_url"]).rpartition("/")[2]: row for row in index.stream(links_of(project))}


def states(crawl: Crawl) -> dict[str, str]:
    items = CheckItem.objects.filter(crawl=crawl)
    return {item.source_url.rpartition("/")[2]: item.state for item in items}
