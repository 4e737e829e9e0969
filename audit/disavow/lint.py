"""Everything that is wrong with a disavow file, line by line: findings of the catalogue in the order of the lines.

Decided: a line gets one finding about what becomes of it (duplicate, covered, www.) and one for each way in which it is
spelled wrong, and all spelling findings of a line share one mend, its written form. What concerns many lines alike
(line ends, entries without reason, URLs of one host) is one finding with a count. Refused: findings about entries that
are dropped anyway.
"""

from collections import defaultdict
from collections.abc import Iterator
from itertools import groupby

from seoapp.lib.words import counted

from . import signs
from .findings import Finding, found
from .grammar import File, Line
from .hosts import bare_of, is_ip, is_shared_host, is_suffix, shown
from .offers import offers
from .pages import page_host
from .standing import Standing
from .surroundings import NOTHING, Surroundings

MAX_LINES = 100_000
MAX_BYTES = 2_000_000
NEAR = 0.9
MANY_URLS = 5

MALFORMED = {
    "path": "path_after_domain", "scheme": "scheme_after_domain", "port": "port_after_domain",
    "wildcard": "wildcard_after_domain", "space": "malformed_name", "hidden": "hidden_inside",
    "labels": "malformed_name", "characters": "malformed_name", "empty": "not_an_entry",
    "page_space": "space_in_url", "page": "bad_url", "too_long": "url_too_long", "bare": "no_scheme",
    "bytes": "bad_bytes", "other": "not_an_entry",
}  # fmt: skip
SPELLED = {
    "edge": "space_around", "edge_hidden": "hidden_characters", "hidden": "hidden_characters", "quoted": "quoted",
    "spaced": "space_after_domain", "upper": "upper_case", "non_ascii": "non_ascii", "spelling": "host_spelling",
}  # fmt: skip


def lint(file: File, around: Surroundings = NOTHING) -> tuple[Finding, ...]:
    return tuple(sorted(_Linter(file, around).findings(), key=lambda one: (one.line, one.defect.id, one.defect.kind)))


class _Linter:
    """One pass over a file."""

    def __init__(self, file: File, around: Surroundings) -> None:
        self._file, self._around = file, around
        self._entries = [line for line in file.lines if line.is_entry]
        self._forbidden = {line.number: one for line in self._entries if (one := self._refused(line))}
        self._standing = Standing.of(self._entries, frozenset(self._forbidden))
        self._dropped: set[int] = set()

    def findings(self) -> Iterator[Finding]:
        for line in self._file.lines:
            yield from _spelling(line)
            if line.is_entry:
                yield from self._entry(line)
            elif line.kind == "malformed":
                yield _malformed(line)
        yield from self._many_urls()
        yield from self._without_reason()
        yield from _whole_file(self._file)

    # --- Entries ------------------------------------------------------------------------------------------------------
    def _refused(self, line: Line) -> Finding | None:
        """What forbids an entry altogether."""
        whole = line.kind == "domain"
        host = line.value if whole else page_host(line.value)
        if whole and not is_ip(host) and is_suffix(host):
            kind = "shared_host" if is_shared_host(host) else "public_suffix"
            return found(kind, line=line.number, raw=line.raw, what=shown(host))
        if why := self._around.ours(host, whole=whole):
            return found("own_domain", line=line.number, raw=line.raw, what=why)
        return None

    def _entry(self, line: Line) -> Iterator[Finding]:
        if refused := self._forbidden.get(line.number):
            yield refused
        elif dropped := self._drop(line):
            self._dropped.add(line.number)
            yield dropped
        else:
            yield from self._domain(line) if line.kind == "domain" else ()
            yield from self._known(line)

    def _drop(self, line: Line) -> Finding | None:
        """Why a line may go: it is there already, or another line covers it."""
        where = {"line": line.number, "raw": line.raw, "remove": True}
        if first := self._standing.first(line):
            return found("duplicate", what=f"{first:,}", mends=(line.clean,), **where)
        if line.kind == "url":
            cover = self._standing.cover(line.value)
            return found("covered_url", what=self._cover(cover), mends=(f"domain:{cover}",), **where) if cover else None
        if bare := self._standing.bare(line.value):
            return found("www_and_bare", what=f"{bare:,}", mends=(f"domain:{bare_of(line.value)}",), **where)
        if above := self._standing.parent(line.value):
            return found("covered_by_domain", what=self._cover(above), mends=(f"domain:{above}",), **where)
        return None

    def _cover(self, host: str) -> str:
        return f"domain:{host} in line {self._standing.domains[host]:,}"

    def _domain(self, line: Line) -> Iterator[Finding]:
        host, bare = line.value, bare_of(line.value)
        if is_ip(host):
            yield found("ip_address", line=line.number, raw=line.raw)
            return
        if bare != host:
            yield found("www", line=line.number, raw=line.raw, mends=(f"domain:{bare}",))
        if important := self._around.importance(host):
            yield found(f"{important.kind}_domain", line=line.number, raw=line.raw, what=important.why)

    def _known(self, line: Line) -> Iterator[Finding]:
        """Notes from what is known elsewhere about a name or page."""
        host = line.value if line.kind == "domain" else page_host(line.value)
        names = {line.value, host, bare_of(host)}
        if self._around.is_dead(host):
            yield found("dead", line=line.number, raw=line.raw)
        if names & self._around.silent:
            yield found("no_link_left", line=line.number, raw=line.raw)
        if names & self._around.unsure:
            yield found("single_source", line=line.number, raw=line.raw)

    # --- Many lines at once -------------------------------------------------------------------------------------------
    def _many_urls(self) -> Iterator[Finding]:
        """Hosts with so many URL lines that a domain line suggests itself; those that need an explanation are not."""
        hosts: dict[str, list[Line]] = defaultdict(list)
        for line in self._entries:
            if line.kind == "url" and line.number not in self._dropped and line.number not in self._forbidden:
                hosts[page_host(line.value)].append(line)
        for host, lines in hosts.items():
            if len(lines) >= MANY_URLS and may_be_whole(host, self._around):
                yield _many(host, lines)

    def _without_reason(self) -> Iterator[Finding]:
        reasons = self._file.reasons
        listed = (line for line in self._file.lines if line.is_entry or line.kind == "comment")
        for silent, run in groupby(listed, lambda line: line.is_entry and line.number not in reasons):
            if silent:
                lines = list(run)
                what = counted(len(lines), "entry", "entries")
                yield found("no_reason", line=lines[0].number, raw=lines[0].raw, what=what, count=len(lines))


def may_be_whole(host: str, around: Surroundings) -> bool:
    """Whether a domain line for a host can be suggested without a word of warning."""
    bare = bare_of(host)
    return not (is_ip(host) or is_suffix(bare) or around.ours(bare, whole=True) or around.importance(bare))


def _many(host: str, lines: list[Line]) -> Finding:
    what = f"{counted(len(lines), 'URL')} of {shown(host)}"
    first, numbers = lines[0], tuple(one.number for one in lines)
    mends = (f"domain:{bare_of(host)}",)
    return found("many_urls", line=first.number, raw=first.raw, what=what, mends=mends, count=len(lines), lines=numbers)


# --- Lines by themselves ----------------------------------------------------------------------------------------------
def _malformed(line: Line) -> Finding:
    kind, what = MALFORMED[line.why], ""
    if line.why == "hidden":
        what = signs.visible("".join(signs.HIDDEN.findall(line.value)))
    elif line.why == "too_long":
        what = f"{len(line.value):,}"
    mends = offers(line)
    if mends and "\n" in mends[0]:
        kind, what = "several_on_a_line", ""
    return found(kind, line=line.number, raw=line.raw, what=what, mends=mends)


def _spelling(line: Line) -> Iterator[Finding]:
    """How a line differs from its written form."""
    if line.kind == "blank" or not line.marks:
        return
    kinds: dict[str, str] = {}
    for mark in line.marks:
        kind = _kind_of_mark(line, mark)
        if kind:
            kinds.setdefault(kind, _what(line, mark))
    for kind, what in kinds.items():
        mends = () if kind in ("non_ascii_comment", "hidden_in_comment") else (line.clean,)
        yield found(kind, line=line.number, raw=line.raw, what=what, mends=mends)


def _kind_of_mark(line: Line, mark: str) -> str:
    if mark == "bytes":
        return "bad_bytes_comment" if line.kind == "comment" else ""
    if line.kind != "comment":
        return SPELLED[mark]
    if mark == "non_ascii":
        return "non_ascii_comment"
    if mark == "hidden":
        return "hidden_characters" if line.clean != signs.trimmed(line.raw) else "hidden_in_comment"
    return SPELLED[mark]


def _what(line: Line, mark: str) -> str:
    if mark in ("hidden", "edge_hidden"):
        return signs.visible("".join(signs.HIDDEN.findall(line.raw)))
    if mark == "non_ascii" and line.is_entry:
        return f"{signs.visible(signs.trimmed(line.raw))} is {line.clean}"
    return ""


# --- The file as a whole ----------------------------------------------------------------------------------------------
def _whole_file(file: File) -> Iterator[Finding]:
    first = file.lines[0] if file.lines else Line(1, "blank", "", "", "")
    last = file.lines[-1] if file.lines else first
    if file.encoding != "utf-8" or file.bom:
        named = "UTF-8 with a byte order mark" if file.encoding == "utf-8" else file.encoding.upper()
        yield found("encoding", line=1, raw=first.raw, what=named, mends=(first.clean,))
    ends = file.crlf + file.cr
    if ends:
        yield found("crlf", line=1, raw=first.raw, what=counted(ends, "line ends in", "lines end in"), count=ends)
    if not file.ends_with_newline:
        yield found("no_final_newline", line=last.number, raw=last.raw)
    if not any(line.is_entry for line in file.lines):
        yield found("no_entries", line=1, raw=first.raw)
    yield from _limits(file)


def _limits(file: File) -> Iterator[Finding]:
    lines, size = len(file.lines), file.size
    if lines < MAX_LINES * NEAR and size < MAX_BYTES * NEAR:
        return
    over = lines > MAX_LINES or size > MAX_BYTES
    at = min(lines, MAX_LINES + 1)
    what = f"{lines:,} of {MAX_LINES:,} lines and {size:,} of {MAX_BYTES:,} bytes"
    yield found("over_limit" if over else "near_limit", line=at, raw=file.lines[at - 1].raw, what=what)
