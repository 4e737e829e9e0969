"""Lists out of the index that are no report of links: what is unknown is in no range and last in any order."""

import pytest

from backlinks.index import Listed
from backlinks.index.broken import REDIRECTS
from seoapp.lib.listquery import Field, ListQuery

STATUS = Field("status", "Status", "int", "number", known="status > 0")
SCORE = Field("score", "Score", "score", "number")
ROWS = "SELECT arrayJoin([(0, 5.0), (200, -1.0), (301, 7.5), (404, 0.0)]) AS row, row.1 AS status, row.2 AS score"


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"status_max": "399"}, [200, 301]),  # and not what nobody looked at
        ({"status_min": "0"}, [200, 301, 404]),
        ({"status_min": "300", "status_max": "400"}, [301]),
        ({"sort": "status"}, [200, 301, 404, 0]),
        ({"sort": "-status"}, [404, 301, 200, 0]),
        ({"score_max": "7", "sort": "score"}, [404, 0]),
        ({"sort": "-score"}, [301, 0, 404, 200]),
    ],
)
def test_unknown_is_in_no_range_and_last(index_process: None, asked: dict[str, str], expected: list[int]) -> None:
    fields = (STATUS, SCORE)
    query = ListQuery.parse(fields, asked, sort="status")
    found = Listed((ROWS, {}), fields, "status")
    assert [row["status"] for row in found.page(query).rows] == expected
    assert [row["status"] for row in found.stream(query)] == expected
    assert found.count(query) == len(expected)


def test_lists_that_show_an_answer_know_what_no_answer_is() -> None:
    assert [one.known for one in REDIRECTS if one.name == "status"] == ["status > 0"]
