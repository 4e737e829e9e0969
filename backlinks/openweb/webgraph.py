"""A release of Common Crawl's graph into the index: the run kind `webgraph`.

Names first, then ranks, then edges; then the names get their ranks, and only then the release counts. A killed run goes
on with the next block, a failed one too, once what was wrong is mended.

Decided: what makes a release the same one is its name, level and part, not its bytes: a file that was cut short may be
completed. Where the files are others than an earlier run has begun with, everything starts anew under a new batch. An
older release of the same level goes when a newer one counts, unless it is to be kept: a graph difference says nothing
(an edge that is missing was mostly not fetched again), so nobody reads two. Refused: edges as page links; a "lost" that
is made of two releases; sorting or joining in this process.
"""

import hashlib
from pathlib import Path

from django.conf import settings

from backlinks import index
from backlinks.index import graph
from projects import runs
from projects.models import User
from seoapp.lib.checkpoint import checkpoint

from . import holdings, webgraph_ids
from .holdings import Refusals, Refused, Wanted
from .models import OpenImport
from .webgraph_files import Found, find
from .webgraph_reading import Reading, is_same, read_edges, read_ranks, read_vertices
from .webgraph_text import Unreadable

KIND = OpenImport.Kind.WEBGRAPH.value
WHOLE, NEIGHBOURHOOD = "whole", "neighbourhood"
SOURCE, REPORT = "commoncrawl", "graph"
EDGES_AT_ONCE = 8_000_000
# Bytes of the index for one byte of the packed file: measured in bench/webgraph.py, see docs/openweb.md.
ON_DISK = {"vertices": 5, "ranks": 2, "edges": 2}
PACKED = 5  # bytes of plain text in a byte of gzip
FULL = ("NOT_ENOUGH_SPACE", "No space left on device", "Cannot reserve")
NO_GRAPH_DAYS = "Its name has no months: it is taken to be of the day of its file, and no domain's age follows from it."


# --- Asking for it ------------------------------------------------------------------------------------------------
def receive(
    folder: Path, *, part: str = WHOLE, keep_old: bool = False, force: bool = False, user: User | None = None
) -> OpenImport:
    """The row of the release in a folder, with a run to read it. Raises `Refused`."""
    found = find(folder)
    near = webgraph_ids.neighbourhood() if part == NEIGHBOURHOOD else None
    if near is not None and not near.domains:
        raise Refused("No project has a domain yet, so nothing is near: make one with create_project, or read it all.")
    about = (KIND, found.release, found.level, part, near.digest if near else "")
    options = {"release": found.release, "level": found.level, "part": part, "keep_old": keep_old, "force": force}
    wanted = Wanted(
        kind=KIND,
        name=found.release,
        identity=hashlib.sha256("\n".join(about).encode()).hexdigest(),
        place=str(folder.resolve()),
        label=f"{found.release} ({found.level}{', ' + part if near else ''})",
        size=found.size(),
        options=options | ({"targets": near.targets, "near": len(near.domains)} if near else {}),
        user=user,
    )
    made = holdings.receive(wanted)
    if made.state != OpenImport.State.DONE and made.options != wanted.options:
        made.options = wanted.options
        made.save(update_fields=["options"])
    return made


def remove(release: str) -> list[OpenImport]:
    """Take a release out at once, whatever was read of it. Raises `Refused`."""
    mine = OpenImport.objects.filter(kind=KIND, options__release=release).exclude(state=OpenImport.State.REMOVED)
    gone = list(mine.select_related("run"))
    if not gone:
        known = ", ".join(sorted({one.release for one in graph.releases()})) or "none"
        raise Refused(f"There is no release {release!r} here: there is {known}.")
    if any(one.run is not None and not one.run.is_over for one in gone):
        raise Refused(f"{release} is being read: cancel its run first.")
    for one in gone:
        _take_out(one)
    return gone


def _take_out(made: OpenImport) -> None:
    graph.drop(_batch(made))
    OpenImport.objects.filter(pk=made.pk).update(state=OpenImport.State.REMOVED, identity=None, progress={})


def _batch(made: OpenImport) -> index.Batch:
    return holdings.batch_of(made, SOURCE, REPORT)


def published(made: OpenImport) -> graph.Release | None:
    """The release that an import has brought, where it counts."""
    return next((one for one in graph.releases() if one.batch == made.batch), None)


# --- Reading it ---------------------------------------------------------------------------------------------------
def read(claimed: runs.Claimed) -> None:
    """The run kind `webgraph`: bring in the release that the run names."""
    over = (OpenImport.State.DONE, OpenImport.State.REMOVED)
    if OpenImport.objects.filter(pk=claimed.run.arguments["open_import"], state__in=over).exists():
        return
    made = holdings.of_run(claimed)
    try:
        _bring_in(made, claimed)
    except (runs.LostLease, runs.Released):
        raise
    except runs.Cancelled:
        holdings.give_up(made, "Cancelled: nothing of it counts. Read it again to go on where it stood.")
        raise
    except Exception as error:
        sentence = _sentence(error)
        holdings.give_up(made, sentence)
        if isinstance(error, index.IndexUnavailable):
            raise
        raise Unreadable(sentence) from error


def _sentence(error: Exception) -> str:
    """What went wrong, in one sentence that says what to do."""
    text = str(error)
    if any(sign in text for sign in FULL):
        return (
            "The disk of the link index is full: make room (an older release goes with --remove), then run the command "
            "again; it goes on where it stood."
        )
    if isinstance(error, Refused | index.IndexUnavailable | graph.NotHeld):
        return text
    return f"{type(error).__name__}: {text.splitlines()[0][:500] if text else ''}. Run the command again to go on."


def _bring_in(made: OpenImport, claimed: runs.Claimed) -> None:
    found = find(Path(made.place))
    if (found.release, found.level) != (made.options["release"], made.options["level"]):
        raise Unreadable(f"{made.place} holds {found.release} now, no longer {made.options['release']}.")
    near = webgraph_ids.neighbourhood() if made.options["part"] == NEIGHBOURHOOD else None
    _start(made, found, near.digest if near else "")
    with Refusals() as refusals:
        for one in made.progress.get("shown", []):
            refusals.add(one["row"], one["reason"], one["value"], column=one["column"], file=one["file"])
        reading = Reading(made, claimed, found, _batch(made), refusals)
        if not made.progress.get("published"):
            _read_all(reading, near)
            _publish(reading)
        _conclude(reading)
        refusals.keep(made)
        made.rejected = reading.sum_of("refused", "vertices", "ranks", "edges")
    holdings.finish(made)


def _start(made: OpenImport, found: Found, digest: str) -> None:
    """Go on with what an earlier run has left where it is of the same files, else begin anew."""
    if made.progress and not (made.progress.get("near", "") == digest and is_same(found, made.progress)):
        graph.drop(_batch(made))
        made.batch, made.progress = index.new_batch_id(), {}
    if not made.progress:
        _check_room(made, found)
    made.progress = {"near": digest, "files": {}} | made.progress
    made.size, made.day = found.size(), found.last_day
    made.save(update_fields=["batch", "progress", "size", "day"])
    graph.begin(_batch(made))


def _check_room(made: OpenImport, found: Found) -> None:
    """Refuse early what the disk of the embedded index clearly cannot hold."""
    if made.options["force"] or settings.LINK_INDEX_URL:
        return
    need, free = room_needed(found, made.options["part"]), graph.free_bytes()
    if need > free:
        raise Unreadable(
            f"The release needs about {need / 1e9:,.1f} GB on the disk of the link index, which has {free / 1e9:,.1f} "
            "GB left: make room, read only the --neighbourhood, or try nevertheless with --force."
        )


def room_needed(found: Found, part: str) -> int:
    """Bytes that the index takes at most while it reads; of a neighbourhood hardly any edge is kept."""
    kinds = ["vertices", "ranks", *(["edges"] if part == WHOLE else [])]
    return sum(
        ON_DISK[source.kind] * source.size // (1 if source.path.suffix == ".gz" else PACKED)
        for source in found.files
        if source.kind in kinds
    )


def _read_all(reading: Reading, near: webgraph_ids.Neighbourhood | None) -> None:
    """Every file, in the order in which one needs the other."""
    reading.claimed.step(total=reading.found.size(), line=f"{reading.found.release}: names")
    read_vertices(reading)
    read_ranks(reading)
    reading.claimed.step(line=f"{reading.lines:,} vertices; numbers of their domains")
    reading.numbers = webgraph_ids.number(
        reading.batch,
        reading.lines,
        reading.claimed.step,
        folded=reading.is_folded,
        distinct=_is_distinct(reading, "vertices"),
    )
    if near is not None:
        reading.near = webgraph_ids.marked(reading.batch, near.domains, reading.numbers, reading.lines)
    reading.claimed.step(line="edges")
    read_edges(reading)
    reading.near = reading.numbers.of_line = None


def _publish(reading: Reading) -> None:
    """Domains with their ranks, then the one row that lets the release count."""
    reading.claimed.step(line="domains and their ranks")
    nodes = _write_domains(reading)
    checkpoint("webgraph domains")
    once = not reading.is_folded and _is_distinct(reading, "vertices") and _is_distinct(reading, "edges")
    edges = 0
    for count in graph.count_edges(reading.batch, repeated=not once):
        edges += count
        reading.claimed.step()
    release = _release(reading, nodes, edges)
    graph.publish(reading.batch, release)
    checkpoint("webgraph published")
    reading.made.progress["published"] = True
    reading.made.save(update_fields=["progress"])


def _is_distinct(reading: Reading, kind: str) -> bool:
    """Whether the lines of a kind stood in strict order, so that none of them is there twice."""
    return len(reading.found.of(kind)) == 1 and all(one["distinct"] for one in reading.states(kind))


def _release(reading: Reading, nodes: int, edges: int) -> graph.Release:
    found, part = reading.found, reading.made.options["part"]
    return graph.Release(
        reading.batch.batch, found.release, found.level, part, nodes, edges, found.first_day, found.last_day
    )


def _write_domains(reading: Reading) -> int:
    """Join names with ranks, range by range; returns how many domains the release has."""
    ranges, step = reading.numbers.ranges, reading.claimed.step
    ranked = webgraph_ids.RANKS if reading.found.of("ranks") else ()
    tied = {name: webgraph_ids.ties(reading.batch, name, reading.lines, step) for name in ranked}
    used = None
    if reading.made.options["part"] == NEIGHBOURHOOD:
        used = webgraph_ids.linked(reading.batch, reading.lines, EDGES_AT_ONCE)
    count = 0
    for at, part in enumerate(ranges):
        domains = graph.joined(reading.batch, part, folded=reading.is_folded)
        first = reading.numbers.firsts[at] if reading.is_folded else None
        domains = webgraph_ids.shown(webgraph_ids.chosen(domains, first, used), tied)
        graph.add(reading.batch, "graph_domains", domains, block=str(at))
        count += domains.num_rows
        graph.check_held(reading.batch, "graph_domains", count)
        step()
    return count


def _conclude(reading: Reading) -> None:
    """What follows from a release that counts: ages of domains, room on the disk, the row for people."""
    made, found = reading.made, reading.found
    release = published(made)
    if release is None:
        raise Unreadable(
            f"{found.release} is not in the index: it was removed meanwhile, or the index has no room left."
        )
    if found.is_dated:
        for _ in graph.add_days(release):
            reading.claimed.step()
    graph.drop_scratch(reading.batch)
    _drop_others(release, keep_old=made.options["keep_old"])
    checkpoint("webgraph concluded")
    made.rows = reading.sum_of("rows", "vertices", "ranks", "edges")
    made.accepted = reading.sum_of("kept", "vertices", "ranks", "edges") + reading.sum_of("repeated", "edges")
    made.options |= {"domains": release.nodes, "edges": release.edges, "left_out": left_out(reading)}
    made.notes = [*_notes(made.options["left_out"]), *([] if found.is_dated else [NO_GRAPH_DAYS])]


def left_out(reading: Reading) -> dict[str, int]:
    """Edges that were read and not kept, by reason."""
    return {name: reading.sum_of(name, "edges") for name in ("inside", "nameless", "outside")}


def _notes(counts: dict[str, int]) -> list[str]:
    words = {
        "inside": "edges from a domain to itself were left out.",
        "nameless": "edges of a vertex whose name was refused were left out with it.",
        "outside": "edges that touch no domain of the neighbourhood were left out.",
    }
    return [f"{counts[name]:,} {text}" for name, text in words.items() if counts[name]]


def _drop_others(mine: graph.Release, *, keep_old: bool) -> None:
    """Another part of the same release goes, and the older releases of its level."""
    for other in graph.releases():
        is_older = not keep_old and other.last_day < mine.last_day
        if other.batch != mine.batch and other.level == mine.level and (other.release == mine.release or is_older):
            made = OpenImport.objects.filter(batch=other.batch).first()
            if made is not None:
                _take_out(made)
            else:
                graph.drop(index.Batch(0, other.batch, SOURCE, REPORT, other.release))


RUN_KIND = runs.RunKind(name=KIND, label="Domain graph", run=read, transient=(index.IndexUnavailable,))
