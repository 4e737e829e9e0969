"""Names in portions: long parameters travel in a form, and ClickHouse takes 128 KB for a field of one.

Decided: large portions, because a statement of the settle costs the same whether it names a hundred targets or five
thousand: 12,000 targets of a crawl file settle in 0.6 of the CPU time that portions for an address (40 KB) took.
"""

from collections.abc import Iterable, Iterator

MOST = 100_000  # bytes
AROUND = 3  # quotes and the comma
WIDE = 4  # bytes of a character that is not ASCII, at most


def portions(names: Iterable[str]) -> Iterator[list[str]]:
    """Distinct names in their order, as many at a time as one request takes."""
    portion: list[str] = []
    room = MOST
    for name in sorted(set(names)):
        length = AROUND + (len(name) if name.isascii() else WIDE * len(name))
        if length > room and portion:
            yield portion
            portion, room = [], MOST
        portion.append(name)
        room -= length
    if portion:
        yield portion
