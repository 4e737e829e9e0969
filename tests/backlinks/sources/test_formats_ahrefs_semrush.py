"""The formats of Ahrefs and Semrush, one hand-written file each: which format it is, and every value that it gives."""

import json
from typing import Any

import pytest

from .reading import DERIVED, at, read_data, values

# --- Ahrefs -------------------------------------------------------------------------------------------------------
AHREFS_2026 = {
    "source_url": ["https://www.blog.test/lamps", "https://galerie.test/1", "https://old.test/x"],
    "target_url": ["https://shop.example/lamps"] * 3,
    "first_seen": [at("2021-09-11T11:40:43")] * 3,
    "last_seen": [at("2026-02-01T08:00:00")] * 3,
    "lost_at": [0, at("2026-01-15"), at("2026-01-20")],
    "ext_links": [14] * 3,
    "title": ["Ten lamps, tested", "Bilder", "Ten lamps, tested"],
    "anchor": ["bright lamp", "", "bright lamp"],
    "alt": [None, "a red lamp", None],
    "context_left": ["we like the", "", "we like the"],
    "context_right": ["a lot", "", "a lot"],
    "language": ["en,uk", "", "en,uk"],
    "group_count": [3, 1, 1],
    "nofollow": [0, 1, 0],
    "ugc": [0, 1, 0],
    "sponsored": [0, 0, 0],
    "kind": ["text", "image", "redirect"],
    "lost_reason": ["", "removedfromhtml", "vendor_dropped:tooold"],
    "http_status": [200, 200, 0],
    "flags": ["in_content found_rendered found_raw", "found_raw", "in_content found_rendered found_raw no_answer"],
}


def test_ahrefs_backlinks_2026() -> None:
    found = read_data("ahrefs_backlinks_2026.csv")
    assert (found.reading.source.name, found.reading.encoding, found.reading.delimiter) == (
        "ahrefs_backlinks",
        "utf-16-le",
        "\t",
    )
    assert found.rows == found.accepted == 3
    for name, column in AHREFS_2026.items():
        assert found.columns[name] == column, name
    assert found.columns["metrics"][0] == {
        "ahrefs_dr": 4.2, "ahrefs_ur": 12.0, "ahrefs_domain_traffic": 1540.0, "ahrefs_page_refdomains": 3.0,
        "ahrefs_page_linked_domains": 9.0, "ahrefs_page_traffic": 5.0, "ahrefs_keywords": 2.0, "ahrefs_is_spam": 0.0,
    }  # fmt: skip
    assert found.columns["metrics"][1]["ahrefs_is_spam"] == 1.0 and found.columns["metrics"][1]["ahrefs_dr"] == 71.0
    assert found.columns["labels"][0] == {
        "ahrefs_platform": "ecommerce, wordpress", "ahrefs_discovered": "pagefound", "ahrefs_author": "Ann",
        "ahrefs_page_type": "Article > Story", "ahrefs_page_category": "Home; Light",
    }  # fmt: skip
    assert json.loads(found.columns["redirect_chain"][2]) == [{"url": "http://short.test/z", "status": 301}]
    assert found.columns["redirect_chain"][:2] == ["", ""]
    assert any("no answer" in note for note in found.reading.notes)


def test_ahrefs_backlinks_december_2025() -> None:
    found = read_data("ahrefs_backlinks_2025-12.csv")
    assert found.reading.source.name == "ahrefs_backlinks" and len(found.reading.header) == 35
    for name, column in AHREFS_2026.items():
        if name != "flags":
            assert found.columns[name] == column[:2], name
    assert found.columns["flags"] == ["in_content found_rendered found_raw", "found_raw"]
    assert "ahrefs_is_spam" not in found.columns["metrics"][0]


def test_ahrefs_backlinks_of_2019() -> None:
    found = values("ahrefs_old-backlinks.csv")
    assert found == {
        "source_url": ["https://www.blog.test/old", "https://forum.example/t"],
        "target_url": ["https://shop.example/"] * 2,
        "first_seen": [at("2019-03-01T10:00:00"), at("2018-01-01")],
        "last_seen": [at("2021-02-03T04:05:06"), at("2019-01-01")],
        "lost_at": [0, at("2020-05-06")],
        "lost_reason": ["", "vendor_unspecified"],
        "ext_links": [12, 90], "int_links": [40, 3],
        "title": ["Old post", "Thread"], "anchor": ["the shop", "lamp"], "alt": [None, None],
        "context_left": ["see", ""], "context_right": ["here", ""], "language": ["en", "de"],
        "kind": ["text", "text"], "nofollow": [0, 1],
        "flags": ["", "found_rendered"],
        "metrics": [
            {"ahrefs_dr": 55.0, "ahrefs_ur": 22.0, "ahrefs_page_refdomains": 8.0, "ahrefs_page_traffic": 120.0,
             "ahrefs_keywords": 7.0, "ahrefs_page_linked_domains": 5.0},
            {"ahrefs_dr": 30.0, "ahrefs_ur": 9.0, "ahrefs_page_refdomains": 1.0, "ahrefs_page_traffic": 0.0,
             "ahrefs_keywords": 0.0, "ahrefs_page_linked_domains": 44.0},
        ],
        "labels": [{}, {"ahrefs_backlink_status": "Lost"}],
    }  # fmt: skip


def test_ahrefs_referring_domains() -> None:
    eleven = read_data("ahrefs_domains_11.csv")
    assert eleven.reading.source.name == "ahrefs_domains"
    assert eleven.columns == {
        "source_domain": ["blog.test", "spam.test"], "row": [2, 3], "links": [9, 1002],
        "first_seen": [at("2021-09-11T11:40:43"), at("2024-01-02")], "lost_at": [0, at("2025-12-31")],
        "metrics": [
            {"ahrefs_is_spam": 0.0, "ahrefs_dr": 4.2, "ahrefs_refdomains_dofollow": 12.0, "ahrefs_linked_domains": 30.0,
             "ahrefs_domain_traffic": 1240.0, "ahrefs_keywords": 17.0, "ahrefs_dofollow_links": 7.0},
            {"ahrefs_is_spam": 1.0, "ahrefs_dr": 71.0, "ahrefs_refdomains_dofollow": 3.0,
             "ahrefs_linked_domains": 9000.0, "ahrefs_domain_traffic": 0.0, "ahrefs_keywords": 0.0, "ahrefs_dofollow_links": 0.0},
        ],
    }  # fmt: skip
    fourteen = read_data("ahrefs_domains_14.csv")
    assert fourteen.reading.source.name == "ahrefs_domains" and len(fourteen.reading.header) == 14
    assert fourteen.columns["links"] == [9]
    assert fourteen.columns["metrics"][0] == eleven.columns["metrics"][0] | {
        "ahrefs_new_links": 2.0, "ahrefs_lost_links": 1.0,
    }  # fmt: skip


def test_ahrefs_anchors_and_ips() -> None:
    assert values("ahrefs_anchors.csv") == {
        "value": ["bright lamp", ""], "links": [44, 3], "domains": [12, 3],
        "first_seen": [at("2021-09-11T11:40:43"), at("2022-01-01")],
        "metrics": [{"ahrefs_top_dr": 71.0, "ahrefs_ref_pages": 40.0, "ahrefs_dofollow_links": 30.0},
                    {"ahrefs_top_dr": 5.5, "ahrefs_ref_pages": 3.0, "ahrefs_dofollow_links": 0.0}],
        "labels": [{}, {"ahrefs_lost": "2025-01-01 00:00:00"}],
    }  # fmt: skip
    found = read_data("ahrefs_ips.csv")
    assert found.reading.source.yields == "ips"
    assert {name: column for name, column in found.columns.items() if name != "row"} == {
        "value": ["217.160.0.xxx"], "links": [40], "domains": [12], "first_seen": [at("2021-09-11T11:40:43")],
        "metrics": [{"ahrefs_top_dr": 71.0, "ahrefs_new_links": 1.0, "ahrefs_lost_links": 2.0,
                     "ahrefs_dofollow_links": 30.0, "ahrefs_ips_in_subnet": 5.0}],
        "labels": [{"country": "DE", "isp": "Example Hosting"}],
    }  # fmt: skip


def test_ahrefs_intersect_gives_links_to_each_compared_site_and_invents_none() -> None:
    found = read_data("ahrefs_intersect.csv")
    assert found.rows == found.accepted == 2
    assert list(
        zip(found.columns["source_domain"], found.columns["target_domain"], found.columns["links"], strict=True)
    ) == [
        ("blog.test", "shop.example", 3),
        ("blog.test", "rival.test", 1200),
        ("news.example", "other.test", 5),
    ]
    assert found.columns["metrics"][2] == {"ahrefs_dr": 70.0, "ahrefs_domain_traffic": 90000.0, "ahrefs_intersect": 1.0}


def test_ahrefs_api_rows_call_the_loss_last_seen() -> None:
    scrape = values("ahrefs_awt-backlinks.csv")
    assert scrape["first_seen"] == [at("2026-03-03T01:26:04"), at("2025-01-01")]
    assert scrape["last_seen"] == [at("2026-04-03T02:04:45"), at("2026-01-01")]
    assert scrape["lost_at"] == [0, at("2026-02-02")] and scrape["lost_reason"] == ["", "pageerror"]
    assert scrape["nofollow"] == [0, 1] and scrape["ugc"] == [0, 1] and scrape["sponsored"] == [0, 0]
    assert (
        scrape["kind"] == ["text", "image"]
        and scrape["alt"] == [None, "logo"]
        and scrape["anchor"] == ["bright lamp", ""]
    )
    assert scrape["context_left"] == ["see the", ""] and scrape["context_right"] == ["here", ""]
    assert scrape["http_status"] == [200, 404] and scrape["ext_links"] == [14, 900]
    assert scrape["flags"] == ["in_content", ""]
    assert scrape["metrics"][1] == {
        "ahrefs_dr": 1.5, "ahrefs_ur": 0.0, "ahrefs_is_spam": 1.0, "ahrefs_domain_traffic": 0.0,
        "ahrefs_page_traffic": 0.0, "ahrefs_page_refdomains": 0.0, "ahrefs_page_linked_domains": 800.0,
    }  # fmt: skip
    api = values("ahrefs_api-backlinks.csv")
    assert api == {
        "source_url": ["https://blog.test/p"], "target_url": ["https://shop.example/"],
        "first_seen": [at("2024-05-06T07:08:09")], "last_seen": [at("2026-04-01")], "lost_at": [at("2026-04-02")],
        "lost_reason": ["vendor_dropped:nxdomain"], "ext_links": [14], "int_links": [33], "ip": ["192.0.2.7"],
        "title": ["Post"], "anchor": [""], "alt": ["red lamp"], "context_left": ["a"], "context_right": ["b"],
        "language": ["en"], "nofollow": [1], "ugc": [0], "sponsored": [1], "kind": ["image"], "http_status": [200],
        "flags": ["in_content found_rendered"],
        "redirect_chain": ['[{"url": "http://short.test/q", "status": 301}]'],
        "metrics": [{"ahrefs_dr": 40.0, "ahrefs_ur": 12.0, "ahrefs_is_spam": 0.0, "ahrefs_page_traffic": 12.0,
                     "ahrefs_keywords": 3.0, "ahrefs_page_size": 45678.0, "ahrefs_port": 443.0,
                     "ahrefs_target_dr": 52.0, "ahrefs_target_ur": 31.0, "ahrefs_target_rank": 120034.0,
                     "ahrefs_target_refdomains": 2100.0, "ahrefs_target_linked_domains": 88.0}],
        "labels": [{"ahrefs_platform": "wordpress", "ahrefs_redirect_kind": "permanent", "ahrefs_author": "Anna",
                    "ahrefs_published": "2024-05-01", "ahrefs_discovered": "linkfound",
                    "ahrefs_broken_redirect": "http://short.test/q",
                    "ahrefs_broken_redirect_to": "https://other.example/",
                    "ahrefs_broken_redirect_reason": "targetchanged"}],
    }  # fmt: skip


def test_ahrefs_webmaster_tools_domains() -> None:
    found = values("ahrefs_awt-domains.csv")
    assert found["links"] == [2, 5] and found["lost_at"] == [0, at("2026-02-02")]
    assert found["first_seen"] == [at("2026-03-03T01:26:04"), at("2025-01-01")]
    assert found["metrics"][1] == {
        "ahrefs_dofollow_links": 0.0, "ahrefs_new_links": 0.0, "ahrefs_lost_links": 5.0, "ahrefs_keywords": 0.0,
        "ahrefs_dr": 1.0, "ahrefs_domain_traffic": 0.0, "ahrefs_refdomains": 3.0, "ahrefs_linked_domains": 900.0,
        "ahrefs_is_spam": 1.0,
    }  # fmt: skip


# --- Semrush ------------------------------------------------------------------------------------------------------
def test_semrush_backlinks() -> None:
    found = read_data("semrush_backlinks.csv")
    assert found.reading.source.name == "semrush_backlinks"
    assert found.rows == 4 and found.accepted == 3 and "internal link" in found.refused[5]
    assert {name: column for name, column in found.columns.items() if name not in DERIVED} == {
        "source_url": ["https://www.blog.test/lamps", "http://galerie.test/1", "https://frame.test/f"],
        "target_url": ["https://shop.example/lamps", "https://shop.example/", "https://shop.example/"],
        "first_seen": [at("2025-07-08"), at("2025-01-25"), at("2025-02-01")],
        "last_seen": [at("2026-04-06"), at("2025-06-01"), at("2025-06-01")],
        "ext_links": [47, 1204, 1], "int_links": [5, 900, 2],
        "title": ["Lamps, tested", "Bild", ""],
        "anchor": ["bright lamp", "", ""], "alt": [None, "red lamp", None],
        "nofollow": [0, 1, 0], "ugc": [0, 1, 0], "sponsored": [1, 0, 0], "kind": ["text", "image", "frame"],
        "lost_reason": ["", "vendor_unspecified", ""],
        "flags": ["sitewide vendor_new", "vendor_lost", ""],
        "metrics": [{"semrush_page_as": 82.0}, {"semrush_page_as": 3.0}, {"semrush_page_as": 0.0}],
    }  # fmt: skip
    assert "lost_at" not in found.columns, "Semrush says lost without saying when"
    assert found.columns["source_key"][0] == "blog.test/lamps" and found.columns["source_host"][0] == "www.blog.test"
    assert found.columns["source_domain"][0] == "blog.test" and found.columns["target_domain"] == ["shop.example"] * 3
    assert found.columns["row"] == [2, 3, 4]


def test_semrush_domains() -> None:
    assert values("semrush_domains.csv") | {"source_domain": None} == {
        "links": [1240, 3], "ip": ["192.0.2.10", ""], "country": ["DE", ""], "source_domain": None,
        "first_seen": [at("2024-03-04"), at("2025-01-01")], "last_seen": [at("2026-04-05"), at("2025-02-02")],
        "metrics": [{"semrush_domain_as": 42.0}, {"semrush_domain_as": 7.0}],
    }  # fmt: skip
    assert read_data("semrush_domains.csv").columns["source_domain"] == ["blog.test", "cloud.test"]


def test_semrush_audit_rows_are_hosts() -> None:
    found = read_data("semrush_audit.csv")
    assert found.columns["source_host"] == ["a.host.test", "b.host.test", "c.host.test"]
    assert set(found.columns["source_domain"]) == {"host.test"}
    assert found.columns["kind"] == ["text", "image", "frame"]
    assert found.columns["alt"] == [None, "logo", None] and found.columns["anchor"] == ["lamp shop", "", ""]
    assert found.columns["nofollow"] == [0, 1, -1], "an empty cell is unknown, not follow"
    assert "ugc" not in found.columns
    assert found.columns["title"] == ["Title", "", ""]
    assert (
        found.columns["first_seen"] == [at("2024-01-01")] * 3 and found.columns["last_seen"] == [at("2026-01-02")] * 3
    )
    assert found.columns["metrics"][1] == {"semrush_domain_as": 2.0, "semrush_page_as": 0.0, "semrush_toxic": 93.0}
    assert found.columns["labels"][1] == {"semrush_anchor_type": "empty", "semrush_comment": "look at this"}
    assert values("semrush_audit-markers.csv") == {
        "source_url": ["https://bad.test/1"], "target_url": ["https://shop.example/"], "title": ["T"],
        "anchor": ["casino"], "first_seen": [at("2024-01-01")], "last_seen": [at("2025-01-01")], "nofollow": [1],
        "metrics": [{"semrush_toxic": 88.0}], "labels": [{"semrush_toxic_markers": "Mirror pages, Link network"}],
    }  # fmt: skip


def test_semrush_of_2016_means_text_where_nothing_is_marked() -> None:
    found = values("semrush_old-backlinks.csv")
    assert found["kind"] == ["text", "image"] and found["alt"] == [None, "alt words"] and found["nofollow"] == [0, 1]
    assert found["metrics"][0] == {"semrush_page_score": 12.0, "semrush_page_trust": 30.0}
    assert found["flags"] == ["sitewide", ""] and found["ext_links"] == [5, 5] and found["int_links"] == [6, 6]
    assert found["first_seen"] == [at("2014-05-06")] * 2 and found["last_seen"] == [at("2016-01-02")] * 2
    assert "ugc" not in found


def test_semrush_api_rows_with_an_extra_semicolon_are_refused() -> None:
    found = read_data("semrush_api-backlinks.csv")
    assert found.reading.source.name == "semrush_api-backlinks" and found.reading.delimiter == ";"
    assert found.rows == 3 and found.refused == {4: "23 cells where the header has 22"}
    shown = {name: column for name, column in found.columns.items() if name not in DERIVED}
    assert shown == {
        "source_url": ["https://blog.test/a", "https://galerie.test/b"], "target_url": ["https://shop.example/"] * 2,
        "first_seen": [1600000000] * 2, "last_seen": [1767225600] * 2, "ext_links": [10, 2], "int_links": [20, 3],
        "title": ["A post", "B"], "anchor": ["bright lamp", ""], "alt": ["", "red lamp"], "nofollow": [0, 1],
        "kind": ["text", "image"], "lost_reason": ["", ""], "http_status": [200, 0],
        "flags": ["sitewide", "vendor_new no_answer"], "redirect_chain": ["", ""],
        "metrics": [{"semrush_page_as": 55.0, "semrush_source_size": 12000.0},
                    {"semrush_page_as": 9.0, "semrush_source_size": 1.0}],
        "labels": [{"semrush_target_title": "Shop"},
                   {"semrush_target_title": "Shop", "semrush_image_url": "https://galerie.test/i.png"}],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "yields", "expected"),
    [
        ("semrush_api-domains", "domains", {"links": [12], "ip": ["192.0.2.9"], "country": ["US"],
         "first_seen": [1600000000], "last_seen": [1767225600], "metrics": [{"semrush_domain_as": 42.0}]}),
        ("semrush_api-ips", "ips", {"value": ["192.0.2.9"], "links": [12], "domains": [4], "first_seen": [1600000000],
         "last_seen": [1767225600], "labels": [{"country": "us"}]}),
        ("semrush_api-countries", "countries", {"value": ["us"], "links": [12], "domains": [4]}),
        ("semrush_api-tlds", "tlds", {"value": ["co.uk"], "links": [12], "domains": [4]}),
        ("semrush_api-anchors", "anchors", {"value": ["bright lamp"], "links": [12], "domains": [4],
         "first_seen": [1600000000], "last_seen": [1767225600]}),
        ("semrush_api-pages", "pages", {"value": ["https://shop.example/lamps"], "links": [12], "domains": [4],
         "last_seen": [1767225600], "metrics": [{"http_status": 200.0, "ext_links": 1.0, "int_links": 2.0}],
         "labels": [{"title": "Lamps"}]}),
        ("semrush_anchors", "anchors", {"value": ["bright lamp"], "links": [12], "domains": [4],
         "first_seen": [at("2024-01-01")], "last_seen": [at("2026-01-02")]}),
    ],
)  # fmt: skip
def test_semrush_aggregates(name: str, yields: str, expected: dict[str, list[Any]]) -> None:
    found = read_data(f"{name}.csv")
    assert (found.reading.source.name, found.reading.source.yields) == (name, yields)
    assert {key: column for key, column in found.columns.items() if key not in DERIVED} == expected
