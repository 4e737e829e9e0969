"""Apply the mends that somebody accepted, and nothing else.

Decided: a line that goes, goes; one that is replaced takes the strongest accepted mend (a choice among offers, then the
name without www., then its written form). Comments stay where they are, also above lines that went: they are the
history of the list. The result has LF at every line's end. Refused: edits by position, which two mends of one line
would spoil for each other.
"""

from collections.abc import Iterable, Mapping

from .findings import Finding
from .grammar import File, read_text
from .lint import lint
from .surroundings import NOTHING, Surroundings

MOST_ROUNDS = 10


class Stale(ValueError):
    """A mend was accepted that this version of the file does not have; the message says which."""


def picked(findings: Iterable[Finding], keys: Iterable[str]) -> tuple[Finding, ...]:
    """The findings that a user accepted by their keys. Raises `Stale`."""
    known = {one.key: one for one in findings if one.action}
    missing = [key for key in keys if key not in known]
    if missing:
        raise Stale(
            f"The file has changed since: there is nothing to mend as {missing[0]}; look at its findings again."
        )
    return tuple(known[key] for key in keys)


def mended(file: File, accepted: Iterable[Finding], chosen: Mapping[str, int] | None = None) -> str:
    """The text with the accepted mends; `chosen` says which offer, by key. Bytes that are not UTF-8 stay as surrogates
    where nobody has accepted a reading of them. Raises `Stale`."""
    removed: set[int] = set()
    replaced: dict[int, tuple[int, str]] = {}
    for one in accepted:
        if one.action == "remove":
            removed.add(one.line)
        elif one.mends:
            removed.update(one.lines[1:])
            made = (_strength(one), _chosen(one, chosen or {}))
            replaced[one.line] = max(replaced.get(one.line, made), made, key=lambda pair: pair[0])
    kept = (line for line in file.lines if line.number not in removed)
    return "".join(
        f"{replaced[line.number][1] if line.number in replaced else line.came or line.raw}\n" for line in kept
    )


def _chosen(one: Finding, chosen: Mapping[str, int]) -> str:
    number = chosen.get(one.key, 0)
    if not 0 <= number < len(one.mends):
        raise Stale(f"There is no choice {number + 1} for line {one.line}: look at its findings again.")
    return one.mends[number]


def _strength(one: Finding) -> int:
    if one.lines:
        return 3
    if one.level == "error":
        return 2
    return 1 if one.defect.kind == "www" else 0


def fixed(file: File, around: Surroundings = NOTHING) -> File:
    """The file with all that has one right form put right; what takes a judgement stays."""
    for _ in range(MOST_ROUNDS):
        fixes = [one for one in lint(file, around) if one.level == "fix"]
        if not fixes:
            break
        file = read_text(mended(file, fixes))
    return file
