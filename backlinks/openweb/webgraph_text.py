"""Text of any length, plain or gzip, in blocks that end at the end of a line.

Decided: a block is cut by its place in the plain text, so that it is the same block at every reading; what was read
before is passed over by unpacking it, because gzip has no way to jump. Unpacking runs in a thread beside the reading
(zlib lets go of the interpreter: 250 MB/s of plain text on one core). A file that ends within its gzip stream ends with
a sentence that says how far it came; a stream may have several members. Refused: a process of `gunzip`, which is not
faster and has to be there.
"""

import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from .holdings import Refused

BLOCK_BYTES = 64 << 20
PIECE_BYTES = 1 << 20
GZIP = b"\x1f\x8b"
LONGEST_LINE = 1 << 20
Item = TypeVar("Item")


class Unreadable(PermissionError, Refused):
    """A file that cannot be read to its end; the run ends with this sentence and nothing else."""


class CutShort(Unreadable):
    """A file that ends in the middle."""


@dataclass(frozen=True, slots=True)
class Block:
    """Whole lines of a file. `read` bytes of the file as it lies there were used up to here; `is_last` ends it."""

    number: int
    data: bytes
    read: int
    is_last: bool


def blocks(path: Path) -> Iterator[Block]:
    """All of a file, the next block being unpacked while this one is used."""
    return _ahead(_blocks(path))


def first_block(path: Path) -> Block:
    return next(_blocks(path))


def first_lines(path: Path, most: int = 100) -> list[str]:
    """The first lines of a file, without their ends."""
    held = b""
    for piece, _ in _plain(path):
        held += piece
        if held.count(b"\n") >= most or len(held) > LONGEST_LINE:
            break
    return [line.decode("utf-8", "replace") for line in held[: LONGEST_LINE + 1].splitlines()[:most]]


def _ahead(items: Iterator[Item]) -> Iterator[Item]:
    done = object()
    with ThreadPoolExecutor(1) as worker:
        coming = worker.submit(next, items, done)
        while (item := coming.result()) is not done:
            coming = worker.submit(next, items, done)
            yield item  # type: ignore[misc]


def _blocks(path: Path) -> Iterator[Block]:
    number, end, size, read = 0, BLOCK_BYTES, 0, 0
    held: list[bytes] = []
    for piece, read in _plain(path):
        held.append(piece)
        size += len(piece)
        while size >= end:
            cut = piece.rfind(b"\n", 0, max(0, len(piece) - (size - end))) + 1
            if not cut:  # the end of the last line stands in an earlier piece
                held = [piece := b"".join(held)]
                cut = piece.rfind(b"\n", 0, len(piece) - (size - end)) + 1
            if not cut:
                raise Unreadable(f"{path.name} is no text of lines: {len(piece):,} bytes have no end of a line.")
            held[-1] = piece[:cut]
            data, piece = b"".join(held), piece[cut:]
            held = [piece]  # what the block is made of is not kept while it is used
            yield Block(number, data, read, is_last=False)
            del data
            number, end = number + 1, end + BLOCK_BYTES
    yield Block(number, b"".join(held), read, is_last=True)


def _plain(path: Path) -> Iterator[tuple[bytes, int]]:
    """(plain bytes, bytes of the file that were used)."""
    with path.open("rb") as file:
        head = file.read(len(GZIP))
        file.seek(0)
        if head == GZIP or (path.suffix == ".gz" and head):
            yield from _unpacked(path, iter(lambda: file.read(PIECE_BYTES), b""))
            return
        while piece := file.read(PIECE_BYTES):
            yield piece, file.tell()


def _unpacked(path: Path, pieces: Iterator[bytes]) -> Iterator[tuple[bytes, int]]:
    decoder, read = zlib.decompressobj(31), 0
    begun = False
    try:
        for piece in pieces:
            read += len(piece)
            while piece:
                if decoder.eof:  # another member follows, or zeros that fill a tape
                    piece = piece.lstrip(b"\0")
                    decoder, begun = zlib.decompressobj(31), False
                    continue
                begun = True
                yield decoder.decompress(piece, PIECE_BYTES), read
                piece = decoder.unused_data if decoder.eof else decoder.unconsumed_tail
    except zlib.error as error:
        raise Unreadable(
            f"{path.name} is damaged near byte {read:,} of {path.stat().st_size:,} ({error}): download it again, "
            "then run the command once more."
        ) from error
    if begun and not decoder.eof:
        raise CutShort(
            f"{path.name} ends in the middle: its {read:,} bytes are not the whole file. Complete it (for example with "
            "curl -C -), then run the command again: it goes on where it stood."
        )
