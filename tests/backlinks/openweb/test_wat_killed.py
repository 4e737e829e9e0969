"""What a WAT file has brought: exactly once whatever was killed, and out again when it is taken out."""

import signal
from datetime import datetime
from pathlib import Path

import pytest
from django.db import connection

from backlinks.models import OpenImport
from backlinks.openweb import wat as reading
from projects.models import Run
from tests import killed
from tests.backlinks.openweb.archived import imported, observed, page, shown, wat
from tests.factories import profile_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("link_index")]
AT = datetime(2026, 3, 1, 10)
SMALL = """import os, sys
sys.path.insert(0, os.getcwd())
import django
django.setup()
from backlinks.openweb import wat_blocks
wat_blocks.BLOCK = 10
from django.core.management import call_command
call_command("import_wat", sys.argv[1], json=True)
"""
EVERYTHING = "source_url, target_url, anchor, row, first_seen, ext_links"


POINTS = ("wat block", "batch complete", "wat published")


@pytest.mark.django_db(transaction=True)
def test_killed_at_every_point_a_further_run_adds_nothing_twice(tmp_path: Path) -> None:
    """Each run goes on where the last one was killed, and is killed at the next point."""
    pages = [page(f"https://s{n}.example/", ["https://client.example/"]) for n in range(40)]
    path = wat(tmp_path / "a.wat.gz", pages)
    connection.close()
    for point in POINTS:
        ended = killed.python("-c", SMALL, str(path), kill_at=point)
        assert ended.returncode == -signal.SIGKILL, (point, ended.stderr)
        assert point == "wat published" or shown() == [], "never half"
        Run.objects.update(lease_until=None, state=Run.State.QUEUED)
    resumed = killed.python("-c", SMALL, str(path))
    assert resumed.returncode == 0, resumed.stderr
    wanted = [(f"https://s{n}.example/", "https://client.example/", "", n + 1, AT, 1) for n in range(40)]
    assert observed(EVERYTHING) == sorted(wanted)
    assert profile_of(workspace=0, target="client.example").links == 40
    made = OpenImport.objects.get()
    assert (made.state, made.rows, made.progress["counts"]["links"]) == ("done", 40, 40)


def test_what_a_file_brought_can_be_taken_out(tmp_path: Path) -> None:
    path = wat(tmp_path / "one.wat.gz", [page(links=["https://b.example/x"])])
    assert imported(path)["links"] == 1
    assert profile_of(workspace=0, target="b.example").links == 1
    assert reading.remove("one.wat.gz") == 1
    assert profile_of(workspace=0, target="b.example").links == 0
    with pytest.raises(reading.Refused, match=r"No file one\.wat\.gz counts"):
        reading.remove("one.wat.gz")
    assert imported(path)["links"] == 1
