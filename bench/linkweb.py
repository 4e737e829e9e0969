"""The index that `index.py` and `pages.py` measure: N links (default 20 million) over 20,000 targets, once a folder.

The biggest target has a twentieth of the links (1 million). Four links in ten are open data (workspace 0), half belong
to a workspace, one in ten is known to both; the big target is settled as an import settles it, and timed.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
WORKSPACE = 7
BIG = "t0.example"
TARGETS = 20_000
INSERTED_AT_ONCE = 1_000_000

# One link by its number `n`; `h` are hashes of it. A source domain has one address and one country.
LINKS_SQL = """INSERT INTO observations (workspace, target_domain, source_domain, target_host, target_url, target_key,
    source_host, source_url, source_key, batch, row, source, report, kind, anchor, nofollow, ugc, sponsored, context_left,
    context_right, title, language, http_status, first_seen, last_seen, lost_at, lost_reason, ip, country, ext_links,
    int_links, metrics)
WITH sipHash64(n, 1) AS h1, sipHash64(n, 2) AS h2, sipHash64(n, 3) AS h3,
    if(n < {big:UInt64}, 0, 1 + toUInt32(pow(h1 % 1000000 / 1000000, 3) * ({targets:UInt32} - 1))) AS t,
    toUInt64(pow(h2 % 10000000 / 10000000, 2) * {domains:UInt64}) AS d, sipHash64(d, 4) AS hd,
    concat('t', toString(t), '.example') AS target,
    concat('d', toString(d), '.', ['com', 'de', 'org', 'net', 'co.uk', 'fr', 'io', 'info'][1 + hd % 8]) AS domain,
    concat(['www.', 'blog.', 'news.', ''][1 + h3 % 4], domain) AS host,
    concat('/', ['blog', 'shop', 'docs', 'news'][1 + h1 % 4], '/page-', toString(toUInt32(pow(h3 % 1000 / 1000, 3) * 2000))) AS page,
    concat('/article/', toString(n)) AS path,
    toDateTime(1577836800 + h1 % 190000000, 'UTC') AS seen, h2 % 10 AS fate
SELECT {workspace:UInt32}, target, domain, target, concat('https://', target, page), concat(target, page),
    host, concat('https://', host, path), concat(replaceOne(host, 'www.', ''), path), {batch:UInt64}, n % 4294967295,
    {source:String}, 'backlinks', ['text', 'text', 'text', 'text', 'image', 'text', 'redirect', 'form', 'text', 'frame'][1 + h3 % 10],
    if(h2 % 9 = 0, NULL, concat(['best ', '', 'buy ', 'the '][1 + h1 % 4], 'anchor ', toString(toUInt32(pow(h2 % 100000 / 100000, 4) * 40000)))),
    [0, 0, 0, 1, -1][1 + h1 % 5], [0, 1, -1, 0][1 + h2 % 4], [0, 0, -1, 1][1 + h3 % 4],
    'words that stand before the link', 'and some that stand after it', concat('Title of article ', toString(n)), 'en', 200,
    seen, toDateTime(least(toUInt32(seen) + h3 % 60000000, 1795000000), 'UTC') AS until,
    if(fate = 0, until, toDateTime(0, 'UTC')), ['notfound', 'vendor_dropped:tooold', '', '', '', '', '', '', '', ''][1 + fate],
    concat(toString(11 + hd % 180), '.', toString(bitShiftRight(hd, 8) % 256), '.', toString(bitShiftRight(hd, 16) % 64), '.', toString(hd % 250)),
    ['US', 'DE', 'GB', 'FR', 'NL', 'PL', ''][1 + hd % 7], h1 % 200, h2 % 100,
    map('semrush_page_as', toFloat64(hd % 100))
FROM (SELECT number AS n FROM numbers({start:UInt64}, {count:UInt64}) WHERE number % 10 IN {share:Array(UInt8)})"""  # noqa: E501

# A score of every domain that links or is linked to, many of them small, as a computation of the open graph leaves it.
SCORES_SQL = """INSERT INTO authority (workspace, run, version, domain, score, confidence, parts, penalties)
SELECT 0, 1, 'bench', name, round(100 * pow(sipHash64(name, 5) % 1000000 / 1000000, 4), 1) AS points, 0.5,
    arrayWithConstant({parts:UInt8}, points), arrayWithConstant({penalties:UInt8}, 0) FROM (
    SELECT concat('d', toString(number), '.', ['com', 'de', 'org', 'net', 'co.uk', 'fr', 'io', 'info'][
        1 + sipHash64(number, 4) % 8]) AS name FROM numbers({domains:UInt64})
    UNION ALL SELECT concat('t', toString(number), '.example') FROM numbers({targets:UInt64}))"""


def set_up(folder: Path) -> None:
    os.environ["SEOAPP_DATA"] = str(folder)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "seoapp.settings")
    sys.path.insert(0, str(ROOT))
    import django  # noqa: PLC0415  # the data folder must be named first

    django.setup()


def say(text: str) -> None:
    print(f"[{time.strftime('%H:%M:%S')}] {text}", file=sys.stderr, flush=True)


# --- The index ----------------------------------------------------------------------------------------------------
@contextmanager
def index_server(folder: Path) -> Iterator["subprocess.Popen[bytes]"]:
    from backlinks.index import launch  # noqa: PLC0415

    data = folder / "index"
    data.mkdir(exist_ok=True)
    command = [sys.executable, "-m", "backlinks.index.server", "--data", str(data)]
    with open(data / "index.log", "ab") as log:
        process = subprocess.Popen(command, cwd=ROOT, env={"PATH": os.environ["PATH"]}, stdout=log, stderr=log)
    while launch.find(data) is None:
        if process.poll() is not None:
            raise SystemExit(f"The index did not start:\n{(data / 'index.log').read_text()[-2000:]}")
        time.sleep(0.1)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


def make_index(links: int) -> dict[str, float]:
    from backlinks import index  # noqa: PLC0415
    from backlinks.index import engine, writer  # noqa: PLC0415

    index.migrate()
    if engine.read("SELECT count() AS n FROM generations")[0]["n"]:
        say("an index is there and is used again")
        return _renew() | settle_big()
    started = time.perf_counter()
    open_data = index.Batch(0, 1, "commoncrawl", "backlinks", "bench")
    own = index.Batch(WORKSPACE, 2, "semrush", "backlinks", "bench")
    for batch, share in ((open_data, [0, 1, 2, 3, 4]), (own, [4, 5, 6, 7, 8, 9])):
        index.begin(batch)
        for start in range(0, links, 2 * INSERTED_AT_ONCE):
            engine.write(LINKS_SQL, numbers(batch, links, start, share))
            say(f"{batch.source}: {min(start + 2 * INSERTED_AT_ONCE, links):,} of {links:,} links")
    written = time.perf_counter()
    engine.write("OPTIMIZE TABLE observations")
    names = [f"t{number}.example" for number in range(1, TARGETS)]
    for batch in (open_data, own):
        writer.note(batch, "complete")
        index.settle(batch.workspace, names)
        say(f"workspace {batch.workspace}: {TARGETS - 1:,} smaller targets settled")
    return {"insert_s": written - started, "settle_rest_s": time.perf_counter() - written} | settle_big()


def make_scores(links: int) -> None:
    """Scores for everybody, where there are none."""
    from backlinks.authority.formula import PARTS, PENALTIES  # noqa: PLC0415
    from backlinks.index import engine  # noqa: PLC0415

    if engine.read("SELECT count() AS n FROM authority_runs")[0]["n"]:
        return
    lengths = {"parts": len(PARTS), "penalties": len(PENALTIES)}
    engine.write(SCORES_SQL, {"domains": links // 20, "targets": TARGETS} | lengths)
    run = {"workspace": 0, "run": 1, "version": "bench", "release": "", "computed_at": datetime.now(UTC)}
    run |= {"domains": links // 20, "edges": links, "shown": 1, "facts": "{}"}
    engine.insert("authority_runs", {name: [value] for name, value in run.items()})


def _renew() -> dict[str, float]:
    """Targets that were settled by an older formula are settled anew, open data first; the big one follows alone."""
    from backlinks import index  # noqa: PLC0415

    started = time.perf_counter()
    for workspace in (0, WORKSPACE):
        names = [name for of, name in index.stale() if of == workspace and name != BIG]
        if names:
            say(f"workspace {workspace}: {len(names):,} targets are settled anew")
            index.settle(workspace, names)
    return {"settle_rest_s": time.perf_counter() - started}


def settle_big() -> dict[str, float]:
    """As an import of the big target ends: open data first, then the workspace, twice."""
    from backlinks import index  # noqa: PLC0415

    taken = []
    for workspace in (0, WORKSPACE, WORKSPACE):
        begun = time.perf_counter()
        index.settle(workspace, [BIG])
        taken.append(time.perf_counter() - begun)
    return {"settle_big_first_s": taken[1], "settle_big_again_s": taken[2]}


def numbers(batch: Any, links: int, start: int, share: list[int]) -> dict[str, Any]:
    return {
        "workspace": batch.workspace,
        "batch": batch.batch,
        "source": batch.source,
        "big": links // 20,
        "targets": TARGETS,
        "domains": links // 20,
        "start": start,
        "count": min(2 * INSERTED_AT_ONCE, links - start),
        "share": share,
    }
