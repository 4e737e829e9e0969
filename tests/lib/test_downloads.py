"""Ranges of a stored file: what is asked for, what comes, and when it is the whole."""

from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.http.response import HttpResponseBase
from django.test import RequestFactory

from seoapp.lib.downloads import PIECE, stored_file

WHOLE = bytes(range(256)) * (PIECE // 256) + b"end"


def get(method: str = "get", **headers: str) -> HttpResponseBase:
    request = getattr(RequestFactory(), method)(
        "/", headers={name.replace("_", "-"): text for name, text in headers.items()}
    )
    file: Any = ContentFile(WHOLE, name="exports/things.csv")
    return stored_file(request, file, name="our things.csv", content_type="text/csv")


def content_of(response: Any) -> bytes:
    return b"".join(response.streaming_content)


@pytest.mark.parametrize(
    ("asked", "status", "start", "end"),
    [
        ("bytes=0-9", 206, 0, 10),
        ("bytes = 5-", 206, 5, len(WHOLE)),
        ("bytes=-3", 206, PIECE, PIECE + 3),
        (f"bytes=0-{PIECE * 9}", 206, 0, len(WHOLE)),
        (f"bytes=-{PIECE * 9}", 206, 0, len(WHOLE)),
        (f"bytes={PIECE - 1}-{PIECE}", 206, PIECE - 1, PIECE + 1),
        ("bytes=0-1,4-5", 200, 0, len(WHOLE)),
        ("bytes=-", 200, 0, len(WHOLE)),
        ("bytes=\u0661-2", 200, 0, len(WHOLE)),
        ("lines=1-2", 200, 0, len(WHOLE)),
        ("", 200, 0, len(WHOLE)),
    ],
)
def test_ranges(asked: str, status: int, start: int, end: int) -> None:
    answer = get(Range=asked)
    assert (answer.status_code, int(answer["Content-Length"])) == (status, end - start)
    assert content_of(answer) == WHOLE[start:end]
    assert answer.get("Content-Range") == (f"bytes {start}-{end - 1}/{len(WHOLE)}" if status == 206 else None)


@pytest.mark.parametrize("asked", [f"bytes={PIECE + 3}-", "bytes=9-5", "bytes=-0"])
def test_a_range_that_is_not_there(asked: str) -> None:
    answer = get(Range=asked)
    assert (answer.status_code, answer["Content-Range"]) == (416, f"bytes */{len(WHOLE)}")


def test_a_range_of_another_file_than_was_begun_is_the_whole() -> None:
    tag = get("head")["ETag"]
    assert get(Range="bytes=1-2", If_Range=tag).status_code == 206
    assert get(Range="bytes=1-2", If_Range='"other"').status_code == 200


def test_what_every_answer_says() -> None:
    for answer in (get(), get("head"), get(Range="bytes=1-2")):
        assert answer["Content-Type"] == "text/csv"
        assert answer["Content-Disposition"] == 'attachment; filename="our-things.csv"'
        assert (answer["Accept-Ranges"], answer["Cache-Control"]) == ("bytes", "private, no-store")
