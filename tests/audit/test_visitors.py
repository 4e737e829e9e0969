"""Visits out of own analytics: how files are read, and the page that takes them."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from audit import visitors
from audit.models import OwnVisits, ReviewSettings
from projects.models import AuditEntry
from tests.backlinks.pages import soup_of, url_of
from tests.conftest import Cast

ANALYTICS = """# ----------------------------------------
# Traffic acquisition
# ----------------------------------------

Session source,Sessions,Engaged sessions
www.news.example,"1,240",900
news.example,10,2
(direct),4000,10
google,900,3
blog.site.co.uk,7,1
odd.example,many,1
short.example
"""


def test_sources_fold_to_domains_and_the_rest_is_told() -> None:
    found = visitors.read(ANALYTICS.encode())
    assert found.sessions == {"news.example": 1250, "site.co.uk": 7}
    assert (found.rows, found.rejected) == (7, 4)
    assert [(one["row"], one["value"]) for one in found.problems] == [
        (8, "(direct)"), (9, "google"), (11, "many"), (12, "short.example"),
    ]  # fmt: skip


@pytest.mark.parametrize("text", ["Referrer;Visits\nhttps://a.example/x;3\n", "url\tvisitors\na.example\t3\n"])
def test_other_ways_of_writing(text: str) -> None:
    for data in (text.encode(), text.encode("utf-16"), b"\xef\xbb\xbf" + text.encode()):
        assert visitors.read(data).sessions == {"a.example": 3}


@pytest.mark.parametrize(
    "data", [b"", b"# nothing\n", b"day,visits\n2026-01-01,3\n", b"source,sessions\ngoogle,3\n", b"\xff\xfa"]
)
def test_what_is_no_table_of_visits_is_refused(data: bytes) -> None:
    with pytest.raises(visitors.Unreadable):
        visitors.read(data)


def test_an_endless_line_is_cut() -> None:
    assert visitors.read(b"source,sessions\na.example,1\n" + b"x" * 900_000).rejected == 1


def test_zero_bytes_are_not_told_again() -> None:
    (told,) = visitors.read(b'source,sessions\na.example,1\n"x\0y",1\n').problems
    assert told["value"] == "xy", "PostgreSQL keeps no zero bytes"


@pytest.mark.django_db
def test_an_admin_brings_and_takes_out_visits(cast: Cast, browse: type[Client]) -> None:
    admin, page = browse(cast.admin), url_of(cast.project, "audit/settings/")
    sent = {"file": SimpleUploadedFile("visits.csv", ANALYTICS.encode())}
    assert admin.post(url_of(cast.project, "audit/settings/visits/"), sent, follow=True).status_code == 200
    assert OwnVisits.objects.get(project=cast.project).sessions["news.example"] == 1250
    assert "2 domains out of visits.csv" in " ".join(soup_of(admin.get(page)).get_text().split())
    refused = admin.post(
        url_of(cast.project, "audit/settings/visits/"), {"file": SimpleUploadedFile("x", b"no")}, follow=True
    )
    assert "no table of visits" in refused.content.decode()
    assert OwnVisits.objects.get(project=cast.project).name == "visits.csv"
    assert admin.post(url_of(cast.project, "audit/settings/visits/"), {"remove": "1"}).status_code == 302
    assert not OwnVisits.objects.exists()
    assert AuditEntry.objects.filter(action="audit.own_visits").count() == 2
    assert browse(cast.editor).post(url_of(cast.project, "audit/settings/visits/"), {"remove": "1"}).status_code == 403


@pytest.mark.django_db
def test_sharing_is_off_until_somebody_switches_it_on(cast: Cast, browse: type[Client]) -> None:
    admin, page = browse(cast.admin), url_of(cast.project, "audit/settings/")
    assert soup_of(admin.get(page)).select_one("#id_shares_decisions").get("checked") is None
    assert admin.post(page, {"every_days": "7", "shares_decisions": "on"}).status_code == 302
    assert ReviewSettings.objects.get(project=cast.project).shares_decisions
