"""What people upload as a disavow file, read into lines: everything is kept, nothing is decided in silence.

Decided: any text is read (byte order marks, UTF-16, every line end, quotes, spaces, upper case, hidden signs); a line
keeps its raw text beside its written form, so that an unchanged valid file comes out as it came in, but for line ends
and the byte order mark. The comment block above entries is the reason of all entries up to the next blank line or
comment, because a file written by groups would lose the reasons of all but the first. Headings of vendors' exports are
section marks, no reasons. Refused: opening what is no text, and files beyond any use (20 MB, 300,000 lines).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from . import signs
from .entries import Entry, EntryKind, about
from .hosts import BadHost, host_of
from .pages import PAGE, BadPage, page_of

Kind = Literal["blank", "comment", "domain", "url", "malformed"]
# What a line has that its written form has not.
Mark = Literal["edge", "edge_hidden", "hidden", "quoted", "spaced", "upper", "non_ascii", "spelling", "bytes"]
# Why a line is malformed: what follows `domain:`, what is wrong with a URL, or what the whole line is.
WHY = (
    "path", "scheme", "port", "wildcard", "space", "hidden", "labels", "characters", "empty",
    "page_space", "page", "too_long", "bare", "bytes", "other",
)  # fmt: skip

MAX_BYTES = 20_000_000
MAX_LINES = 300_000
LONGEST = 16_384  # characters of a line that is looked at as an entry
DOMAIN = re.compile(r"domain:", re.IGNORECASE)
PLAIN_DOMAIN = re.compile(r"domain:([a-z0-9.-]+)")
QUOTES = {'"': '"', "'": "'", "\u201c": "\u201d", "\u2018": "\u2019", "\u201e": "\u201c", "\xab": "\xbb"}
NO_BYTE = re.compile("[\ud800-\udc7f\udd00-\udfff]")  # half characters that stand for no byte
ENDS = re.compile(r"\r\n|\r|\n")
BARE = re.compile(r"(?://)?([^\s/?#:@]+\.[^\s/?#:@]+)(:\d+)?([/?#]\S*)?")
DECORATION = re.compile(r"[\W_]*")
SECTION_MARKS = frozenset({"exported from backlink tool", "domains", "urls"})
ENCODINGS = (
    (b"\xff\xfe\x00\x00", "utf-32"), (b"\x00\x00\xfe\xff", "utf-32"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"),
)  # fmt: skip


class Unreadable(ValueError):
    """The file is no text that could be read; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Line:
    """`value`: host, URL, text of a comment, or the malformed text. `clean`: the line as it should be written.

    `why` is one of WHY for a malformed line, else ""; `came` has the bytes of a line that is not UTF-8, as surrogates.
    """

    number: int
    kind: Kind
    value: str
    raw: str
    clean: str
    marks: tuple[Mark, ...] = ()
    why: str = ""
    came: str = ""

    @property
    def is_entry(self) -> bool:
        return self.kind in ("domain", "url")


@dataclass(frozen=True)
class File:
    """A file that was read. `encoding` is utf-8 with or without `bom`, or what had to be decoded."""

    lines: tuple[Line, ...]
    encoding: str = "utf-8"
    bom: bool = False
    crlf: int = 0
    cr: int = 0
    ends_with_newline: bool = True
    size: int = 0

    def text(self) -> str:
        """The file with all its lines as they are, LF at every end."""
        return "".join(f"{line.raw}\n" for line in self.lines)

    def data(self) -> bytes:
        """The same as bytes: lines that are not UTF-8 keep those that they came with."""
        return "".join(f"{line.came or line.raw}\n" for line in self.lines).encode("utf-8", "surrogateescape")

    def count(self, kind: Kind) -> int:
        return sum(line.kind == kind for line in self.lines)

    @cached_property
    def reasons(self) -> dict[int, str]:
        """The reason of each entry that has one, by line number."""
        return dict(_reasons(self.lines))

    def entries(self) -> tuple[Entry, ...]:
        """Who, when and why are read out of comments that we wrote; another comment is a reason as a whole."""
        known = {block: about(block) for block in {"", *self.reasons.values()}}
        return tuple(_entry(one, known[self.reasons.get(one.number, "")]) for one in self.lines if one.is_entry)


def _entry(line: Line, said: Entry) -> Entry:
    kind: EntryKind = "domain" if line.kind == "domain" else "url"
    return Entry(kind, line.value, said.reason, said.who, said.when, said.group, line=line.number)


# --- Bytes and lines --------------------------------------------------------------------------------------------------
def read(data: bytes) -> File:
    """Raises `Unreadable`."""
    if len(data) > MAX_BYTES:
        raise Unreadable(
            f"The file has more than {MAX_BYTES // 1_000_000} MB: no disavow file may exceed 2 MB, split it."
        )
    text, encoding, bom = _decoded(data)
    if "\0" in text:
        raise Unreadable("The file is no text (it holds zero bytes): save the list as plain text, UTF-8.")
    return _file(text, encoding, len(data), bom=bom)


def read_text(text: str) -> File:
    return _file(text, "utf-8", len(text.encode("utf-8", "surrogatepass")), bom=False)


def _decoded(data: bytes) -> tuple[str, str, bool]:
    """Text, encoding, and whether it began with a byte order mark; bytes that are not UTF-8 become surrogates."""
    marked = next((name for mark, name in ENCODINGS if data.startswith(mark)), "")
    encoding = marked or _guessed(data)
    if not encoding:
        bom = data.startswith(b"\xef\xbb\xbf")
        return data[3 if bom else 0 :].decode("utf-8", "surrogateescape"), "utf-8", bom
    try:
        return data.decode(encoding).removeprefix("\ufeff"), encoding, bool(marked)
    except UnicodeDecodeError as error:
        raise Unreadable(f"The file is broken {encoding.upper()} text: save it as plain text, UTF-8.") from error


def _guessed(data: bytes) -> str:
    """UTF-16 without a mark: every second byte of its beginning is zero."""
    head = data[:200]
    if len(head) < 4 or len(data) % 2:
        return ""
    for offset, name in ((1, "utf-16-le"), (0, "utf-16-be")):
        if not any(head[offset::2]) and all(head[1 - offset :: 2]):
            return name
    return ""


def _file(text: str, encoding: str, size: int, *, bom: bool) -> File:
    crlf = text.count("\r\n")
    whole = not text or text[-1] in "\r\n"
    pieces = ENDS.split(text) if "\r" in text else text.split("\n")
    if whole:
        pieces.pop()
    if len(pieces) > MAX_LINES:
        raise Unreadable(f"The file has more than {MAX_LINES:,} lines: no disavow file may exceed 100,000, split it.")
    lines = tuple(read_line(number, raw) for number, raw in enumerate(pieces, 1))
    return File(lines, encoding, bom, crlf, text.count("\r") - crlf, whole, size)


def read_line(number: int, raw: str) -> Line:
    found = PLAIN_DOMAIN.fullmatch(raw)
    if found:
        return _domain(number, raw, raw, found.group(1), [])
    if signs.SURROGATE.search(raw):
        return _of_bad_bytes(number, raw)
    text = signs.trimmed(raw)
    marks: list[Mark] = []
    if not text:
        return Line(number, "blank", "", raw, "")
    if text != raw:
        marks.append("edge" if raw.strip(" \t") == text else "edge_hidden")
    return _unquoted(number, raw, text, marks)


def _of_bad_bytes(number: int, raw: str) -> Line:
    """A line that is not UTF-8, read as Windows-1252: sure enough for a comment, not for an entry."""
    came = NO_BYTE.sub("?", raw)
    guess = came.encode("utf-8", "surrogateescape").decode("cp1252", "replace")
    made = read_line(number, guess)
    if made.kind == "comment":
        return Line(number, "comment", made.value, guess, made.clean, (*made.marks, "bytes"), came=came)
    text = signs.trimmed(guess)
    return Line(number, "malformed", text, guess, text, ("bytes",), "bytes", came=came)


def _unquoted(number: int, raw: str, text: str, marks: list[Mark]) -> Line:
    if len(text) > 2 and QUOTES.get(text[0]) == text[-1]:
        inner = signs.trimmed(text[1:-1])
        if inner and inner[0] not in QUOTES:
            return _of_kind(number, raw, inner, [*marks, "quoted"])
    return _of_kind(number, raw, text, marks)


def _of_kind(number: int, raw: str, text: str, marks: list[Mark]) -> Line:
    if text[0] == "#":
        return _comment(number, raw, text, marks)
    if len(text) > LONGEST:
        return Line(number, "malformed", text, raw, text, tuple(marks), "too_long" if PAGE.match(text) else "other")
    if found := DOMAIN.match(text):
        return _domain(number, raw, text, text[found.end() :], marks)
    if PAGE.match(text):
        return _page(number, raw, text, marks)
    return Line(number, "malformed", text, raw, text, tuple(marks), "bare" if _is_bare(text) else "other")


def _comment(number: int, raw: str, text: str, marks: list[Mark]) -> Line:
    if signs.has_hidden(text):
        marks = [*marks, "hidden"]
    elif not text.isascii():
        marks = [*marks, "non_ascii"]
    clean = signs.BREAKS.sub(" ", text)  # what some reader would take for the end of the line
    return Line(number, "comment", clean[1:].strip(), raw, clean, tuple(marks))


def _domain(number: int, raw: str, text: str, rest: str, marks: list[Mark]) -> Line:
    name = signs.trimmed(rest)
    try:
        host = host_of(name)
    except BadHost as error:
        return Line(number, "malformed", text, raw, text, tuple(marks), str(error))
    clean = f"domain:{host}"
    if clean != raw:
        marks = [*marks, *_spelled(text, name, rest, host)]
    return Line(number, "domain", host, raw, clean, tuple(marks))


def _spelled(text: str, name: str, rest: str, host: str) -> Iterator[Mark]:
    """How a `domain:` line differs from its written form, its ends and quotes aside."""
    if rest != name:
        yield "spaced"
    if signs.ZERO_WIDTH.search(name) or signs.JOINERS.search(name):
        yield "hidden"
    if not name.isascii():
        yield "non_ascii"
    elif name != name.lower() or not text.startswith("domain:"):
        yield "upper"
    elif name != host:
        yield "spelling"


def _page(number: int, raw: str, text: str, marks: list[Mark]) -> Line:
    try:
        page = page_of(text)
    except BadPage as error:
        return Line(number, "malformed", text, raw, text, tuple(marks), str(error))
    if page == f"{text}/":  # the root page of a host needs no slash
        return Line(number, "url", page, raw, text, tuple(marks))
    if page != text:
        marks = [*marks, _written_differently(text, page)]
    return Line(number, "url", page, raw, page, tuple(marks))


def _written_differently(text: str, page: str) -> Mark:
    if not text.isascii():
        return "non_ascii"
    return "upper" if text.lower() == page.lower() else "spelling"


def _is_bare(text: str) -> bool:
    """A host, or a host with a path, that lacks `domain:` or a scheme."""
    found = BARE.fullmatch(text)
    if not found:
        return False
    try:
        host_of(found.group(1))
    except BadHost:
        return False
    return True


# --- Reasons ----------------------------------------------------------------------------------------------------------
def is_section_mark(comment: str) -> bool:
    return comment.strip(" \t:").casefold() in SECTION_MARKS


def _reasons(lines: tuple[Line, ...]) -> Iterator[tuple[int, str]]:
    """(line number, reason): the comment block above a run of entries; rules and headings of vendors are left out."""
    block: list[str] = []
    before: Kind = "blank"
    for line in lines:
        if line.kind == "comment":
            block = [*block, line.value] if before == "comment" else [line.value]
        elif line.kind == "blank":
            block = []
        elif reason := "\n".join(map(str, filter(_says_something, block))):
            yield line.number, reason
        before = line.kind


def _says_something(comment: str) -> bool:
    return not is_section_mark(comment) and not DECORATION.fullmatch(comment)
