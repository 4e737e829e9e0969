"""`import_wat` on values that nobody expects: of any type anywhere, and dates that cannot be."""

from pathlib import Path
from typing import Any

import pytest

from tests.backlinks.openweb.archived import imported, link, observed, page, wat

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("link_index", "unsettled")]


def odd_pages(odd: Any, good: dict[str, Any]) -> list[dict[str, Any]]:
    """Pages with this value wherever a value can be."""
    entries = [
        odd,
        link(odd),
        link("https://a.example/", odd),
        link("https://b.example/", "b", odd),
        {"path": odd, "url": odd},
        good,
    ]
    head = {
        "Title": odd,
        "Base": odd,
        "Metas": [odd, {"name": odd, "content": odd}],
        "Link": [odd, link(odd, rel="canonical")],
    }
    pages = [
        page(links=entries, head=head, headers={"Link": odd, "X-Robots-Tag": odd}, status=odd, date=odd, ip=odd),
        page(links=[good], head=odd),
        page(odd), page(kind=odd), {"Envelope": odd}, {"Envelope": {"WARC-Header-Metadata": odd}},
    ]  # fmt: skip
    pages[2]["Envelope"]["Payload-Metadata"]["HTTP-Response-Metadata"]["HTML-Metadata"]["Links"] = odd
    return pages


def test_values_of_any_type_break_nothing(tmp_path: Path) -> None:
    """After the pages of each of them comes one that is read."""
    odd = [None, 7, True, ["https://client.example/"], {"a": "b"}, "\x00", "x" * 100_000]
    good = link("https://client.example/", "kept")
    pages = [
        one
        for number, value in enumerate(odd)
        for one in (*odd_pages(value, good), page(f"https://last{number}.example/", [good]))
    ]
    told = imported(wat(tmp_path / "a.wat.gz", pages))
    found = observed()
    for number in range(len(odd)):
        assert (f"https://last{number}.example/", "https://client.example/", "text", "kept") in found
    assert told["rows"] == told["accepted"] + told["rejected"]


def test_a_date_that_cannot_be_is_unknown(tmp_path: Path) -> None:
    written = ["", "yesterday", "1990-01-01T00:00:00Z", "2999-01-01T00:00:00Z", "9" * 400]
    pages = [page(f"https://{n}.example/", ["https://client.example/"], date=one) for n, one in enumerate(written)]
    told = imported(wat(tmp_path / "a.wat.gz", pages))
    assert observed("toUInt32(first_seen), toUInt32(last_seen)") == [(0, 0)] * len(written)
    assert told["notes"] == ["5 pages without a date that can be: nobody knows when their links were true."]
