"""What a release of the domain graph costs to import: time, memory of the command and of the index, bytes on disk.

Makes a release by itself (vertices, edges, ranks, gzip; in-degrees as skewed as in a real one, two domains of three
without out-links, many tied ranks), once for a folder, then imports it by the command on a data folder of its own. The
memory of both processes is read from /proc five times a second. Beside it, in the same run, a plain Python loop (gzip
and csv) reads a sample of the same edges and keeps nothing. Last come the sums for the real release.

    python bench/webgraph.py [--nodes 5000000] [--edges 150000000] [--folder FOLDER] [--neighbourhood]
"""

import argparse
import csv
import gzip
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from pyarrow import csv as arrow_csv

ROOT = Path(__file__).resolve().parents[1]
RELEASE = "cc-main-2026-apr-may-jun"
REAL_NODES, REAL_EDGES = 121_091_933, 3_902_808_757  # that release
TLDS = ("com", "de", "fr", "it", "jp", "net", "nl", "org", "pl", "ru", "uk.co", "us")
LEVEL = 4  # of gzip
CHUNK = 2_000_000
SAMPLE = 3_000_000
WITH_LINKS = 0.36  # share of domains that link to others
TIE_BYTES = 8  # a line: runs of both ranks, if every second value were tied with the one after it


def main() -> int:
    options = _arguments()
    folder = Path(options.folder or tempfile.mkdtemp(prefix="linkledger-bench-webgraph-"))
    release = folder / f"release-{options.nodes}-{options.edges}"
    try:
        make_release(release, options.nodes, options.edges)
        data = folder / "data"
        shutil.rmtree(data, ignore_errors=True)
        naive = naive_rows(release)
        with index_server(data) as server:
            cost = imported(release, data, server, neighbourhood=options.neighbourhood)
            disk = on_disk(data)
        report(options, release, cost, disk, naive)
    finally:
        if not options.folder:
            shutil.rmtree(folder, ignore_errors=True)
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--nodes", type=int, default=5_000_000)
    parser.add_argument("--edges", type=int, default=150_000_000)
    parser.add_argument("--folder", default="", help="keep the release here, and use it again")
    parser.add_argument("--neighbourhood", action="store_true", help="only what touches a few domains in the middle")
    return parser.parse_args()


def _say(text: str) -> None:
    print(f"[{time.strftime('%H:%M:%S')}] {text}", file=sys.stderr, flush=True)


# --- A release ----------------------------------------------------------------------------------------------------
def make_release(folder: Path, nodes: int, edges: int) -> None:
    """The same files at every call."""
    if (folder / "made").exists():
        return
    folder.mkdir(parents=True, exist_ok=True)
    dice = np.random.default_rng(4)
    _say(f"making a release of {nodes:,} domains and about {edges:,} edges")
    names = [f"{TLDS[n * len(TLDS) // nodes]}.site-{n:09d}" for n in range(nodes)]
    with _packed(folder, "vertices") as file:
        for start in range(0, nodes, CHUNK):
            rows = enumerate(names[start : start + CHUNK], start)
            file.write("".join(f"{n}\t{name}\t{1 + n % 9}\n" for n, name in rows).encode())
    _write_ranks(folder, dice, names)
    count = _write_edges(folder, dice, nodes, edges)
    (folder / "made").write_text(str(count))
    _say(f"made: {count:,} edges")


def _packed(folder: Path, kind: str) -> gzip.GzipFile:
    return gzip.open(folder / f"{RELEASE}-domain-{kind}.txt.gz", "wb", compresslevel=LEVEL)


def _write_ranks(folder: Path, dice: np.random.Generator, names: list[str]) -> None:
    """In the order of harmonic centrality; the lower half has few values, as in a real one."""
    nodes = len(names)
    order, other = dice.permutation(nodes), dice.permutation(nodes)
    place = np.arange(nodes) / nodes
    harmonic = np.round(3e7 * np.exp(-2 * place), -4)
    pagerank = np.where(place < 0.5, np.exp(-20 * place), np.round(np.exp(-20 * place), 6)) / 60
    with _packed(folder, "ranks") as file:
        file.write(b"#harmonicc_pos\t#harmonicc_val\t#pr_pos\t#pr_val\t#host_rev\t#n_hosts\n")
        for start in range(0, nodes, CHUNK):
            ats = range(start, min(nodes, start + CHUNK))
            cells = zip(ats, harmonic[start:].tolist(), other[start:].tolist(), order[start:].tolist(), strict=False)
            rows = (
                f"{at + 1}\t{value:.7E}\t{second + 1}\t{pagerank[second]}\t{names[name]}\t1\n"
                for at, value, second, name in cells
            )
            file.write("".join(rows).encode())


def _write_edges(folder: Path, dice: np.random.Generator, nodes: int, edges: int) -> int:
    """By source, then target; a few domains are the target of a tenth of all domains."""
    linking = np.flatnonzero(dice.random(nodes) < WITH_LINKS).astype(np.uint64)
    weights = dice.lognormal(0, 1.5, len(linking))
    degrees = np.maximum(1, weights * (edges / weights.sum())).astype(np.int64)
    ends = np.searchsorted(np.cumsum(degrees), np.arange(CHUNK * 2, degrees.sum() + CHUNK * 2, CHUNK * 2))
    count = first = 0
    with _packed(folder, "edges") as file:
        for last in [*np.unique(ends), len(linking)]:
            sources = np.repeat(linking[first:last], degrees[first:last])
            targets = (nodes * dice.random(len(sources)) ** 5).astype(np.uint64) * np.uint64(2_654_435_761)
            keys = np.unique(sources << np.uint64(32) | targets % np.uint64(nodes))
            table = pa.table({"source": keys >> np.uint64(32), "target": keys & np.uint64(2**32 - 1)})
            arrow_csv.write_csv(table, file, arrow_csv.WriteOptions(include_header=False, delimiter="\t"))
            count, first = count + len(keys), last
    return count


# --- The import ---------------------------------------------------------------------------------------------------
@contextmanager
def index_server(data: Path) -> Iterator[int]:
    """An embedded index on a folder of its own; gives its process id."""
    sys.path.insert(0, str(ROOT))
    from backlinks.index import launch  # noqa: PLC0415  (needs the path)

    folder = data / "index"
    folder.mkdir(parents=True)
    command = [sys.executable, "-m", "backlinks.index.server", "--data", str(folder)]
    with open(folder / "index.log", "ab") as log:
        process = subprocess.Popen(command, cwd=ROOT, env={"PATH": os.environ["PATH"]}, stdout=log, stderr=log)
    while launch.find(folder) is None:
        if process.poll() is not None:
            raise SystemExit((folder / "index.log").read_text()[-2000:])
        time.sleep(0.1)
    try:
        yield process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


@dataclass(frozen=True)
class Cost:
    """What the command told; bytes at the peak and CPU seconds by process; seconds on the wall."""

    told: dict[str, Any]
    peaks: dict[str, int]
    cpu: dict[str, float]
    seconds: float


def imported(release: Path, data: Path, server: int, *, neighbourhood: bool) -> Cost:
    environment = os.environ | {"SEOAPP_DATA": str(data), "DJANGO_SETTINGS_MODULE": "seoapp.settings"}
    command = [sys.executable, str(ROOT / "manage.py"), "import_webgraph", str(release), "--json"]
    if neighbourhood:
        middle = "site-{:09d}.jp".format(int(release.name.split("-")[1]) * 9 // 24)
        project = ["create_project", "--workspace", "Bench", "--domain", middle]
        subprocess.run([*command[:2], *project], env=environment, check=True, stdout=subprocess.DEVNULL)
        command.append("--neighbourhood")
    started, cpu_before = time.perf_counter(), _cpu(server)
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    peaks = {"command": 0, "index": 0}
    ended = threading.Event()
    watched = {"command": process.pid, "index": server}
    watcher = threading.Thread(target=_watch, args=(watched, peaks, ended), daemon=True)
    watcher.start()
    out, _ = process.communicate()
    ended.set()
    watcher.join()
    if process.returncode:
        raise SystemExit("the import failed")
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    command_cpu = used.ru_utime + used.ru_stime - children.ru_utime - children.ru_stime
    cpu = {"command": command_cpu, "index": _cpu(server) - cpu_before}
    return Cost(json.loads(out), peaks, cpu, time.perf_counter() - started)


def _cpu(pid: int) -> float:
    """CPU seconds of a process."""
    cells = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(cells[11]) + int(cells[12])) / os.sysconf("SC_CLK_TCK")


def _watch(watched: dict[str, int], peaks: dict[str, int], ended: threading.Event) -> None:
    while not ended.wait(0.2):
        for name, pid in watched.items():
            peaks[name] = max(peaks[name], _resident(pid))


def _resident(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    found = next((line for line in lines if line.startswith("VmRSS:")), "VmRSS: 0 kB")
    return int(found.split()[1]) * 1024


def on_disk(data: Path) -> dict[str, tuple[int, int]]:
    """Table -> (rows, bytes on disk) of what is in use."""
    os.environ["SEOAPP_DATA"] = str(data)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "seoapp.settings")
    import django  # noqa: PLC0415  (the data folder must be named first)

    django.setup()
    from backlinks.index import engine  # noqa: PLC0415

    rows = engine.read(
        "SELECT table, sum(rows) AS n, sum(bytes_on_disk) AS size FROM system.parts "
        "WHERE active AND table IN ('graph_domains', 'graph_edges', 'domain_days') GROUP BY table"
    )
    return {row["table"]: (row["n"], row["size"]) for row in rows}


def naive_rows(release: Path) -> float:
    """Edges a CPU second of gzip and csv in Python, made into numbers and thrown away."""
    started, count = time.process_time(), 0
    with gzip.open(release / f"{RELEASE}-domain-edges.txt.gz", "rt", newline="") as file:
        for source, target in islice(csv.reader(file, delimiter="\t"), SAMPLE):
            int(source), int(target)
            count += 1
    return count / (time.process_time() - started)


# --- What came of it ----------------------------------------------------------------------------------------------
def report(
    options: argparse.Namespace, release: Path, cost: Cost, disk: dict[str, tuple[int, int]], naive: float
) -> None:
    told, cpu = cost.told, sum(cost.cpu.values())
    print(
        f"rows {told['rows']:,} (edges {told['edges']:,}, domains {told['domains']:,}), rejected {told['rejected']:,}"
    )
    print(f"wall {cost.seconds:.1f} s: {told['rows'] / cost.seconds:,.0f} rows/s (load {os.getloadavg()[0]:.1f})")
    print(f"CPU {cost.cpu['command']:.1f} s of the command + {cost.cpu['index']:.1f} s of the index: "
          f"{told['rows'] / cpu:,.0f} rows a CPU second, stored, sorted and joined")  # fmt: skip
    print(f"gzip + csv + int() in Python, which keeps nothing: {naive:,.0f} edges a CPU second: "
          f"{told['rows'] / cpu / naive:.2f} of it is ours")  # fmt: skip
    for name, peak in cost.peaks.items():
        print(f"peak memory of the {name}: {peak / 1e9:.2f} GB")
    for table, (rows, size) in sorted(disk.items()):
        print(f"{table}: {rows:,} rows, {size / 1e6:,.0f} MB on disk, {size / max(rows, 1):.2f} bytes a row")
    for path in sorted(release.glob("*.gz")):
        print(f"{path.name}: {path.stat().st_size / 1e6:,.0f} MB")
    sums(options.nodes, cost, disk)


def sums(nodes: int, cost: Cost, disk: dict[str, tuple[int, int]]) -> None:
    """What follows for the real release, with every number that goes into it."""
    more, peak = REAL_NODES - nodes, cost.peaks["command"]
    memory = peak + more * TIE_BYTES
    print(f"memory of the command at most: {peak / 1e9:.2f} GB + {more:,} more lines x {TIE_BYTES} bytes for ties "
          f"of ranks = {memory / 1e9:.2f} GB; blocks and slices do not grow")  # fmt: skip
    edge = disk["graph_edges"][1] / max(disk["graph_edges"][0], 1)
    node = disk["graph_domains"][1] / max(disk["graph_domains"][0], 1)
    print(f"disk: {REAL_EDGES:,} x {edge:.2f} + {REAL_NODES:,} x {node:.1f} = "
          f"{(REAL_EDGES * edge + REAL_NODES * node) / 1e9:.1f} GB; twice the edges while parts are merged: "
          f"{(2 * REAL_EDGES * edge + 2 * REAL_NODES * node) / 1e9:.1f} GB")  # fmt: skip
    rows = REAL_EDGES + 2 * REAL_NODES
    minutes = [rows / cost.told["rows"] * spent / 60 for spent in (cost.seconds, sum(cost.cpu.values()))]
    print(f"time: {rows:,} rows at this rate: {minutes[0]:.0f} minutes on the wall, {minutes[1]:.0f} CPU minutes")


if __name__ == "__main__":
    sys.exit(main())
