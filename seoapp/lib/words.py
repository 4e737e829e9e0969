"""Numbers and their nouns, in one place: “1 page”, “2,000 pages”, “1 address”."""


def counted(count: float, one: str, many: str = "") -> str:
    """`many` is `one` with an s unless it is given."""
    digits = f"{count:,}" if isinstance(count, int) else f"{count:,.2f}".rstrip("0").rstrip(".")
    return f"{digits} {one if count == 1 else many or f'{one}s'}"
