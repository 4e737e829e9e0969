"""What the tests of report pages share: pages parsed as a browser would, and a profile with a bit of everything."""

import csv
import io
from typing import Any

import pytest
from bs4 import BeautifulSoup, Tag
from django.http import HttpResponse
from django.test import Client

from projects.models import Project
from seoapp.lib import export_answer
from tests.conftest import Cast, Hold
from tests.factories import DAY, MARCH, add_links

HOME, SHOP = "https://client.example/", "https://client.example/shop/"
GERMAN = {"ip": "192.0.2.1", "country": "DE"}
MIXED: list[dict[str, Any]] = [
    {"source": "https://news.example/a", "target": HOME, "anchor": "Client"} | GERMAN,
    {"source": "https://news.example/b", "target": HOME, "anchor": "Client"} | GERMAN,
    {"source": "https://www.news.example/c", "target": SHOP, "anchor": "shop", "nofollow": 1, "ugc": 1},
    {"source": "https://blog.example/post", "target": SHOP, "anchor": "", "kind": "image", "alt": "logo"},
    {"source": "https://old.example/gone", "target": f"{HOME}old", "anchor": "old"}
    | {"lost_reason": "notfound", "lost_at": MARCH},
    {"source": "https://silent.example/", "target": HOME, "anchor": None, "nofollow": -1}
    | {"first_seen": MARCH - 90 * DAY},
    {"source": "https://sub.shop.example/x", "target": "http://docs.client.example/guide/", "anchor": "guide"}
    | {"sponsored": 1, "nofollow": 1},
]
DEFAULTS = {"lost_reason": "", "lost_at": 0, "ip": "", "country": "", "alt": None, "ugc": 0, "sponsored": 0}


def fill(cast: Cast, links: list[dict[str, Any]] | None = None, **options: Any) -> None:
    add_links(workspace=cast.workspace.pk, links=[DEFAULTS | one for one in links or MIXED], **options)


def url_of(project: Project, page: str = "") -> str:
    return f"/w/{project.workspace.slug}/p/{project.pk}/{page}"


def soup_of(response: HttpResponse) -> BeautifulSoup:
    return BeautifulSoup(response.content, "html.parser")


def rows_of(page: BeautifulSoup) -> list[Tag]:
    return page.select(".list-table tbody > tr")


def all_rows(client: Client, url: str) -> int:
    """How many rows a list has, by its export; whether that is a long one is not asked (test_export_runs.py does)."""
    joined = f"{url}{'&' if '?' in url else '?'}export=csv"
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(export_answer, "is_long", lambda _state: False)
        return len(csv_of(client.get(joined))) - 1


def csv_of(response: HttpResponse) -> list[list[str]]:
    assert response.status_code == 200
    text = b"".join(response.streaming_content).decode("utf-8")  # type: ignore[attr-defined]
    assert text.startswith("\ufeff")
    return list(csv.reader(io.StringIO(text[1:])))


def number_in(tag: Tag) -> int:
    return int(tag.get_text(strip=True).replace(",", ""))


@pytest.fixture
def profile(cast: Cast, held_index: Hold) -> Cast:
    """The cast, with the mixed profile in its workspace and nothing else in the index."""
    held_index(("mixed", cast.workspace.pk), lambda: fill(cast))
    return cast
