"""What a malformed line may have been meant as: lines to choose from, the likeliest first, never applied unasked."""

import re
from collections.abc import Iterator

from . import signs
from .grammar import BARE, DOMAIN, LONGEST, Line, read_line
from .pages import PAGE

STOPS = re.compile(r"[\s,;]+")
MOST_PARTS = 20


def offers(line: Line) -> tuple[str, ...]:
    """Valid lines that could stand for a malformed one."""
    if len(line.value) > LONGEST:
        return ()
    valid = (one for one in _candidates(line) if one and one != line.value and _is_valid(one))
    return tuple(dict.fromkeys("\n".join(map(_clean, one.split("\n"))) for one in valid))


def _candidates(line: Line) -> Iterator[str]:
    text = line.value
    if line.why == "bytes":
        yield read_line(0, text).clean
    elif line.why == "bare":
        yield from _bare(text)
    elif found := DOMAIN.match(text):
        yield from _after_domain(signs.trimmed(text[found.end() :]))
    elif line.why == "hidden":
        yield signs.HIDDEN.sub("", text)
    yield from _parts(text)
    if line.why == "page_space":
        yield re.sub("[ \t]", "%20", text)
    yield signs.trimmed(text.rstrip(",;. \t"))
    if line.why == "other":
        yield f"# {signs.plain(text)}"


def _bare(text: str) -> Iterator[str]:
    found = BARE.fullmatch(text)
    if not found:
        return
    host, port, path = found.group(1), found.group(2) or "", found.group(3) or "/"
    both = (f"domain:{host}", f"http://{host}{port}{path}")
    yield from both if path == "/" else reversed(both)


def _after_domain(rest: str) -> Iterator[str]:
    """The bare name, and the page where there is a path; what follows a path cannot be kept in a domain line."""
    found = re.fullmatch(r"(?:(\w+):/*)?(?:\*\.)?([^\s/?#\\:]+)(:\d*)?([/?#]\S*)?", rest)
    if found:
        scheme, host, port, path = found.groups()
        yield f"domain:{host}"
        if path and path != "/":
            yield f"{(scheme or 'http').lower()}://{host}{port or ''}{path}"
    yield f"domain:{signs.HIDDEN.sub('', rest).rstrip(',;./ ')}"


def _parts(text: str) -> Iterator[str]:
    """Several entries on one line, or an entry with a comment after it."""
    entry, hash_sign, comment = text.partition(" #")
    if hash_sign and comment.strip() and _is_valid(entry):
        yield f"# {signs.plain(comment)}\n{_clean(entry)}"
    parts = [part for part in STOPS.split(re.sub(r"(?i)domain:\s+", "domain:", text)) if part]
    if 1 < len(parts) <= MOST_PARTS and all(DOMAIN.match(part) or PAGE.match(part) for part in parts):
        yield "\n".join(map(_clean, parts))


def _clean(text: str) -> str:
    return read_line(0, text).clean


def _is_valid(text: str) -> bool:
    """Every line of an offer is written right: an offer leads nowhere else."""
    lines = [read_line(0, one) for one in text.split("\n")]
    return all(one.kind in ("comment", "domain", "url") and one.clean for one in lines)
