"""What a page costs its server: every report of a target with 1 M links and of one with 100, then a crowd.

On the 20 M-link index (`linkweb.py`), by the web process as `up` starts it (gunicorn, one process, eight threads) over
loopback: each page is fetched whole by a signed-in member, warm, in turns; medians are of the time until its last byte.
The peer in the same run is the frame alone: a page of the product without any figure (the account's name), so that what
the report itself costs is the ratio and the difference. Then 20 members open a report every ten seconds for two
minutes; printed are the 95th percentile, errors, and the memory of web process and index before and after.

    python bench/pages.py [--links 20000000] [--rounds 7] [--folder FOLDER] [--only PART] [--users 20] [--minutes 2]
"""

import argparse
import http.client
import json
import os
import random
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from linkweb import BIG, ROOT, WORKSPACE, index_server, make_index, make_scores, say, set_up

PORT = 8397
FRAME = "/profile/"
EVERY = 10.0  # seconds between two pages of one member
AIMS = {"big": 300, "small": 60}
SMALL, SMALL_OF = "small.example", "t19999.example"
SMALL_SQL = """INSERT INTO observations SELECT * REPLACE ({small:String} AS target_domain,
    {small:String} AS target_host, replaceOne(target_url, {of:String}, {small:String}) AS target_url,
    replaceOne(target_key, {of:String}, {small:String}) AS target_key,
    sipHash64(source_key, replaceOne(target_key, {of:String}, {small:String})) AS link_id)
FROM (SELECT * FROM observations WHERE workspace = {workspace:UInt32} AND target_domain = {of:String} LIMIT 100)"""
# Ways to open a report beside its plain page: (report's URL name, parameters).
VARIANTS = (
    ("links", {"anchor": "anchor 7", "nofollow": "no", "sort": "-first_seen"}),
    ("links", {"sort": "-authority"}),
    ("links", {"group": "domain"}),
    ("links", {"group": "similar"}),
    ("domains", {"sort": "-authority"}),
    ("domains", {"authority_min": "20", "state": "live"}),
)


@dataclass(slots=True)
class Timed:
    """Milliseconds of each opening of one page."""

    url: str
    taken: list[float] = field(default_factory=list)
    size: int = 0


def main() -> int:
    options = _arguments()
    folder = Path(options.folder or tempfile.mkdtemp(prefix="linkledger-bench-pages-"))
    folder.mkdir(parents=True, exist_ok=True)
    set_up(folder)
    try:
        with index_server(folder) as index_process:
            made = make_index(options.links)
            make_scores(options.links)
            small = _small_target()
            cookie, pages = _member(small, options.only)
            with _web(folder) as web_process:
                found = _one_by_one(pages, cookie, options.rounds)
                crowd = _crowd(pages["big"], cookie, options, (web_process.pid, index_process.pid))
        _report(made, small, found, crowd)
    finally:
        if not options.folder:
            shutil.rmtree(folder, ignore_errors=True)
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--links", type=int, default=20_000_000)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--users", type=int, default=20)
    parser.add_argument("--minutes", type=float, default=2.0)
    parser.add_argument("--only", default="", help="only pages whose name contains this")
    parser.add_argument("--folder", default="", help="keep the data here; an index found there is used again")
    return parser.parse_args()


# --- Who opens what -------------------------------------------------------------------------------------------------
def _small_target() -> str:
    """A target with a hundred of the links of another one."""
    from backlinks import index  # noqa: PLC0415
    from backlinks.index import engine  # noqa: PLC0415

    found = {"workspace": WORKSPACE, "small": SMALL, "of": SMALL_OF}
    rows = engine.read(
        "SELECT count() AS n FROM observations WHERE workspace = {workspace:UInt32} AND target_domain = {small:String}",
        found,
    )
    if not rows[0]["n"]:
        engine.write(SMALL_SQL, found)
    index.settle(WORKSPACE, [SMALL])
    return SMALL


def _member(small: str, only: str) -> tuple[str, dict[str, dict[str, Timed]]]:
    """A signed-in member's cookie, and by size of the target: name of a page -> its URL."""
    from django.core.management import call_command  # noqa: PLC0415
    from django.test import Client  # noqa: PLC0415

    from projects import lookup  # noqa: PLC0415
    from projects.models import Competitor, Membership, User, Workspace  # noqa: PLC0415

    call_command("migrate", verbosity=0, interactive=False)
    workspace, _ = Workspace.objects.get_or_create(pk=WORKSPACE, defaults={"name": "Bench", "slug": "bench"})
    project, _ = lookup.create_project(workspace=workspace, domain=BIG)
    for rival in ("t1.example", "t2.example", "t3.example"):
        Competitor.objects.get_or_create(project=project, target=rival)
    user = User.objects.filter(email="bench@agency.example").first() or User.objects.create_user("bench@agency.example")
    Membership.objects.update_or_create(workspace=workspace, user=user, defaults={"role": "editor"})
    client = Client(HTTP_HOST="localhost")
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    cookie = "; ".join(f"{name}={morsel.value}" for name, morsel in client.cookies.items())
    wanted = {"big": _pages(project, {}), "small": _pages(project, {"target": small})}
    return cookie, {
        size: {name: Timed(url) for name, url in urls.items() if only in name} for size, urls in wanted.items()
    }


def _pages(project: Any, keep: dict[str, str]) -> dict[str, str]:
    """Every page of a project that is about a target, as the navigation lists them, and some filtered ones."""
    from django.conf import settings  # noqa: PLC0415
    from django.urls import reverse  # noqa: PLC0415

    from seoapp.lib import registry  # noqa: PLC0415

    def url(name: str, params: dict[str, str]) -> str:
        asked = urlencode({**keep, **params})
        return reverse(name, args=[project.workspace.slug, project.pk]) + (f"?{asked}" if asked else "")

    listed = [page for pages in registry.load(settings.PROJECT_PAGES) for page in pages if page.takes_target]
    made = {page.label: url(page.url_name, {}) for page in listed}
    for name, params in VARIANTS:
        made[f"{name} {urlencode(params)}"] = url(f"backlinks:{name}", params)
    return made


# --- The web process ------------------------------------------------------------------------------------------------
@contextmanager
def _web(folder: Path) -> Iterator["subprocess.Popen[bytes]"]:
    environment = os.environ | {"SEOAPP_DATA": str(folder), "PORT": str(PORT), "SEOAPP_ENV": "embedded"}
    command = [sys.executable, "-m", "gunicorn", "-c", "python:seoapp.web", "seoapp.wsgi"]
    with open(folder / "web.log", "wb") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
    try:
        for _ in range(200):
            if process.poll() is not None or _answers():
                break
            time.sleep(0.1)
        if process.poll() is not None:
            raise SystemExit(f"The web process did not start:\n{(folder / 'web.log').read_text()[-2000:]}")
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


def _answers() -> bool:
    try:
        return _get("/healthz", "")[0] == 200
    except OSError:
        return False


def _get(url: str, cookie: str) -> tuple[int, int, float]:
    """(status, bytes, milliseconds until the last byte)."""
    connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=120)
    started = time.perf_counter()
    connection.request("GET", url, headers={"Host": "localhost", "Cookie": cookie})
    answer = connection.getresponse()
    size = len(answer.read())
    taken = 1000 * (time.perf_counter() - started)
    connection.close()
    return answer.status, size, taken


# --- Measuring ------------------------------------------------------------------------------------------------------
def _one_by_one(pages: dict[str, dict[str, Timed]], cookie: str, rounds: int) -> dict[str, dict[str, Timed]]:
    """Each page in turn, `rounds` times after two that warm up; the frame among them."""
    frame = Timed(FRAME)
    every = [("the frame", frame), *(pair for named in pages.values() for pair in named.items())]
    for number in range(rounds + 2):
        for name, one in every:
            status, one.size, taken = _get(one.url, cookie)
            if status != 200:
                raise SystemExit(f"{name} ({one.url}) answered {status}.")
            if number > 1:
                one.taken.append(taken)
        say(f"round {number + 1} of {rounds + 2}")
    return {"frame": {"the frame": frame}, **pages}


def _crowd(pages: dict[str, Timed], cookie: str, options: argparse.Namespace, pids: tuple[int, int]) -> dict[str, Any]:
    """`users` members, each opening a random report every ten seconds."""
    if not options.users or not options.minutes:
        return {}
    taken: list[float] = []
    errors: list[str] = []
    ends = time.monotonic() + 60 * options.minutes
    urls = [one.url for one in pages.values()]

    def member(number: int) -> None:
        chosen = random.Random(number)
        time.sleep(EVERY * number / options.users)
        while time.monotonic() < ends:
            started = time.monotonic()
            url = chosen.choice(urls)
            try:
                status, _, milliseconds = _get(url, cookie)
            except OSError as error:
                errors.append(f"{url}: {error}")
            else:
                taken.append(milliseconds)
                if status != 200:
                    errors.append(f"{url}: {status}")
            time.sleep(max(0.0, EVERY - (time.monotonic() - started)))

    before = [_memory(pid) for pid in pids]
    threads = [threading.Thread(target=member, args=(number,)) for number in range(options.users)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    after = [_memory(pid) for pid in pids]
    return {
        "opened": len(taken),
        "errors": errors,
        "median": statistics.median(taken),
        "p95": statistics.quantiles(taken, n=100)[94],
        "worst": max(taken),
        "web_mb": (before[0], after[0]),
        "index_mb": (before[1], after[1]),
    }


def _memory(pid: int) -> float:
    """Resident megabytes of a process and its children."""
    family = [pid, *_children(pid)]
    return sum(_resident(one) for one in family)


def _children(pid: int) -> list[int]:
    found = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [grand for one in map(int, found) for grand in (one, *_children(one))]


def _resident(pid: int) -> float:
    text = Path(f"/proc/{pid}/status").read_text()
    return next((int(line.split()[1]) / 1024 for line in text.splitlines() if line.startswith("VmRSS")), 0.0)


# --- What is printed --------------------------------------------------------------------------------------------------
def _report(made: dict[str, float], small: str, found: dict[str, dict[str, Timed]], crowd: dict[str, Any]) -> None:
    frame = statistics.median(found["frame"]["the frame"].taken)
    print(f"{os.cpu_count()} cores; the frame without a report: {frame:.0f} ms")
    for name, value in made.items():
        print(f"  {name:42} {value:>10,.1f}")
    for size, target in (("big", BIG), ("small", small)):
        print(f"\n  {target} (aim {AIMS[size]} ms){'':24} {'median':>8} {'worst':>8} {'x frame':>8} {'KB':>7}")
        for name, one in sorted(found[size].items(), key=lambda pair: -statistics.median(pair[1].taken)):
            median = statistics.median(one.taken)
            over = " over" if median > AIMS[size] else ""
            row = f"{median:>8.0f} {max(one.taken):>8.0f} {median / frame:>8.1f} {one.size / 1024:>7.0f}"
            print(f"  {name[:46]:46} {row}{over}")
    if crowd:
        print(f"\n  a crowd: {crowd['opened']} pages, {len(crowd['errors'])} errors, median {crowd['median']:.0f} ms, "
              f"p95 {crowd['p95']:.0f} ms, worst {crowd['worst']:.0f} ms")  # fmt: skip
        for part in ("web_mb", "index_mb"):
            print(f"  {part}: {crowd[part][0]:.0f} before, {crowd[part][1]:.0f} after")
        for line in crowd["errors"][:10]:
            print(f"  {line}")
    medians = {
        size: {name: statistics.median(one.taken) for name, one in named.items()} for size, named in found.items()
    }
    print(json.dumps({"pages": medians, "crowd": crowd}))


if __name__ == "__main__":
    sys.exit(main())
