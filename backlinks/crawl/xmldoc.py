"""XML from strangers, read in one pass: elements with their text, no entities of their own, bounded in every way.

Decided: expat with a door of ours. A document type that defines anything is refused, so no entity can expand or fetch;
names of HTML's entities are read, because feeds use them. What breaks off or is not well-formed keeps what was read
before, and says so. Refused: building a tree (a sitemap has 50,000 rows), and repairing more than bare ampersands and
control characters.
"""

import re
import zlib
from collections.abc import Callable, Mapping
from html.entities import html5
from typing import Protocol, TypeVar
from xml.parsers import expat

import webencodings

MAX_DECODED = 50 * 1024 * 1024
MAX_DEPTH = 50
MAX_TEXT = 20_000  # characters of one element
PIECE = 1024 * 1024
MAX_TAG = 2 * PIECE  # bytes; expat reads an unfinished tag anew with every piece
GZIP = b"\x1f\x8b"
BARE = re.compile(rb"&(?!(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});)")
CONTROL = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]")
DECLARED = re.compile(rb"""\s*<\?xml[^>]{0,100}?encoding\s*=\s*["']([A-Za-z0-9._:-]{1,40})["']""")
MALFORMED = "Not well-formed XML"
Seen = Callable[[tuple[str, ...], Mapping[str, str], str], None]


class Refused(Exception):
    """The document is not read (further); `str(error)` says why in a sentence."""


class Enough(Exception):
    """Raised by a reader that has all it wants."""


class Reader(Protocol):
    """Gets each element when it ends: the path of lower-case names, its attributes, its own text."""

    def seen(self, path: tuple[str, ...], attributes: Mapping[str, str], text: str) -> None: ...


Kept = TypeVar("Kept", bound=Reader)


def unpacked(body: bytes) -> tuple[bytes, str]:
    """A body as it was before gzip, and why it was cut ("" when whole); a body that is not packed stays as it is."""
    if not body.startswith(GZIP):
        return (body, "") if len(body) <= MAX_DECODED else (body[:MAX_DECODED], "Only the first 50 MB are read.")
    unpack = zlib.decompressobj(31)
    try:
        data = unpack.decompress(body, MAX_DECODED)
    except zlib.error as error:
        return _before_the_break(body), f"The gzip data is broken: {error}."
    if unpack.unconsumed_tail:
        return data, "Only the first 50 MB are read."
    return data, "" if unpack.eof else "The gzip data breaks off."


def _before_the_break(body: bytes) -> bytes:
    """What a broken gzip stream gives before it breaks."""
    unpack, data = zlib.decompressobj(31), bytearray()
    try:
        for start in range(0, len(body), 4_096):
            data += unpack.decompress(body[start : start + 4_096], MAX_DECODED - len(data) or 1)
    except zlib.error:
        pass
    return bytes(data)


def read(body: bytes, fresh: Callable[[], Kept]) -> tuple[Kept, str]:
    """A reader that has seen the document, and "" or the sentence that says why the reading ended early."""
    text, reader = _utf8(body), fresh()
    problem = _read(text, reader.seen)
    if not problem.startswith(MALFORMED):
        return reader, problem
    again, mended = fresh(), _mended(text)
    return (again, _read(mended, again.seen)) if mended != text else (reader, problem)


def _utf8(body: bytes) -> bytes:
    """The document in UTF-8, whatever it declares; labels by the Encoding Standard's table."""
    declared = DECLARED.match(body)
    label = declared.group(1).decode() if declared else "utf-8"
    encoding = webencodings.lookup(label) or webencodings.UTF8
    if encoding.name.startswith("utf-16"):
        encoding = webencodings.UTF8  # it says so in single bytes, so it is not true
    if encoding.name == "utf-8" and body[:2] not in (b"\xff\xfe", b"\xfe\xff"):
        return body
    text, _ = webencodings.decode(body, encoding, "replace")
    return text.encode("utf-8", "replace")


def _mended(text: bytes) -> bytes:
    """The document with bare ampersands escaped, and without control characters and broken ones."""
    sound = text.decode("utf-8", "replace").encode()
    return CONTROL.sub(b"", BARE.sub(b"&amp;", sound))


def _read(body: bytes, seen: Seen) -> str:
    reading = _Reading(seen)
    try:
        for start in range(0, len(body), PIECE):
            reading.parser.Parse(body[start : start + PIECE])
            if start + PIECE - reading.parser.CurrentByteIndex > MAX_TAG:
                raise Refused("A single tag is longer than 2 MB.")
        reading.parser.Parse(b"", 1)
    except expat.ExpatError as error:
        return f"{MALFORMED}: {expat.errors.messages[error.code]} in line {error.lineno}."
    except Refused as error:
        return str(error)
    except Enough:
        return ""
    return ""


class _Reading:
    """The state of one pass: the path of open elements, and the text of each."""

    def __init__(self, seen: Seen) -> None:
        self._seen = seen
        self._path: list[str] = []
        self._attributes: list[dict[str, str]] = []
        self._texts: list[list[str]] = []
        self._lengths: list[int] = []
        self.parser = self._expat()

    def _expat(self) -> expat.XMLParserType:
        parser = expat.ParserCreate("utf-8")
        parser.buffer_text = True
        parser.UseForeignDTD()  # else a name like &nbsp; ends the reading
        parser.StartDoctypeDeclHandler = _doctype
        parser.EntityDeclHandler = _entity
        parser.SkippedEntityHandler = self._name
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        return parser

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if len(self._path) >= MAX_DEPTH:
            raise Refused(f"Elements are nested more than {MAX_DEPTH} deep.")
        self._path.append(name.lower())
        self._attributes.append(attributes)
        self._texts.append([])
        self._lengths.append(0)

    def _text(self, text: str) -> None:
        if self._texts and self._lengths[-1] < MAX_TEXT:
            self._texts[-1].append(text[:MAX_TEXT])
            self._lengths[-1] += len(text)

    def _name(self, name: str, is_parameter: int) -> None:
        if not is_parameter:
            self._text(html5.get(f"{name};", ""))

    def _end(self, name: str) -> None:
        text = "".join(self._texts.pop()).strip()
        self._lengths.pop()
        path = tuple(self._path)
        self._path.pop()
        self._seen(path, self._attributes.pop(), text)


def _doctype(name: str, system: str | None, public: str | None, has_subset: int) -> None:
    if has_subset:
        raise Refused("The document defines entities or elements of its own.")


def _entity(*declaration: object) -> None:
    raise Refused("The document defines entities or elements of its own.")
