"""Real exports, where they are present: every row accounted for, and domains counted again by other means."""

import csv
import io
from pathlib import Path

import ada_url
import pytest
from publicsuffixlist import PublicSuffixList

from seoapp.lib.weburl import Target

from .reading import SHARED, read

SAMPLES = SHARED / "samples" / "exports"
SUFFIXES = PublicSuffixList()
# file, the site it is about, format, rows, column of the page or domain (None: this file gives none)
FILES = [
    ("gsc_johnmurch/latest-links.csv", "johnmurch.com", "gsc_latest", 18, "Linking page"),
    ("gsc_sparkshark/latest-links.csv", "sparkshark.com", "gsc_latest", 28, "Linking page"),
    ("gsc_sparkshark/more-sample-links.csv", "sparkshark.com", "gsc_sample", 28, "Linking page"),
    ("gsc_sparkshark/top-linking-sites.csv", "sparkshark.com", "gsc_sites", 17, "Site"),
    ("gsc_sparkshark/top-linking-text.csv", "sparkshark.com", "gsc_texts", 10, None),
    ("gsc_sparkshark/top-target-pages-external.csv", "sparkshark.com", "gsc_pages", 2, None),
    ("gsc_sparkshark/top-target-pages-internal.csv", "sparkshark.com", "gsc_internal-pages", 13, None),
    *((f"gsc_sparkshark/your-pages-linking-{n}.csv", "sparkshark.com", "gsc_internal", 26, None) for n in range(6)),
    ("gsc_sparkshark/ahrefs-awt-backlinks-scrape.csv", "sparkshark.com", "ahrefs_awt-backlinks", 1000, "src_url"),
    ("gsc_sparkshark/ahrefs-awt-referring-domains-scrape.csv", "sparkshark.com", "ahrefs_awt-domains", 90, "root_name"),
    ("moz_activtrak/top-pages.csv", "activtrak.com", "moz_pages", 500, None),
    ("semrush_coinlineup/coinlineup.com-backlinks.csv", "coinlineup.com", "semrush_backlinks", 7235, "Source url"),
]


def registrable(text: str) -> str | None:
    """The domain of a page or host, without the product's own code."""
    try:
        host = ada_url.URL(text if "://" in text else f"http://{text}").hostname
    except ValueError:
        return None
    return SUFFIXES.privatesuffix(host) or host


@pytest.mark.skipif(not SAMPLES.exists(), reason="the shared samples are not here")
@pytest.mark.parametrize(("path", "site", "source", "rows", "column"), FILES, ids=[one[0] for one in FILES])
def test_real_exports(path: str, site: str, source: str, rows: int, column: str | None) -> None:
    data = (SAMPLES / path).read_bytes()
    found = read(data, Path(path).name, target=Target.parse(site))
    assert found.reading.source.name == source
    assert found.rows == rows == len(found.columns.get("row", [])) + len(found.refused)
    assert all(reason for reason in found.refused.values())
    if source.startswith("gsc_internal"):
        assert len(found.refused) == rows
    elif column is None:
        assert not found.refused
    else:
        table = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))
        own = registrable(site)
        counted = {registrable(row[column]) for row in table} - {None, own}
        assert set(found.columns["source_domain"]) == counted
        internal = sum(registrable(row[column]) == own for row in table)
        assert len(found.refused) == internal + sum(registrable(row[column]) is None for row in table)


@pytest.mark.skipif(not SAMPLES.exists(), reason="the shared samples are not here")
def test_a_real_export_in_small_blocks_is_the_same() -> None:
    data = (SAMPLES / "semrush_coinlineup/coinlineup.com-backlinks.csv").read_bytes()
    target = Target.parse("coinlineup.com")
    assert read(data, target=target, size=97).columns == read(data, target=target).columns


@pytest.mark.skipif(not (SHARED / "samples").exists(), reason="the shared samples are not here")
@pytest.mark.parametrize("path", sorted((SHARED / "samples" / "disavow").glob("*.txt")), ids=lambda path: path.name)
def test_real_disavow_files_are_told_apart(path: Path) -> None:
    with pytest.raises(ValueError, match="disavow"):
        read(path.read_bytes(), path.name)
