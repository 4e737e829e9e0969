"""Every supported format, one hand-written file each: which format it is, and every value that it gives."""

import zipfile
from io import BytesIO

import pytest

from backlinks.sources import SOURCES, NeedsMapping, UnreadableFile
from seoapp.lib.weburl import Target

from .reading import DATA, DERIVED, at, read, read_all, read_data, values


# --- Search Console -----------------------------------------------------------------------------------------------
def test_gsc_latest_links() -> None:
    found = read_data("gsc_latest-2026-05-10.csv")
    assert found.reading.source.name == "gsc_latest" and found.reading.export_date.isoformat() == "2026-05-10"
    assert found.rows == 4 and list(found.refused) == [4] and "internal link" in found.refused[4]
    assert found.columns["source_url"] == [
        "https://www.blog.test/review",
        "https://news.example/a?id=1",
        "https://late.example/",
    ]
    assert "target_url" not in found.columns, "Search Console names no target"
    # a day after the export is still possible (time zones), three weeks after it is not
    assert found.columns["last_seen"] == [at("2026-05-03"), at("2026-05-11"), 0]
    assert found.unread == {5: ("Last crawled", "2026-06-01")}


def test_gsc_sample_links_and_internal_links_share_a_header() -> None:
    sample = read_data("gsc_sample.csv")
    assert sample.reading.source.name == "gsc_sample" and sample.reading.source.yields == "sightings"
    assert sample.columns["source_url"] == ["https://www.blog.test/review", "http://forum.example/thread/7"]
    internal = read_data("gsc_internal.csv")
    assert internal.reading.source.name == "gsc_internal"
    assert internal.rows == 2 and internal.columns == {}
    assert set(internal.refused) == {2, 3} and "no backlinks" in internal.refused[2]


def test_gsc_aggregates() -> None:
    sites = read_data("gsc_sites.csv")
    assert sites.reading.source.yields == "domains"
    assert sites.columns == {
        "source_domain": ["blog.test", "news.example"], "row": [2, 3], "links": [1240, 7],
        "metrics": [{"gsc_target_pages": 3.0}, {"gsc_target_pages": 1.0}],
    }  # fmt: skip
    assert sites.refused == {4: "internal: the target's own domain"}
    assert values("gsc_texts.csv") == {"value": ["visit website", "https www shop example"], "position": [1, 2]}
    assert values("gsc_pages.csv") == {
        "value": ["https://shop.example/", "https://shop.example/lamps"], "links": [1026, 2], "domains": [15, 2],
    }  # fmt: skip
    internal = read_data("gsc_internal-pages.csv")
    assert (
        internal.reading.source.name == "gsc_internal-pages" and internal.columns == {} and len(internal.refused) == 2
    )


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("gsc_latest_spanish.csv", "gsc_latest"),
        ("gsc_latest_hebrew.csv", "gsc_latest"),
        ("gsc_sites_hebrew.csv", "gsc_sites"),
        ("gsc_pages_hebrew.csv", "gsc_pages"),
    ],
)
def test_gsc_in_other_languages(name: str, source: str) -> None:
    found = read_data(name)
    assert found.reading.source.name == source
    assert found.accepted == found.rows > 0
    assert any("another language" in note for note in found.reading.notes)


def test_spanish_dates_start_with_the_day() -> None:
    assert values("gsc_latest_spanish.csv")["last_seen"] == [at("2026-04-28"), at("2026-05-03")]


def test_gsc_download_of_one_zip() -> None:
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name in ("gsc_latest-2026-05-10.csv", "gsc_sites.csv", "gsc_texts.csv"):
            archive.writestr(f"Links/{name}", (DATA / name).read_bytes())
    tables = read_all(packed.getvalue(), "shop.example-Links-2026-05-12.zip")
    assert [one.reading.source.name for one in tables] == ["gsc_latest", "gsc_sites", "gsc_texts"]
    assert [one.reading.member for one in tables] == ["gsc_latest-2026-05-10.csv", "gsc_sites.csv", "gsc_texts.csv"]
    assert [one.reading.export_date.isoformat() for one in tables] == ["2026-05-10", "2026-05-12", "2026-05-12"]


def test_shape_needs_95_percent_of_the_cells() -> None:
    good = [f"https://a{n}.test/,2026-01-{n % 28 + 1:02}" for n in range(96)]
    header = "Seite,Zuletzt"
    assert read("\n".join([header, *good, *["https://x.test/,-"] * 4])).reading.source.name == "gsc_latest"
    with pytest.raises(NeedsMapping):
        read("\n".join([header, *good, *["https://x.test/,-"] * 9]))


def test_ranks_that_do_not_count_are_no_link_texts() -> None:
    with pytest.raises(NeedsMapping):
        read("Zahl,Wort\n40,lamp\n7,shop\n")


# --- Majestic, Moz, Bing --------------------------------------------------------------------------------------------
def test_majestic_download() -> None:
    found = read_data("majestic_backlinks.csv")
    assert found.rows == 5 and found.accepted == 3
    assert found.refused == {5: "a mention without a link is no backlink", 6: "4 cells where the header has 20"}
    assert found.columns["source_url"] == ["https://blog.test/a", "https://galerie.test/b", "https://old.test/c"]
    assert found.columns["kind"] == ["text", "image", "redirect"] and found.columns["nofollow"] == [0, 1, 0]
    assert found.columns["anchor"] == ["bright lamp", "", "lamp"] and found.columns["alt"] == [None, "red lamp", None]
    assert found.columns["lost_reason"] == ["", "", "vendor_dropped:oldcrawl"], "an old crawl is not counted as live"
    assert found.columns["first_seen"] == [at("2020-05-06"), at("2020-05-06"), at("2018-05-06")]
    assert found.columns["last_seen"] == [at("2026-01-02"), at("2026-01-02"), at("2019-01-02")]
    assert found.columns["metrics"][0] == {
        "majestic_source_cf": 30.0, "majestic_source_tf": 20.0, "majestic_target_cf": 15.0, "majestic_target_tf": 10.0,
        "majestic_topical_tf": 12.0, "majestic_domain_topical_tf": 9.0,
    }  # fmt: skip
    assert found.columns["labels"][0] == {"majestic_topic": "Home/Lighting", "majestic_domain_topic": "Business"}


def test_majestic_screen_has_the_page_first_whatever_its_name() -> None:
    assert values("majestic_screen.csv") == {
        "source_url": ["https://blog.test/a"], "target_url": ["https://shop.example/"], "anchor": ["bright lamp"],
        "first_seen": [at("2020-05-06")],
        "metrics": [{"majestic_source_tf": 20.0, "majestic_source_cf": 30.0,
                     "majestic_domain_tf": 40.0, "majestic_domain_cf": 41.0}],
    }  # fmt: skip


def test_majestic_api_rows() -> None:
    assert values("majestic_api.csv") == {
        "source_url": ["https://blog.test/a"], "target_url": ["https://shop.example/"], "anchor": ["bright lamp"],
        "first_seen": [at("2020-05-06")], "last_seen": [at("2026-01-02")], "lost_at": [at("2026-02-03")],
        "lost_reason": ["pageerror"], "kind": ["text"], "alt": [None], "nofollow": [1],
        "metrics": [{"majestic_source_cf": 30.0, "majestic_source_tf": 20.0}],
        "labels": [{"majestic_link_subtype": "Plain"}],
    }  # fmt: skip


def test_moz_pages_have_a_preamble_and_no_scheme() -> None:
    found = read_data("moz_pages.csv")
    assert found.reading.source.name == "moz_pages" and found.columns["row"] == [8, 9]
    assert found.columns["value"] == ["https://www.shop.example/", "https://shop.example/about"]
    assert found.columns["links"] == [1204, 2] and found.columns["domains"] == [300, 1]
    assert found.columns["target_domain"] == ["shop.example"] * 2
    assert found.columns["metrics"] == [
        {"moz_pa": 54.0, "http_status": 200.0, "moz_outbound_domains": 3.0, "moz_outbound_links": 40.0},
        {"moz_pa": 11.0, "moz_outbound_domains": 0.0, "moz_outbound_links": 0.0},
    ]
    assert found.columns["labels"][0] == {"title": "Lamps, all of them"}


def test_moz_inbound_links() -> None:
    assert values("moz_backlinks.csv") == {
        "source_url": ["http://www.blog.test/a", "https://moved.test/b"],
        "target_url": ["http://shop.example/", "https://shop.example/new"],
        "title": ["A post", "B"], "anchor": ["bright lamp", "lamp"], "alt": [None, None],
        "nofollow": [0, 1], "kind": ["text", "redirect"],
        "metrics": [
            {"moz_spam": 3.0, "moz_pa": 40.0, "moz_da": 50.0,
             "moz_page_refdomains": 7.0, "moz_domain_refdomains": 90.0},
            {"moz_spam": 9.0, "moz_pa": 1.0, "moz_da": 2.0,
             "moz_page_refdomains": 0.0, "moz_domain_refdomains": 1.0},
        ],
        "labels": [{"moz_origin": "external"}] * 2,
    }  # fmt: skip


def test_bing() -> None:
    domains = read_data("bing_domains.csv")
    assert domains.reading.source.name == "bing_domains"
    assert domains.columns == {"source_domain": ["blog.test", "news.example"], "row": [2, 3], "links": [1240, 3]}
    pages = read_data("shop.example_ReferringPages_4_9_2026.csv")
    assert pages.reading.source.name == "bing_pages" and pages.reading.export_date.isoformat() == "2026-04-09"
    assert {name: column for name, column in pages.columns.items() if name not in DERIVED} == {
        "source_url": ["https://blog.test/a"], "target_url": ["https://shop.example/lamps"], "anchor": ["bright lamp"],
    }  # fmt: skip
    assert values("bing_anchors.csv") == {"value": ["bright lamp"], "links": [12]}


# --- Generic CSV --------------------------------------------------------------------------------------------------
def test_generic_links_by_the_usual_names() -> None:
    found = read_data("generic_links.csv")
    assert found.reading.source.name == "csv_links"
    shown = {name: column for name, column in found.columns.items() if name not in DERIVED}
    assert shown == {
        "source_url": ["https://blog.test/a", "https://news.example/b", "https://forum.example/c"],
        "target_url": ["https://shop.example/", "https://shop.example/lamps", "https://shop.example/"],
        "anchor": ["bright lamp", "lamps", "x"],
        "nofollow": [1, 0, -1], "ugc": [1, 0, -1], "sponsored": [0, 1, -1],
        "first_seen": [at("2024-05-13"), at("2024-06-02"), at("2024-07-03")],
        "last_seen": [at("2026-04-02"), at("2026-04-03"), 0],
    }  # fmt: skip


def test_generic_mapping_keeps_unknown_columns_as_metrics_and_labels() -> None:
    mapping = {"source_url": "Backlink", "metric:score": "Shop score", "label:notes": "Notes"}
    found = read_data("generic_links.csv", mapping=mapping)
    assert found.columns["metrics"] == [{"score": 1.5}, {"score": 7.0}, {}]
    assert found.columns["labels"][0] == {"notes": "first"}
    assert found.columns["target_url"] == ["https://shop.example/"] * 3, "a row without target is about the project"


def test_dofollow_says_nothing_about_ugc_and_sponsored() -> None:
    found = values("generic_dofollow.csv")
    assert found["nofollow"] == [0, 1, -1] and "ugc" not in found and "sponsored" not in found


def test_generic_domains_need_to_be_told() -> None:
    with pytest.raises(NeedsMapping) as asked:
        read_data("generic_domains.csv")
    assert asked.value.suggested == {"source_domain": "Referring domain", "ip": "IP address", "country": "Country"}
    found = read_data("generic_domains.csv", mapping=asked.value.suggested | {"metric:price": "Price"})
    assert found.reading.source.yields == "domains"
    assert found.columns == {
        "source_domain": ["blog.test", "news.example"], "row": [2, 3], "country": ["DE", ""], "ip": ["192.0.2.1", ""],
        "metrics": [{"price": 1200.5}, {}],
    }  # fmt: skip
    assert read_data("generic_domains.csv", format="csv_domains").columns["source_domain"] == [
        "blog.test",
        "news.example",
    ]


def test_dates_that_can_be_read_both_ways_are_asked() -> None:
    text = "source url,first seen\nhttps://a.test/,03/04/2026\nhttps://b.test/,05/06/2026\n"
    with pytest.raises(NeedsMapping) as asked:
        read(text)
    assert asked.value.dates == ("03/04/2026",) and "03/04/2026" in str(asked.value)
    day = read(text, mapping=asked.value.suggested | {"date_order": "day_first"})
    assert day.columns["first_seen"] == [at("2026-04-03"), at("2026-06-05")]
    month = read(text, mapping=asked.value.suggested | {"date_order": "month_first"})
    assert month.columns["first_seen"] == [at("2026-03-04"), at("2026-05-06")]


def test_one_late_row_settles_the_dates_of_its_whole_column() -> None:
    rows = ["https://a.test/,03/04/2026"] * 700
    found = read("\n".join(["source url,first seen", *rows, "https://a.test/,03/25/2026"]))
    assert found.columns["first_seen"][0] == at("2026-03-04") and found.columns["first_seen"][-1] == at("2026-03-25")
    assert found.rows == 701


# --- Detection ----------------------------------------------------------------------------------------------------
def test_every_source_has_a_file_here() -> None:
    seen = {read_data(path.name, mapping=lambda header: {"source_domain": header[0]}).reading.source.name
            for path in DATA.glob("*.csv")}  # fmt: skip
    assert {source.name for source in SOURCES} <= seen


def test_the_name_of_a_file_does_not_matter() -> None:
    data = (DATA / "semrush_backlinks.csv").read_bytes()
    assert read(data, "ahrefs-anchors.txt").reading.source.name == "semrush_backlinks"


def test_three_columns_are_bing_and_four_are_not() -> None:
    assert (
        read(
            "Source url,Anchor text,Target url,Colour\nhttps://a.test/,x,https://shop.example/,red\n"
        ).reading.source.vendor
        == "csv"
    )


def test_an_unknown_format_is_told_the_names() -> None:
    with pytest.raises(UnreadableFile, match=r"no format 'semrush'.*semrush_backlinks") as told:
        read_data("semrush_backlinks.csv", format="semrush")
    assert "csv_links" in str(told.value) and "gsc_internal" in str(told.value)


def test_a_named_format_wins_over_what_was_found() -> None:
    assert read_data("gsc_internal.csv", format="gsc_sample").reading.source.name == "gsc_sample"
    assert read_data("gsc_sample.csv", format="gsc_internal").reading.source.name == "gsc_internal"
    forced = read("Url,Datum\nhttps://a.test/,2026-01-02\nno url,never\n", format="gsc_latest")
    assert forced.columns["last_seen"] == [at("2026-01-02")] and list(forced.refused) == [3]
    with pytest.raises(UnreadableFile, match="cannot be read as Ahrefs backlinks: it lacks left context"):
        read_data("semrush_backlinks.csv", format="ahrefs_backlinks")


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "The file is empty"),
        (b"\xef\xbb\xbf\r\n\r\n", "The file is empty"),
        (b'[{"url": "https://a.test/"}]', "This is JSON"),
        (b"<html><table><tr><td>https://a.test/", "This is a web page"),
        (b"%PDF-1.7", "This is a PDF"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Excel file"),
        (b"WARC/1.0\r\nWARC-Type: response", "a web archive"),
        (b"# bad links\ndomain:spam.test\nhttps://a.test/x\n", "This is a disavow file"),
        (b"https://a.test/\nhttps://b.test/c\n", "a list of URLs without a header"),
        (b"a" * 1_000_000, "one line of more than 64 KB"),
        (b"a," * 600 + b"\n", "more than 500 columns"),
    ],
)
def test_what_is_no_table_is_told_in_a_sentence(data: bytes, sentence: str) -> None:
    with pytest.raises(UnreadableFile, match=sentence) as told:
        read(data)
    assert str(told.value).endswith(".")


def test_a_table_without_header_is_asked_with_its_columns_numbered() -> None:
    with pytest.raises(NeedsMapping) as asked:
        read("https://a.test/,https://shop.example/,click,2026-01-02\n")
    assert asked.value.header == ["column 1", "column 2", "column 3", "column 4"]
    assert asked.value.preview == [["https://a.test/", "https://shop.example/", "click", "2026-01-02"]]
    assert asked.value.suggested == {"source_url": "column 1", "target_url": "column 2"}
    found = read("https://a.test/,https://shop.example/,click,2026-01-02\n", mapping=asked.value.suggested)
    assert found.rows == 1 and found.columns["row"] == [1]


def test_a_doubled_header_is_asked() -> None:
    with pytest.raises(NeedsMapping):
        read("source_url,source_url,anchor\nhttps://a.test/,https://b.test/,x\n")


def test_rows_of_another_target_keep_it() -> None:
    found = read_data("semrush_backlinks.csv", target=Target.parse("rival.test"))
    assert found.columns["target_domain"] == ["shop.example"] * 3
