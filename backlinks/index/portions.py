"""Names in portions: parameters travel in the address of a request, quoted, which ends at 64 KB."""

from collections.abc import Iterable, Iterator

MOST = 40_000  # characters
AROUND = 12  # what stands between two of them, quoted
QUOTED = 9  # of a character that is not ASCII


def portions(names: Iterable[str]) -> Iterator[list[str]]:
    """Distinct names in their order, as many at a time as one request takes."""
    portion: list[str] = []
    room = MOST
    for name in sorted(set(names)):
        length = AROUND + (len(name) if name.isascii() else QUOTED * len(name))
        if length > room and portion:
            yield portion
            portion, room = [], MOST
        portion.append(name)
        room -= length
    if portion:
        yield portion
