"""How often markers were right, and what that proposes."""

from dataclasses import replace
from math import sqrt

import pytest
from django.test import Client
from django.utils import timezone

from audit.models import Audit, Decision
from audit.precision import Precision, learnt, proposals, wilson
from audit.weights import Weights
from projects.models import Project
from tests.audit.audited import audited
from tests.backlinks.pages import soup_of, url_of
from tests.conftest import Cast, Hold


def decide(project: Project, verdict: str, count: int, *markers: str, url: str = "") -> None:
    taken = Decision.objects.count()
    Decision.objects.bulk_create(
        Decision(
            project=project, domain=f"d{taken + at}.example", url=url, verdict=verdict, evidence=list(markers),
            made_at=timezone.now(),
        )
        for at in range(count)
    )  # fmt: skip


@pytest.mark.parametrize(
    ("right", "count", "low", "high"),
    [(3, 40, 0.0258, 0.1986), (0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0), (1, 2, 0.0945, 0.9055)],
)
def test_the_interval_is_that_of_wilson(right: int, count: int, low: float, high: float) -> None:
    assert wilson(right, count) == pytest.approx((low, high), abs=1e-4)
    for bound in wilson(right, count):  # each bound p solves |share - p| = z sqrt(p (1 - p) / n)
        assert abs(right / count - bound) == pytest.approx(1.96 * sqrt(bound * (1 - bound) / count), abs=1e-9)


def test_nothing_is_known_of_nothing() -> None:
    assert wilson(0, 0) == (0.0, 1.0)


def test_kept_domains_were_false_alarms_and_what_was_removed_or_disavowed_was_none(cast: Cast) -> None:
    decide(cast.project, "keep", 3, "PAG13", "TRU01", "NOSUCH")
    decide(cast.project, "remove", 1, "PAG13", "NET02")
    decide(cast.second_project, "disavow", 2, "PAG13", "PAG13", "TRU01", "PAG06")
    decide(cast.project, "disavow", 5, "PAG13", url="https://a.example/1")
    decide(cast.other_project, "disavow", 7, "PAG13")
    decide(cast.project, "disavow", 1)
    assert learnt([cast.project, cast.second_project]) == {
        "PAG13": Precision(3, 6),
        "TRU01": Precision(3, 5),
        "NET02": Precision(1, 1),
        "PAG06": Precision(0, 2),
    }
    assert learnt([cast.second_project])["PAG13"] == Precision(2, 2)
    assert learnt([]) == {}


def test_a_marker_that_is_mostly_wrong_is_proposed_at_half_and_later_in_full_again() -> None:
    known = {
        "PAG13": Precision(3, 40),  # wrong
        "NET02": Precision(19, 40),  # who knows
        "DOM09": Precision(0, 9),  # too few
        "PLC13": Precision(0, 40),  # a knock-out
        "NET03": Precision(39, 40),  # right
        "TRU01": Precision(5, 60),  # trust that is kept seldom
    }
    found = proposals(known, Weights())
    assert [(one.marker, one.now, one.points) for one in found] == [("TRU01", -10, -5), ("PAG13", 4, 2)]
    halved = Weights(points={"PAG13": 2, "TRU01": -2, "NET03": 12.5})
    assert [(one.marker, one.points) for one in proposals(known, halved)] == [("NET03", 25)]
    off = replace(halved, points={"PAG13": 0, "TRU01": 0, "NET03": 0})
    assert [one.marker for one in proposals(known, off)] == ["NET03"]


def test_the_catalogue_shows_how_often_each_was_right(cast: Cast, held_index: Hold, browse: type[Client]) -> None:
    assert isinstance(audited(cast, held_index), Audit)
    decide(cast.project, "keep", 3, "PAG13")
    decide(cast.second_project, "remove", 1, "PAG13")

    def told(user: object) -> str:
        page = soup_of(browse(user).get(url_of(cast.project, "audit/markers/")))
        line = next(row for row in page.select("tr") if "PAG13" in row.get_text())
        return line.select("td.num")[-1].get_text(" ", strip=True)

    assert told(cast.viewer).startswith("25.0 % 1 of 4 ·")
    assert told(cast.client).startswith("0 % 0 of 3 ·")  # sees this project alone
