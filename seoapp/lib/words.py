"""Numbers and their nouns, in one place: “1 page”, “2,000 pages”, “1 address”."""


def counted(count: int, one: str, many: str = "") -> str:
    """`many` is `one` with an s unless it is given."""
    return f"{count:,} {one if count == 1 else many or f'{one}s'}"
