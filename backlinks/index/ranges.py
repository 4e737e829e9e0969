"""A filter of a range as SQL, the same for every list of the index: what is not known is in no range."""


def in_range(value: str, known: str, op: str, bound: str) -> str:
    """Whether a value is from or up to a bound (op: min, from, max, to); `known`: SQL of "there is one", or ""."""
    held = f"{value} {'>=' if op in ('min', 'from') else '<='} {bound}"
    return f"({known} AND {held})" if known else f"({held})"
