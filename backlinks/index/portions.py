"""Values in portions: long parameters travel in a form, and ClickHouse takes 128 KB for a field of one.

Decided: large portions, because a statement of the settle costs the same whether it names a hundred targets or five
thousand: 12,000 targets of a crawl file settle in 0.6 of the CPU time that portions for an address (40 KB) took. What
one statement must have whole is bound as several values that the statement joins.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TypeVar

MOST = 100_000  # bytes
AROUND = 4  # quotes, a comma, a space
ESCAPED = "\\'`\t\n"  # what is written with a backslash before it
Row = TypeVar("Row")


def written(value: Any) -> int:
    """How many bytes a value takes within a bound array."""
    text = str(value)
    length = len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))
    return AROUND + length + sum(map(text.count, ESCAPED))


def fitting(rows: Iterable[Row], size: Callable[[Row], int]) -> Iterator[list[Row]]:
    """Rows in their order, as many at a time as one value takes; what is too long alone stands alone."""
    portion: list[Row] = []
    room = MOST
    for row in rows:
        length = size(row)
        if length > room and portion:
            yield portion
            portion, room = [], MOST
        portion.append(row)
        room -= length
    if portion:
        yield portion


def portions(names: Iterable[str], size: Callable[[str], int] = written) -> Iterator[list[str]]:
    """Distinct names in their order, as many at a time as one request takes."""
    return fitting(sorted(set(names)), size)


def joined_array(name: str, portioned: Sequence[Sequence[Any]], kind: str = "String") -> tuple[str, dict[str, Any]]:
    """SQL of the array that these portions make together, and the parameters that carry it."""
    if len(portioned) <= 1:
        return f"{{{name}:Array({kind})}}", {name: list(portioned[0]) if portioned else []}
    bound = {f"{name}_{number}": list(portion) for number, portion in enumerate(portioned)}
    return f"arrayConcat({', '.join(f'{{{one}:Array({kind})}}' for one in bound)})", bound


def bound_array(name: str, values: Iterable[Any], kind: str = "String") -> tuple[str, dict[str, Any]]:
    """SQL of an array of any length, and the parameters that carry it."""
    return joined_array(name, list(fitting(values, written)), kind)
