"""What an answer means: read, retry, give up, and for how long the host rests."""

from datetime import UTC, datetime, timedelta

import pytest

from backlinks.crawl.outcomes import ATTEMPTS, WAIT_HERE, judge, retry_after
from seoapp.lib.http import FetchError, Response

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def answer(status: int, **headers: str) -> Response:
    sent = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return Response("http://a.example/", status, sent, b"", False, "192.0.2.1", (), 0.1, "1.1", 10)


@pytest.mark.parametrize(
    ("status", "following"),
    [(200, "read"), (204, "read"), (304, "unchanged"), (404, "fail"), (403, "fail"), (500, "retry"), (429, "retry")],
)
def test_statuses(status: int, following: str) -> None:
    outcome = judge(answer(status), 1, 10.0)
    assert outcome.next == following
    assert outcome.code == ("" if status < 400 else f"http_{status}")


def test_redirects_lead_to_an_address_or_fail() -> None:
    assert judge(answer(301, location="/b"), 1, 10.0).next == "redirect"
    assert judge(answer(302, location="javascript:alert(1)"), 1, 10.0).code == "bad_redirect"
    assert judge(answer(302), 1, 10.0).next == "fail"


def test_pauses_grow_and_attempts_end() -> None:
    assert [judge(answer(503), attempt, 10.0).retry_in for attempt in (1, 2)] == [10.0, 30.0]
    last = judge(answer(503), ATTEMPTS, 10.0)
    assert (last.next, last.code, last.strained) == ("fail", "http_503", True)


def test_a_server_that_names_a_moment_is_obeyed() -> None:
    soon = judge(answer(429, retry_after="60"), 1, 10.0)
    assert (soon.next, soon.retry_in, soon.rest) == ("retry", 60.0, 60.0)
    far = judge(answer(503, retry_after=str(int(WAIT_HERE) + 3600)), 1, 10.0)
    assert (far.next, far.rest) == ("fail", WAIT_HERE + 3600) and "65 minutes" in far.reason
    assert judge(answer(500, retry_after="9999"), 1, 10.0).rest == 0.0, "only 429 and 503 may ask for it"


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("120", 120), ("", 0), ("soon", 0), ("-5", 0), ("1.5", 0), ("²", 0), ("Sun, 01 Mar 2026 12:01:00 GMT", 60),
     ("Sun, 01 Mar 2026 11:00:00 GMT", 0), ("Sun, 99 Mar 2026 11:00:00 GMT", 0), ("999999999999", 0)],
)  # fmt: skip
def test_retry_after(value: str, seconds: float) -> None:
    assert retry_after(value, NOW) == seconds


@pytest.mark.parametrize(
    ("code", "following", "strained"),
    [
        ("timeout", "retry", True),
        ("connect", "retry", True),
        ("busy", "retry", False),
        ("tls", "fail", False),
        ("dns", "retry", True),
        ("address_refused", "fail", False),
    ],
)
def test_errors(code: str, following: str, strained: bool) -> None:  # noqa: FBT001
    outcome = judge(FetchError(code, "why", "http://a.example/"), 1, 10.0)
    assert (outcome.next, outcome.code, outcome.strained) == (following, code, strained)


def test_the_moment_of_a_date_is_counted_from_now() -> None:
    later = datetime.now(UTC) + timedelta(hours=1)
    assert 3500 < retry_after(later.strftime("%a, %d %b %Y %H:%M:%S GMT")) <= 3600
