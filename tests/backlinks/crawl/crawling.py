"""A crawl of the small web in a test: settings, start to end, and what it left in rows and in the index."""

import time
from collections.abc import Iterator

import pytest

from backlinks.crawl import jobs
from backlinks.crawl.models import Crawl
from backlinks.index import engine
from projects import runs
from projects.models import Project


@pytest.fixture
def free_web(settings: object) -> Iterator[None]:
    """Loopback may be asked, without a pause."""
    settings.SEOAPP_ALLOWED_PRIVATE_HOSTS = ["127.0.0.1"]  # type: ignore[attr-defined]
    settings.CRAWL_DELAY_SECONDS = 0.0  # type: ignore[attr-defined]
    settings.CRAWL_RETRY_SECONDS = 0.0  # type: ignore[attr-defined]
    yield


def crawled(project: Project, *starts: str, kind: str = "site", **limits: int) -> Crawl:
    """A crawl from its start to its end."""
    crawl = jobs.start(project=project, kind=kind, user=None, starts=starts, **limits)
    runs.see_through(crawl.run)
    crawl.refresh_from_db()
    crawl.run.refresh_from_db()
    assert crawl.state == Crawl.State.DONE, (crawl.run.state, crawl.run.error, crawl.run.log)
    return crawl


def observed(crawl: Crawl, table: str = "observations") -> list[dict[str, object]]:
    """The rows of a crawl in the log."""
    return engine.read(f"SELECT * FROM {table} WHERE batch = {{batch:UInt64}}", {"batch": crawl.batch})


def let_time_pass() -> None:
    """The index counts in seconds: what is checked after this was checked later."""
    until = int(time.time()) + 2
    while time.time() < until:
        time.sleep(0.05)
