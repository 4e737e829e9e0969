"""How long does an audit of a million links take, and how many rows a second does each group of markers judge?

Makes an index of links where the folder has none (as bench/pages.py does), audits its big target with every marker, and
prints seconds, CPU seconds and peak memory for reading, judging, scoring, writing, and scoring anew what was written
(the preview of other weights), then rows a second by group. The peer is a plain Python loop over the same links that
asks two of the simplest questions (is the URL long, does the path recur on three domains), for what vectorising is
worth. Aim: four minutes and 3 GB on two cores.

    python bench/audit.py FOLDER [--links 20000000]
"""

import argparse
import resource
import sys
import time
from collections import defaultdict
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

sys.path.insert(0, str(Path(__file__).resolve().parent))

import linkweb
import numpy as np

AIM_SECONDS, AIM_MB = 240, 3_000
TARGET = "t0.example"


class Clock:
    """Wall clock and CPU of this process since the last lap."""

    def __init__(self) -> None:
        self.lap()

    def lap(self) -> tuple[float, float]:
        now = (time.monotonic(), time.process_time())
        spent = tuple(one - before for one, before in zip(now, getattr(self, "at", now), strict=True))
        self.at = now
        return spent  # type: ignore[return-value]


def peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def say(what: str, spent: tuple[float, float], more: str = "") -> float:
    print(f"{what:28} {spent[0]:8.1f} s {spent[1]:8.1f} s CPU {peak_mb():8.0f} MB  {more}", flush=True)
    return spent[0]


def project_of(target: str) -> Any:
    """A project on the target that is not kept: an audit needs its terms alone."""
    from projects.models import Project  # noqa: PLC0415

    return Project(pk=0, workspace_id=linkweb.WORKSPACE, name=target, domain=target, url=f"https://{target}/")


def measure(target: str) -> None:
    from audit import gather, record, score, weights  # noqa: PLC0415
    from audit.markers import MARKERS  # noqa: PLC0415
    from audit.markers.marker import FIRED, GROUPS, UNKNOWN  # noqa: PLC0415

    clock, total = Clock(), 0.0
    profile = gather.freeze(project_of(target), date.today())
    rows = f"{profile.links.count:,} links, {profile.pages.count:,} pages, {profile.domains.count:,} domains"
    total += say("read and frozen", clock.lap(), rows)
    findings, by_group = {}, defaultdict(lambda: [0.0, 0, 0, 0])
    for one in MARKERS:
        began = time.process_time()
        found = findings[one.id] = one.test(profile, one.limits)
        group = by_group[one.group]
        group[0] += time.process_time() - began
        group[1] += len(found.state)
        group[2] += int((found.state == FIRED).sum())
        group[3] += int((found.state == UNKNOWN).sum())
    total += say(f"{len(MARKERS)} markers", clock.lap())
    scores = score.score(profile, findings, weights.Weights())
    total += say("scored", clock.lap(), f"risk {scores.risk}, {dict(scores.bands)}")
    judged = record.Judged(profile, findings, weights.Weights(), scores)
    place = record.Place(target, linkweb.WORKSPACE, time.time_ns() // 1000)
    record.write(place, judged, lambda _: None)
    total += say("written", clock.lap())
    same = np.array_equal(_tried(place), scores.domains.risk)
    say("scored anew from the index", clock.lap(), "the same" if same else "OTHER")
    print(f"\naltogether {total:.0f} s (aim {AIM_SECONDS}), peak {peak_mb():.0f} MB (aim {AIM_MB})\n")
    print(f"{'group':20} {'rows/s':>12} {'s CPU':>8} {'fired':>12} {'unknown':>12}")
    for name, (seconds, count, fired, unknown) in by_group.items():
        print(f"{GROUPS[name]:20} {count / max(seconds, 1e-6):12,.0f} {seconds:8.2f} {fired:12,} {unknown:12,}")
    _peer(profile, by_group)


def _tried(place: Any) -> Any:
    """The risk of every domain, as a preview of other weights reads and scores it, in the order of their names."""
    from audit import patterns, weights  # noqa: PLC0415
    from backlinks import index  # noqa: PLC0415

    kept = patterns.kept(index.auditlists.AuditRun(place.target, place.workspace, place.run))
    return patterns.rescored(kept, weights.Weights()).risk


def _peer(profile: Any, by_group: Any) -> None:
    """Two questions, link by link."""
    urls = [profile.pages.text("url").at(page) for page in profile.page.tolist()]
    names = [profile.domains.text("name").at(domain) for domain in profile.domain.tolist()]
    began = time.process_time()
    paths: dict[str, set[str]] = defaultdict(set)
    long = 0
    for url, name in zip(urls, names, strict=True):
        long += len(url) > 100
        paths[urlsplit(url).path].add(name)
    shared = sum(len(paths[urlsplit(url).path]) >= 3 for url in urls)
    seconds = (time.process_time() - began) / 2
    rate = len(urls) / seconds
    print(f"\nplain loop: {rate:,.0f} rows/s a question ({long:,} long, {shared:,} shared)")
    whole = sum(one[1] for one in by_group.values()) / sum(one[0] for one in by_group.values())
    print(f"markers: {whole:,.0f} rows/s a question, {whole / rate:.1f} x")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--links", type=int, default=20_000_000)
    options = parser.parse_args()
    linkweb.set_up(options.folder)
    from django.core.management import call_command  # noqa: PLC0415

    call_command("migrate", verbosity=0)
    with linkweb.index_server(options.folder):
        linkweb.make_index(options.links)
        linkweb.make_scores(options.links)
        measure(TARGET)


if __name__ == "__main__":
    main()
