"""How fast a profile is read out of the link index, beside PostgreSQL 15 with the same links, in one run.

Makes its own index (`linkweb.py`). PostgreSQL (a private cluster in a temporary folder) gets the *settled* rows,
loaded in the order of targets, with a covering index for the counts and one for each thing counted distinctly, vacuumed
and analysed. Then the reads take turns, warm, and medians are printed; times include HTTP and the client.

    python bench/index.py [--links 20000000] [--rounds 15] [--folder FOLDER] [--without-postgres]
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

from linkweb import BIG, TARGETS, WORKSPACE, index_server, make_index, say, set_up

POSTGRES = Path("/usr/lib/postgresql/15/bin")
COPIED_AT_ONCE = 400_000

COLUMNS = (
    "target_domain, link_id, source_domain, source_host, source_url, target_key, anchor, kind, nofollow, ugc, "
    "sponsored, state, toUInt32(first_seen), toUInt32(last_seen), ip, subnet, country, tld"
)
SCHEMA = """CREATE UNLOGGED TABLE link (target text COLLATE "C", link_id numeric(20), source_domain text COLLATE "C",
    source_host text COLLATE "C", source_url text COLLATE "C", target_key text COLLATE "C", anchor text COLLATE "C",
    kind "char", nofollow smallint, ugc smallint, sponsored smallint, state "char", first_seen integer,
    last_seen integer, ip text COLLATE "C", subnet text COLLATE "C", country text COLLATE "C", tld text COLLATE "C")"""
INDEXES = (
    "CREATE INDEX ON link (target) INCLUDE (state, nofollow, ugc, sponsored, kind, first_seen, last_seen)",
    "CREATE INDEX ON link (target, source_domain)",
    "CREATE INDEX ON link (target, source_host)",
    "CREATE INDEX ON link (target, ip)",
    "CREATE INDEX ON link (target, subnet)",
)
# Kinds and states as one letter: r is redirect, o other; l live, g lost (gone), u unknown.
LETTERS = "transform(kind, ['text','image','form','frame','redirect'], ['t','i','f','m','r'], 'o') AS kind_letter"
STATES = "transform(state, ['live','lost'], ['l','g'], 'u') AS state_letter"
HEADLINE = """SELECT count(*), count(*) FILTER (WHERE state = 'l'), count(*) FILTER (WHERE state = 'g'),
    count(*) FILTER (WHERE state = 'u'), count(*) FILTER (WHERE nofollow = 0), count(*) FILTER (WHERE nofollow = 1),
    count(*) FILTER (WHERE nofollow < 0), count(*) FILTER (WHERE ugc = 1), count(*) FILTER (WHERE sponsored = 1),
    count(*) FILTER (WHERE kind = 't'), count(*) FILTER (WHERE kind = 'i'), count(*) FILTER (WHERE kind = 'f'),
    count(*) FILTER (WHERE kind = 'm'), count(*) FILTER (WHERE kind = 'r'), min(first_seen), max(last_seen),
    (SELECT count(*) FROM (SELECT DISTINCT source_domain FROM link WHERE target = %(t)s) a),
    (SELECT count(*) FROM (SELECT DISTINCT source_host FROM link WHERE target = %(t)s) a),
    (SELECT count(*) FROM (SELECT DISTINCT ip FROM link WHERE target = %(t)s) a),
    (SELECT count(*) FROM (SELECT DISTINCT subnet FROM link WHERE target = %(t)s) a)
FROM link WHERE target = %(t)s"""
CONFIG = {
    "shared_buffers": "4GB", "effective_cache_size": "12GB", "work_mem": "256MB", "maintenance_work_mem": "2GB",
    "max_parallel_workers_per_gather": "2", "max_worker_processes": "4", "jit": "off", "random_page_cost": "1.1",
    "fsync": "off", "synchronous_commit": "off", "wal_level": "minimal", "max_wal_senders": "0", "max_wal_size": "16GB",
    "listen_addresses": "", "autovacuum": "off",
}  # fmt: skip


def main() -> int:
    options = _arguments()
    folder = Path(options.folder or tempfile.mkdtemp(prefix="linkledger-bench-index-"))
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o755)
    set_up(folder)
    try:
        with index_server(folder):
            made = make_index(options.links)
            with _postgres(folder, wanted=not options.without_postgres) as connect:
                if connect:
                    made |= _load_postgres(connect)
                found = _measure(options.rounds, connect)
        _report(options.links, made, found)
    finally:
        if not options.folder:
            shutil.rmtree(folder, ignore_errors=True)
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--links", type=int, default=20_000_000)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--folder", default="", help="keep the data here; an index found there is used again")
    parser.add_argument("--without-postgres", action="store_true")
    return parser.parse_args()


# --- PostgreSQL ---------------------------------------------------------------------------------------------------
Connect = Callable[[], Any]


@contextmanager
def _postgres(folder: Path, *, wanted: bool) -> Iterator[Connect | None]:
    """A cluster of its own, reached by a socket in its folder."""
    if not wanted:
        yield None
        return
    if not (POSTGRES / "initdb").exists():
        raise SystemExit("PostgreSQL 15 is not installed: apt-get install postgresql-15, or --without-postgres.")
    import psycopg  # noqa: PLC0415

    place = folder / "postgres"
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(mode=0o700)
    run_as = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    if run_as:
        shutil.chown(place, "postgres", "postgres")
    user = "postgres"
    subprocess.run([*run_as, POSTGRES / "initdb", "-D", place / "data", "-U", user, "-A", "trust", "--no-sync"],
                   check=True, stdout=subprocess.DEVNULL, cwd="/")  # fmt: skip
    settings = [f"-c{name}={value}" for name, value in (CONFIG | {"unix_socket_directories": str(place)}).items()]
    with open(folder / "postgres.log", "wb") as log:
        server = subprocess.Popen([*run_as, POSTGRES / "postgres", "-D", place / "data", *settings],
                                  stdout=log, stderr=log, cwd="/")  # fmt: skip

    def connect() -> Any:
        return psycopg.connect(host=str(place), user=user, dbname="postgres", autocommit=True)

    try:
        _wait(connect, server, folder / "postgres.log")
        yield connect
    finally:
        subprocess.run([*run_as, POSTGRES / "pg_ctl", "-D", place / "data", "stop", "-m", "fast"],
                       check=False, stdout=subprocess.DEVNULL, cwd="/")  # fmt: skip
        server.wait(60)
        shutil.rmtree(place, ignore_errors=True)


def _wait(connect: Connect, server: "subprocess.Popen[bytes]", log: Path) -> None:
    for _ in range(300):
        if server.poll() is not None:
            break
        try:
            connect().close()
        except Exception:
            time.sleep(0.1)
        else:
            return
    raise SystemExit(f"PostgreSQL did not start:\n{log.read_text()[-2000:]}")


def _load_postgres(connect: Connect) -> dict[str, float]:
    """The settled links of the workspace, in the order of targets."""
    started = time.perf_counter()
    with connect() as connection:
        connection.execute(SCHEMA)
        with connection.cursor().copy("COPY link FROM STDIN") as copy:
            for text in _settled_rows():
                copy.write(text)
        say("PostgreSQL: rows are in")
        loaded = time.perf_counter()
        for statement in INDEXES:
            connection.execute(statement)
        say("PostgreSQL: indexes are made")
        connection.execute("VACUUM ANALYZE link")
        size = connection.execute("SELECT pg_total_relation_size('link')").fetchone()[0]
    return {
        "postgres_load_s": loaded - started,
        "postgres_index_s": time.perf_counter() - loaded,
        "postgres_bytes": size,
    }


def _settled_rows() -> Iterator[bytes]:
    """Lines of COPY, some hundred thousand links at a time."""
    from backlinks.index import engine  # noqa: PLC0415

    columns = COLUMNS.replace(" kind,", " kind_letter,").replace(" state,", " state_letter,")
    for targets in _portions():
        sql = f"""SELECT {columns} FROM (SELECT *, {LETTERS}, {STATES} FROM links WHERE workspace = {WORKSPACE}
            AND (target_domain, generation) IN (SELECT target_domain, max(generation) FROM generations
                WHERE workspace = {WORKSPACE} GROUP BY target_domain)
            AND target_domain IN {{targets:Array(String)}})"""
        with engine.client() as held:
            yield held.raw_query(sql, parameters={"targets": targets}, fmt="TabSeparated")


def _portions() -> Iterator[list[str]]:
    from backlinks.index import engine  # noqa: PLC0415

    rows = engine.read(
        """SELECT target_domain, argMax(links, generation) AS n FROM generations WHERE workspace = {workspace:UInt32}
        GROUP BY target_domain HAVING n > 0 ORDER BY target_domain""",
        {"workspace": WORKSPACE},
    )
    portion: list[str] = []
    weight = 0
    for row in rows:
        portion.append(row["target_domain"])
        weight += row["n"]
        if weight > COPIED_AT_ONCE or len(portion) >= 500:
            yield portion
            portion, weight = [], 0
    if portion:
        yield portion


# --- Reads --------------------------------------------------------------------------------------------------------
def _reads() -> dict[str, Callable[[], Any]]:
    from backlinks import index  # noqa: PLC0415
    from backlinks.index import reports  # noqa: PLC0415
    from seoapp.lib.weburl import Target  # noqa: PLC0415

    def query(text: str = BIG, scope: str | None = None, **params: str) -> index.LinkQuery:
        target = Target.parse(text, scope)
        return index.LinkQuery.parse(workspace=WORKSPACE, target=target, report="links", params=params)

    parts = {f"top {name}": lambda name=name: index.top(query(), name) for name in index.REPORTS if name != "links"}
    return {
        "headline": lambda: index.headline(query()),
        "headline, counted from links": lambda: reports._counted(index.pin(query())),
        "headline of a host": lambda: index.headline(query(BIG, "host")),
        "headline of a folder": lambda: index.headline(query(f"{BIG}/blog/")),
        "headline of a small target": lambda: index.headline(query("t9000.example")),
        "whole overview page": _overview_page(),
        "history": lambda: index.by_dates(query(), index.Span(date(2020, 1, 1), date(2026, 11, 27), "day")),
        "overlap": lambda: index.overlap(query()),
        **parts,
        "backlinks, page 1": lambda: index.fetch(query()),
        "backlinks, filtered": lambda: index.fetch(query(anchor="anchor 7", nofollow="no", sort="-first_seen")),
        "backlinks, one per domain": lambda: index.fetch(query(group="domain")),
        "backlinks, page 1,000": lambda: index.fetch(query(page="1000")),
    }


def _overview_page() -> Callable[[], Any]:
    """The page itself, as a signed-in user gets it from the application: access, every read, the template."""
    from django.core.management import call_command  # noqa: PLC0415
    from django.test import Client  # noqa: PLC0415
    from django.urls import reverse  # noqa: PLC0415

    from projects import lookup  # noqa: PLC0415
    from projects.models import Membership, User, Workspace  # noqa: PLC0415

    call_command("migrate", verbosity=0, interactive=False)
    workspace, _ = Workspace.objects.get_or_create(pk=WORKSPACE, defaults={"name": "Bench", "slug": "bench"})
    project, _ = lookup.create_project(workspace=workspace, domain=BIG)
    user = User.objects.filter(email="bench@agency.example").first() or User.objects.create_user("bench@agency.example")
    Membership.objects.get_or_create(workspace=workspace, user=user, defaults={"role": "viewer"})
    client = Client(HTTP_HOST="localhost")
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    address = reverse("backlinks:overview", args=[workspace.slug, project.pk])

    def get() -> None:
        if client.get(address).status_code != 200:
            raise SystemExit(f"{address} did not answer with the page.")

    return get


def _measure(rounds: int, connect: Connect | None) -> dict[str, dict[str, float]]:
    """Milliseconds by read; the engines take turns, the first two rounds warm them up."""
    reads = _reads()
    if connect:
        connection = connect()
        reads["PostgreSQL: headline"] = lambda: connection.execute(HEADLINE, {"t": BIG}).fetchall()
        _compare(connection.execute(HEADLINE, {"t": BIG}).fetchone(), reads["headline"]())
    times: dict[str, list[float]] = {name: [] for name in reads}
    for number in range(rounds + 2):
        for name, read in reads.items():
            started = time.perf_counter()
            read()
            if number > 1:
                times[name].append(1000 * (time.perf_counter() - started))
    busy = _while_settling(reads)
    taken = {name: found for name, found in (times | busy).items() if found}
    return {name: {"median": statistics.median(found), "worst": max(found)} for name, found in taken.items()}


def _compare(row: tuple[Any, ...], figures: Any) -> None:
    """Both engines must give the same answer."""
    names = ("links", "live", "lost", "unknown", "follow", "nofollow", "rel_unknown", "ugc", "sponsored", "text",
             "image", "form", "frame", "redirect")  # fmt: skip
    ours = [getattr(figures, name) for name in names]
    ours += [figures.referring_domains, figures.hosts, figures.ips, figures.subnets]
    theirs = [*row[: len(names)], *row[len(names) + 2 :]]
    if ours != theirs:
        raise SystemExit(f"The engines disagree: {ours} and {theirs}")


def _while_settling(reads: dict[str, Callable[[], Any]]) -> dict[str, list[float]]:
    """The same reads while the big target is settled again."""
    from backlinks import index  # noqa: PLC0415

    settling = threading.Thread(target=lambda: index.settle(WORKSPACE, [BIG]))
    settling.start()
    times: dict[str, list[float]] = {"headline, while it settles": [], "whole overview page, while it settles": []}
    while settling.is_alive():
        for name, found in times.items():
            started = time.perf_counter()
            reads[name.split(", while")[0]]()
            found.append(1000 * (time.perf_counter() - started))
    settling.join()
    return times


def _report(links: int, made: dict[str, float], found: dict[str, dict[str, float]]) -> None:
    print(f"{links:,} links, {TARGETS:,} targets, the biggest with {links // 20:,}; {os.cpu_count()} cores")
    for name, value in made.items():
        print(f"  {name:42} {value:>14,.1f}")
    print(f"  {'milliseconds':42} {'median':>14} {'worst':>10}")
    for name, one in found.items():
        print(f"  {name:42} {one['median']:>14,.1f} {one['worst']:>10,.1f}")
    if "PostgreSQL: headline" in found:
        peer = found["PostgreSQL: headline"]["median"]
        for name in ("headline", "headline, counted from links"):
            print(f"  {name + ' / PostgreSQL':42} {found[name]['median'] / peer:>14.3f}")
    print(json.dumps({"links": links, "made": made, "milliseconds": found}))


if __name__ == "__main__":
    sys.exit(main())
