"""How long an import takes beside a bare `csv.reader` pass over the same file.

Makes a file of Semrush's backlink format by itself (19 columns; 60,000 referring domains, a long tail of pages),
reads it with `csv.reader` alone, then imports it as `import_links` does: received, read, settled and visible, on a data
folder of its own. Prints the ratio, rows a second, the peak memory of this process, and where the time went.

    python bench/import.py [--rows 1000000] [--keep FOLDER] [--profile]
"""

import argparse
import cProfile
import csv
import functools
import os
import pstats
import random
import resource
import shutil
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
HEADER = (
    "Page ascore,Source title,Source url,Target url,Anchor,External links,Internal links,Nofollow,Sponsored,Ugc,Text,"
    "Frame,Form,Image,Sitewide,First seen,Last seen,New link,Lost link"
)
TEXT = (
    "garden tool review best cheap guide light lamp kitchen travel north river stone market paper coffee winter house "
    "bicycle repair school green energy local artist music studio wooden table smart watch running shoes summer recipe"
)
WORDS = TEXT.split()
ENDINGS = ("com", "org", "de", "net", "co.uk")
DOMAINS, TARGETS = 60_000, 3_000


def write_sample(path: Path, rows: int) -> None:
    """A file of `rows` links to shop.example, the same at every call."""
    dice = random.Random(2)
    hosts = [
        f"{'www.' if n % 3 else ''}{dice.choice(WORDS)}-{dice.choice(WORDS)}{n}.{dice.choice(ENDINGS)}"
        for n in range(DOMAINS)
    ]
    targets = [f"https://shop.example/{dice.choice(WORDS)}/{dice.choice(WORDS)}-{n}" for n in range(TARGETS)]
    anchors = ["", *(f"{dice.choice(WORDS)} {dice.choice(WORDS)} {n}" for n in range(20_000))]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER.split(","))
        for number in range(rows):
            writer.writerow(_row(dice, number, hosts, targets, anchors))


def _row(dice: random.Random, number: int, hosts: list[str], targets: list[str], anchors: list[str]) -> list[Any]:
    host = hosts[int(DOMAINS * dice.random() ** 3)]
    words = [dice.choice(WORDS) for _ in range(6)]
    page = f"https://{host}/{words[0]}/{words[1]}-{words[2]}-{words[3]}-{number}"
    title = f"{' '.join(words).title()}, {words[0]} and {words[5]} | {host}"
    image, lost = dice.random() < 0.03, dice.random() < 0.1
    first = f"202{dice.randint(1, 5)}-{dice.randint(1, 12):02}-{dice.randint(1, 28):02}"
    return [
        dice.randint(0, 60), title, page, targets[int(TARGETS * dice.random() ** 4)],
        anchors[int(20_000 * dice.random() ** 3)], dice.randint(1, 300), dice.randint(1, 900),
        _word(dice.random() < 0.4), _word(dice.random() < 0.02), _word(dice.random() < 0.05), _word(not image), "false",
        "false", _word(image), _word(dice.random() < 0.2), first,
        f"2026-0{dice.randint(1, 6)}-{dice.randint(1, 28):02}", _word(not lost and dice.random() < 0.1), _word(lost),
    ]  # fmt: skip


def _word(value: bool) -> str:  # noqa: FBT001
    return "true" if value else "false"


def bare_pass(path: Path) -> tuple[float, float]:
    """(seconds, CPU seconds) of `csv.reader` alone, the best of three."""
    passes = []
    for _ in range(3):
        started, cpu = time.perf_counter(), time.process_time()
        with path.open(encoding="utf-8", newline="") as file:
            count = sum(1 for _ in csv.reader(file))
        passes.append((time.perf_counter() - started, time.process_time() - cpu))
    best = min(passes)
    size = path.stat().st_size / 1e6
    print(f"csv.reader alone: {count - 1:,} rows, {size:.0f} MB, {best[0]:.2f} s ({best[1]:.2f} s CPU)")
    return best


class Clock:
    """Seconds spent in named functions, per thread kind."""

    def __init__(self) -> None:
        self.spent: dict[str, float] = defaultdict(float)

    def watch(self, owner: Any, name: str, label: str) -> None:
        inner: Callable[..., Any] = getattr(owner, name)

        @functools.wraps(inner)
        def timed(*arguments: Any, **options: Any) -> Any:
            started = time.perf_counter()
            try:
                return inner(*arguments, **options)
            finally:
                here = "" if threading.current_thread() is threading.main_thread() else " (beside the reading)"
                self.spent[label + here] += time.perf_counter() - started

        setattr(owner, name, timed)


def imported(path: Path, *, profile: bool) -> tuple[float, Clock, dict[str, int]]:
    """Seconds of the whole import, where they went, and what it counted. Needs SEOAPP_DATA and Django set up."""
    import django  # noqa: PLC0415  (settings are read from the environment that main() has made)

    django.setup()
    from django.core.files import File  # noqa: PLC0415
    from django.core.management import call_command  # noqa: PLC0415

    from backlinks import imports, index, loading  # noqa: PLC0415
    from backlinks.models import Import  # noqa: PLC0415
    from backlinks.sources.rows import Rows  # noqa: PLC0415
    from backlinks.sources.transform import Transform  # noqa: PLC0415
    from projects import lookup, runs  # noqa: PLC0415

    call_command("migrate", verbosity=0, interactive=False)
    index.migrate()
    project, _ = lookup.create_project(workspace=lookup.workspace_named("Bench"), domain="shop.example")
    clock = Clock()
    for owner, name, label in (
        (imports, "receive", "receive"), (Rows, "block", "parse"), (Transform, "chunk", "transform"),
        (loading, "_columns", "columns"), (index, "add", "insert"), (index, "complete", "settle"),
        (index, "distinct_rows", "count doubles"),
    ):  # fmt: skip
        clock.watch(owner, name, label)
    profiler = cProfile.Profile() if profile else None
    started = time.perf_counter()
    if profiler:
        profiler.enable()
    with path.open("rb") as stream:
        made = imports.receive(project=project, user=None, file=File(stream, name=path.name), name=path.name).made
    runs.execute(made.run_id)
    if profiler:
        profiler.disable()
        pstats.Stats(profiler).sort_stats("tottime").print_stats(35)
    spent = time.perf_counter() - started
    made = Import.objects.get(pk=made.pk)
    if made.state != Import.State.DONE:
        made.run.refresh_from_db()
        sys.exit(f"The import ended as {made.state}: {made.error or made.run.error}")
    head = index.headline(
        index.LinkQuery.parse(workspace=project.workspace_id, target=project.target, report="links", params={})
    )
    counts = {name: getattr(made, name) for name in ("rows", "accepted", "rejected", "duplicates")}
    return spent, clock, counts | {"links": head.links, "referring_domains": head.referring_domains}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--keep", type=Path, help="keep the sample file in this folder, and use it again")
    parser.add_argument("--profile", action="store_true", help="print where Python spends its time (slows it down)")
    options = parser.parse_args()
    sys.path.insert(0, str(ROOT))
    work = Path(tempfile.mkdtemp(prefix="linkledger-bench-"))
    os.environ |= {
        "SEOAPP_DATA": str(work / "data"),
        "DJANGO_SETTINGS_MODULE": "seoapp.settings",
        "LOG_LEVEL": "WARNING",
    }
    try:
        path = (options.keep or work) / f"shop.example-backlinks-{options.rows}.csv"
        if not path.exists():
            write_sample(path, options.rows)
        bare, bare_cpu = bare_pass(path)
        cpu = time.process_time()
        spent, clock, counts = imported(path, profile=options.profile)
        cpu = time.process_time() - cpu
        print(f"import, settled and visible: {spent:.2f} s ({cpu:.2f} s CPU here), {options.rows / spent:,.0f} rows/s")
        for label, seconds in sorted(clock.spent.items(), key=lambda one: -one[1]):
            print(f"  {label:32} {seconds:7.2f} s")
        print(
            f"peak memory of the importing process: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB"
        )
        print(", ".join(f"{name} {count:,}" for name, count in counts.items()))
        print(f"ratio: {spent / bare:.1f} x csv.reader (aim: at most 10); CPU of this process {cpu / bare_cpu:.1f} x")
    finally:
        shutil.rmtree(work, ignore_errors=True)


if __name__ == "__main__":
    main()
