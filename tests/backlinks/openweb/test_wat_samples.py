"""Real WAT records of Common Crawl, where they are present."""

from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError

from tests.backlinks.openweb.archived import imported, observed, wat

SAMPLES = settings.BASE_DIR.parent / "shared" / "samples" / "warc" / "commoncrawl"
pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("link_index"),
    pytest.mark.skipif(not SAMPLES.is_dir(), reason="the real records are not here"),
]


def test_a_real_record_of_a_page(tmp_path: Path) -> None:
    body = (SAMPLES / "wat_response_record_2020.json").read_bytes()
    told = imported(wat(tmp_path / "a.wat.gz", [body]))
    assert (told["rows"], told["links"], told["internal"]) == (1, 0, 12), "all its links stay on rknt.jp"
    assert imported(tmp_path / "a.wat.gz", internal=True)["internal"] == 12
    rows = observed("source_key, anchor, nofollow", "internal_links")
    assert ("01.rknt.jp/rank.php?page=0&id=m5130&genre=607835", "\u71b1\u5e2f\u9b5a", 1) in rows


def test_a_real_file_with_the_record_of_a_request_only() -> None:
    told = imported(SAMPLES / "whirlwind.warc.wat.gz")
    assert (told["rows"], told["rejected"], told["links"]) == (0, 0, 0)
    with pytest.raises(CommandError, match="This is a WET file"):
        imported(SAMPLES / "whirlwind.warc.wet.gz")
