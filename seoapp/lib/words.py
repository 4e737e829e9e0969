"""Numbers and their nouns, in one place: “1 page”, “2,000 pages”, “1 address”; what is too long, shortened; and what
people typed, as it can be kept."""

ELLIPSIS = "\N{HORIZONTAL ELLIPSIS}"


def counted(count: float, one: str, many: str = "") -> str:
    """`many` is `one` with an s unless it is given."""
    digits = f"{count:,}" if isinstance(count, int) else f"{count:,.2f}".rstrip("0").rstrip(".")
    return f"{digits} {one if count == 1 else many or f'{one}s'}"


def cut_in_middle(text: str, most: int) -> str:
    """At most so many characters, the beginning and the end of it: addresses differ where they end."""
    if len(text) <= most:
        return text
    end = (most - 1) // 2
    return f"{text[: most - 1 - end]}{ELLIPSIS}{text[-end:]}"


def typed(text: str, most: int) -> str:
    """Text from a form: no zero bytes, which no database of texts takes, and lines that end as everywhere."""
    return text.replace("\0", "").replace("\r\n", "\n").replace("\r", "\n").strip()[:most]
