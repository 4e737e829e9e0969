"""How many pages a second of CPU the crawler fetches, reads and stores, beside Scrapy with the same work, in one run.

A server on loopback plays the small web of the tests: 200 hosts. Our workers and Scrapy get the same list of pages,
obey robots.txt, ask each host for one page at a time, read with the same code (`crawl.child.read`: every link with its
context, the facts of the page) and put the same rows into the same index in blocks; what they stored is compared. The
seconds are CPU seconds of the crawling processes and their children, start included, not of the server and the index;
ours also keep the frontier and every visit as rows in SQLite, which Scrapy does not. Then 1, 2 and 4 workers on one
crawl, and the memory of a worker as the pages go by. Port 80 makes the addresses those of the real web; where it may
not be had, the port in each address costs both sides alike.

    python bench/crawl.py [--hosts 200] [--pages 30] [--rounds 2] [--memory-pages 50000] [--profile]
"""

import argparse
import json
import os
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.web.sites import Site, Web  # noqa: E402

AIM = 2.0
SLOW = frozenset(("/slow", "/flaky", "/busy"))  # they wait or fail by design, and say nothing about speed
NOT_COMPARED = {"batch", "row", "first_seen", "last_seen", "fetched_at", "seconds", "bytes", "depth", "report"}
TABLES = ("observations", "internal_links", "crawled_pages")


@dataclass(slots=True)
class Spent:
    """What a crawl took."""

    who: str
    pages: int
    wall: float
    cpu: float
    memory: list[tuple[float, int]] = field(default_factory=list)  # (seconds since the start, MB of worker and reader)

    @property
    def per_core(self) -> float:
        return self.pages / self.cpu


# --- The web --------------------------------------------------------------------------------------------------------
@contextmanager
def web_process(hosts: int, pages: int, log: Path) -> Iterator[Web]:
    port = _port()
    command = [sys.executable, "-m", "tests.web.server", "--hosts", str(hosts), "--pages", str(pages)]
    process = subprocess.Popen(
        [*command, "--port", str(port), "--log", str(log)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    try:
        json.loads(process.stdout.readline())  # type: ignore[union-attr]
        yield Web(hosts=hosts, pages=pages, port=port)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(10)


def _port() -> int:
    """80 where it is free and allowed."""
    for port in (80, 0):
        try:
            with socket.create_server(("127.0.0.1", port)) as free:
                return free.getsockname()[1]
        except OSError:
            continue
    raise SystemExit("No port of 127.0.0.1 is free.")


def addresses(web: Web) -> list[str]:
    """The pages of the list, host by host in turn, with two that robots.txt forbids; sites that stop crawlers apart."""
    sites = [site for site in web.sites if site.number % 10 not in (3, 6)]  # a Crawl-delay; no robots.txt to be had
    columns = [[site.url(path) for path in _paths(site)] for site in sites]
    longest = max(map(len, columns))
    return [column[n] for n in range(longest) for column in columns if n < len(column)]


def _paths(site: Site) -> list[str]:
    private = () if site.number % 10 in (5, 7) else ("/private/1", "/private/2")
    return [path for path in (*site.paths, *private) if path not in SLOW]


# --- Ours -----------------------------------------------------------------------------------------------------------
def crawl_with(workers: int, urls: Sequence[str], *, profile: str = "") -> tuple[Spent, int]:
    """Our crawler on the list with so many processes; what it took, and the batch that holds its rows."""
    from backlinks import index  # noqa: PLC0415
    from backlinks.crawl import frontier, storing  # noqa: PLC0415
    from backlinks.crawl.models import Crawl, CrawlHost, CrawlUrl, Parcel, RobotsFile  # noqa: PLC0415
    from projects import lookup  # noqa: PLC0415
    from seoapp.lib.weburl import parse  # noqa: PLC0415

    project = lookup.project_named("shop.example")
    RobotsFile.objects.all().delete()
    CrawlHost.objects.all().delete()
    crawl = Crawl.objects.create(
        workspace=project.workspace, project=project, kind="list", starts=[], batch=index.new_batch_id(),
        max_pages=10 * len(urls), max_seconds=86_400, state="running",
    )  # fmt: skip
    frontier.add(crawl.pk, [frontier.Address(parse(url)) for url in urls])
    index.begin(storing.batch_of(crawl))
    who = f"Linkledger, {workers} process{'es' * (workers > 1)}"
    spent = measured(who, ["worker", str(crawl.pk), profile], workers)
    waiting = CrawlUrl.objects.filter(crawl=crawl, state="queued").count()
    if waiting or Parcel.objects.filter(crawl=crawl).exists():
        sys.exit(f"The crawl is not over: {waiting} addresses wait.")
    spent.pages = CrawlUrl.objects.filter(crawl=crawl, status=200).count()
    return spent, crawl.batch


def work(crawl_id: str, profile: str) -> None:
    """A worker's process."""
    import cProfile  # noqa: PLC0415

    from backlinks.crawl.models import Crawl  # noqa: PLC0415
    from backlinks.crawl.plans import plan_of  # noqa: PLC0415
    from backlinks.crawl.worker import Worker  # noqa: PLC0415

    crawl = Crawl.objects.select_related("project", "workspace").get(pk=int(crawl_id))
    profiler = cProfile.Profile()
    if profile:
        profiler.enable()
    Worker(crawl, plan_of(crawl), lambda: False).work()
    if profile:
        profiler.disable()
        profiler.dump_stats(profile)


# --- Scrapy ---------------------------------------------------------------------------------------------------------
def crawl_with_scrapy(urls: Sequence[str], folder: Path) -> tuple[Spent, int]:
    from backlinks import index  # noqa: PLC0415

    batch, path = index.new_batch_id(), folder / "urls.txt"
    path.write_text("\n".join(urls))
    index.begin(_scrapys(batch))
    spent = measured("Scrapy, 1 process", ["scrapy", str(batch), str(path)], 1)
    spent.pages = _rows("crawled_pages", batch)[0]
    return spent, batch


def _scrapys(batch: int) -> Any:
    from backlinks import index  # noqa: PLC0415
    from projects import lookup  # noqa: PLC0415

    return index.Batch(lookup.project_named("shop.example").workspace_id, batch, "crawl", "list", "Scrapy")


def spider(batch: str, path: str) -> None:
    """Scrapy's process: fetch, read as our reading process does, store in blocks as our worker does."""
    from bench import scrapy_peer  # noqa: PLC0415

    scrapy_peer.run(_scrapys(int(batch)), Path(path).read_text().split("\n"))


# --- Measuring ------------------------------------------------------------------------------------------------------
def measured(who: str, part: list[str], processes: int) -> Spent:
    """Wall and CPU seconds of so many processes of this script, with all their children, until the last has ended."""
    started, memory = time.perf_counter(), []
    running = {subprocess.Popen([sys.executable, __file__, "--part", *part]).pid for _ in range(processes)}
    first, cpu = min(running), 0.0
    while running:
        pid, status, usage = os.wait4(-1, os.WNOHANG)
        if not pid:
            memory.append((time.perf_counter() - started, _memory(first)))
            time.sleep(0.1)
        elif pid in running:
            running.discard(pid)
            cpu += usage.ru_utime + usage.ru_stime
            if status:
                sys.exit(f"{who}: a process ended with {status}.")
    return Spent(who, 0, time.perf_counter() - started, cpu, memory)


def _memory(pid: int) -> int:
    """MB of a process and its children."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        return sum(_resident(one) for one in (str(pid), *children))
    except OSError:
        return 0


def _resident(pid: str) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next((int(line.split()[1]) // 1024 for line in lines if line.startswith("VmRSS")), 0)


def _rows(table: str, batch: int) -> tuple[int, int]:
    """(how many rows a batch has in a table, a sum of their hashes without what two runs may differ in)."""
    from backlinks.index import engine  # noqa: PLC0415

    found = engine.read(
        "SELECT name FROM system.columns WHERE database = currentDatabase() AND table = {table:String}",
        {"table": table},
    )
    names = [row["name"] for row in found if row["name"] not in NOT_COMPARED]
    row = engine.read(
        f"SELECT count() AS n, sum(cityHash64({', '.join(names)})) AS hash FROM {table} WHERE batch = {{batch:UInt64}}",
        {"batch": batch},
    )[0]
    return row["n"], row["hash"]


def check_same(ours: int, theirs: int) -> list[str]:
    """Both batches hold the same rows, or the run ends here."""
    said = []
    for table in TABLES:
        here, there = _rows(table, ours), _rows(table, theirs)
        if here != there or not here[0]:
            sys.exit(f"Not the same rows in {table}: ours {here}, theirs {there}.")
        said.append(f"{here[0]:,} {table}")
    return said


# --- The whole ------------------------------------------------------------------------------------------------------
def prepare() -> None:
    from django.core.management import call_command  # noqa: PLC0415

    from backlinks import index  # noqa: PLC0415
    from projects import lookup  # noqa: PLC0415

    call_command("migrate", verbosity=0, interactive=False)
    index.migrate()
    lookup.create_project(workspace=lookup.workspace_named("Bench"), domain="shop.example")


def compare(urls: list[str], folder: Path, rounds: int) -> None:
    ours, theirs = [], []
    for _ in range(rounds):
        spent, our_batch = crawl_with(1, urls)
        ours.append(spent)
        spent, their_batch = crawl_with_scrapy(urls, folder)
        theirs.append(spent)
        said = check_same(our_batch, their_batch)
    print(f"Both stored the same rows each time: {', '.join(said)}.")
    table([*ours, *theirs])
    ratio = statistics.median(one.per_core for one in ours) / statistics.median(one.per_core for one in theirs)
    print(f"Ratio of the medians: {ratio:.2f} x Scrapy (aim: at least {AIM:g})\n")


def table(rows: Sequence[Spent]) -> None:
    print(f"{'':32}{'pages':>8}{'wall s':>8}{'CPU s':>8}{'pages/s':>9}{'pages/CPU s':>12}{'ms CPU/page':>12}{'MB':>6}")
    for one in rows:
        most = max((size for _, size in one.memory), default=0)
        print(
            f"{one.who:32}{one.pages:8,}{one.wall:8.1f}{one.cpu:8.1f}{one.pages / one.wall:9.0f}{one.per_core:12.0f}"
            f"{1000 * one.cpu / one.pages:12.2f}{most:6}"
        )


def scale(urls: list[str], reference: int | None = None) -> None:
    rows = []
    for workers in (1, 2, 4):
        spent, batch = crawl_with(workers, urls)
        check_same(reference or batch, batch)
        reference = reference or batch
        rows.append(spent)
    table(rows)
    print(
        f"On {os.cpu_count()} cores, which the server and the index share; load at the end {os.getloadavg()[0]:.1f}.\n"
    )


def remember(urls: list[str]) -> None:
    """Memory of one worker and its reader as the pages go by."""
    spent, _ = crawl_with(1, urls)
    table([spent])
    print(f"{os.cpu_count()} cores; load at the end {os.getloadavg()[0]:.1f}")
    marks = [spent.memory[len(spent.memory) * n // 10] for n in range(1, 10)]
    print("MB after each tenth of the time: " + ", ".join(str(size) for _, size in marks))
    half = [size for _, size in spent.memory[len(spent.memory) // 10 : -2]]
    middle = len(half) // 2
    first, second = statistics.median(half[:middle]), statistics.median(half[middle:])
    print(f"Median of the first half {first:.0f} MB, of the second {second:.0f} MB")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hosts", type=int, default=200)
    parser.add_argument("--pages", type=int, default=30, help="articles of each host")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--memory-pages", type=int, default=0, help="watch a worker's memory over so many pages")
    parser.add_argument("--profile", help="write a profile of one worker to this file, and do nothing else")
    parser.add_argument("--part", nargs="+", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.part:
        import django  # noqa: PLC0415

        django.setup()
        {"worker": work, "scrapy": spider}[options.part[0]](*options.part[1:])
        return
    folder = Path(tempfile.mkdtemp(prefix="linkledger-bench-"))
    os.environ |= {
        "SEOAPP_DATA": str(folder / "data"), "DJANGO_SETTINGS_MODULE": "seoapp.settings", "LOG_LEVEL": "WARNING",
        "SEOAPP_ALLOWED_PRIVATE_HOSTS": "127.0.0.1", "CRAWL_DELAY_SECONDS": "0",
    }  # fmt: skip
    import django  # noqa: PLC0415

    django.setup()
    try:
        prepare()
        pages = max(options.pages, -(-options.memory_pages // (options.hosts * 8 // 10)))
        with web_process(options.hosts, pages, folder / "log") as web:
            small = addresses(Web(hosts=options.hosts, pages=options.pages, port=web.port))
            if options.profile:
                table([crawl_with(1, small, profile=options.profile)[0]])
                return
            compare(small, folder, options.rounds)
            scale(small)
            if options.memory_pages:
                remember(addresses(web)[: options.memory_pages])
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
