"""What stands around a link: labels that go with its observation."""

from typing import Any

import pytest

from backlinks.crawl import child, page
from backlinks.crawl.linkfacts import label_names
from backlinks.crawl.messages import Job

URL = "https://site.example/post"
OUT = "<a href=https://out.example/x>these tools</a>"
TEXT = "Garden tools that last for years, and others which break in the first winter near the river. "


def labels(html: str, **options: Any) -> dict[str, dict[str, str]]:
    """Key of a linked page -> the labels of its first link that has some."""
    made = page.read(html.encode(), URL, content_type="text/html; charset=utf-8", **options)
    assert {name for found in made.labels.values() for name in found} <= set(label_names())
    found: dict[str, dict[str, str]] = {}
    for link in made.links:
        if link.position in made.labels:
            found.setdefault(link.key, dict(made.labels[link.position]))
    return found


def test_links_among_links() -> None:
    row = " ".join(f"<a href=https://s{n}.example/>Best site number {n}</a>" for n in range(12))
    found = labels(f"<p>{row}</p>")
    assert len(found) == 12 and all(float(one["link_words"]) >= 0.9 for one in found.values())
    listed = "".join(f"<li>\n    <a href=https://s{n}.example/>Best site number {n}</a>\n   </li>" for n in range(12))
    assert all(float(one["link_words"]) >= 0.9 for one in labels(f"<ul>{listed}</ul>").values())


def test_links_in_prose() -> None:
    assert labels(f"<p>{TEXT}{OUT} {TEXT}</p>") == {}
    assert labels(f"<p>{OUT}</p>") == {}, "nothing around says nothing"
    inside = " ".join(f"<a href=/p{n}>Our page number {n}</a>" for n in range(12))
    assert set(labels(f"<p>{inside}</p>")) == set(), "links of the site have no labels"


def test_share_of_links_is_that_of_the_characters_around() -> None:
    found = labels("<p>" + "x" * 40 + "<a href=https://a.example/>" + "a" * 60 + "</a>" + OUT + "</p>")
    assert found["out.example/x"]["link_words"] == "0.60"
    assert "a.example/" not in found


@pytest.mark.parametrize(
    ("html", "words"),
    [
        (f"<html lang=en><p>This is a sponsored post about {OUT}.</p>", "sponsored post"),
        (f"<html lang=en><h2>Advertorial</h2><p>{TEXT}{OUT}</p>", "advertorial"),
        (f"<html lang=de><p>Anzeige: {TEXT}{OUT}</p>", "anzeige"),
        (f"<html lang=de><h3>Werbung</h3><p>{TEXT}{OUT}</p>", "werbung"),
        (f"<html lang=de><p>Gesponserter Beitrag von {OUT}</p>", "gesponserter beitrag"),
        (f"<html lang=fr><p>Article sponsorisé : {OUT}</p>", "article sponsorisé"),
        (f"<html lang=pl><p>Artykuł sponsorowany {OUT}</p>", "artykuł sponsorowany"),
        (f"<html lang=ru><p>На правах рекламы {OUT}</p>", "на правах рекламы"),
        (f"<html lang=ja><p>この記事広告は {OUT} です</p>", "記事広告"),
        (f"<html lang=ko><p>소정의 원고료를 받았습니다 {OUT}</p>", "소정의 원고료"),
        (f"<html lang=en><footer><p>Advertorial by {OUT}</p></footer>", "advertorial"),
        (f"<html lang=en><p>{TEXT}{OUT}</p>", ""),
        (f"<html lang=de><p>Eine Anzeige bei der Polizei, sagt {OUT}.</p>", ""),
        (f"<html lang=en><p>A sponsored post.</p><p>{TEXT}{OUT}</p>", ""),
        (f"<html lang=en><p>The sponsored posterior of {OUT}</p>", ""),
        (f"<html lang=sv><p>Annonsera hos {OUT}</p>", ""),
    ],
)  # fmt: skip
def test_paid_posts(html: str, words: str) -> None:
    assert labels(html).get("out.example/x", {}).get("paid", "") == words


@pytest.mark.parametrize(
    ("html", "is_pixel"),
    [
        ("<a href=https://out.example/x><img src=p.gif width=1 height=1></a>", True),
        ("<a href=https://out.example/x><img src=p.gif width=2px height=0 alt=''></a>", True),
        ("<a href=https://out.example/x><img src=p.gif width=1 height=1 alt='Tools'></a>", False),
        ("<a href=https://out.example/x><img src=p.gif width=100 height=1></a>", False),
        ("<a href=https://out.example/x><img src=p.gif width=1 height=1>tools</a>", False),
    ],
)
def test_pixels(html: str, *, is_pixel: bool) -> None:
    assert ("pixel" in labels(f"<p>{TEXT}{html}</p>").get("out.example/x", {})) is is_pixel


def test_links_that_stand_in_frames_only() -> None:
    assert labels(f"<p>x</p><noscript>{OUT}</noscript>") == {"out.example/x": {"frame": "noscript"}}
    assert labels("<iframe src=https://out.example/x></iframe>") == {"out.example/x": {"frame": "iframe"}}
    assert labels(f"<noscript>{OUT}</noscript><p>{TEXT}{OUT} {TEXT}</p>") == {}
    assert labels(f"<template>{OUT}</template><p>{TEXT}</p>") == {}, "no browser shows it"


def test_labels_go_with_the_observations_of_the_place() -> None:
    html = f"<html lang=en><p>A sponsored post: {OUT}, {TEXT}</p><footer><p>{TEXT}{OUT} {TEXT}</p></footer>"
    reading = child.read(Job(url=URL, body=html.encode(), content_type="text/html; charset=utf-8"))
    assert reading.observations["placement"] == ["content", "footer"]
    assert reading.observations["labels"] == [{"paid": "sponsored post"}, {}]


def test_no_labels_without_text() -> None:
    row = " ".join(f"<a href=https://s{n}.example/>Best site number {n}</a>" for n in range(12))
    assert labels(f"<p>{row}</p>", links_only=True) == {}
