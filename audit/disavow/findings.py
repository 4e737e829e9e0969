"""The catalogue of defects of a disavow file: one literal list, each with its level and its one sentence.

Decided: four levels. `error`: the line does harm or does nothing, and must not go out so. `confirm`: it may be meant,
and somebody has to say so by name. `fix`: it has one right form, which is one click away. `note`: good to know. What
the rules of the house call a warning is a fix where one right form exists (a quoted line), a confirmation where it
takes a judgement (an IP address), and a note where nothing is wrong yet (a limit that is near); a suggestion is a note
that comes with its mend. Refused: a level of its own for suggestions, and defects without an explanation.
"""

from dataclasses import dataclass
from typing import Literal

from .signs import visible

Level = Literal["error", "confirm", "fix", "note"]
LEVELS: tuple[Level, ...] = ("error", "confirm", "fix", "note")
Action = Literal["", "replace", "remove"]


@dataclass(frozen=True, slots=True)
class Defect:
    """`explanation` may hold {what}: the fact that a finding adds."""

    id: str
    kind: str
    level: Level
    title: str
    explanation: str


@dataclass(frozen=True, slots=True)
class Finding:
    """A defect in a line. `mends`: corrected lines, the best first, each may be several lines.

    Where `action` is "remove" the line goes, and its mend is the line that stands for it. `count` is how many lines one
    finding speaks for, this one first; `lines` are their numbers where a mend touches them all.
    """

    defect: Defect
    line: int
    text: str
    explanation: str
    mends: tuple[str, ...] = ()
    action: Action = ""
    count: int = 1
    lines: tuple[int, ...] = ()

    @property
    def mend(self) -> str:
        return self.mends[0] if self.mends else ""

    @property
    def level(self) -> Level:
        return self.defect.level

    @property
    def key(self) -> str:
        """Names the finding within one version of a file."""
        return f"{self.line}:{self.defect.id}:{self.defect.kind}"

    def as_json(self) -> dict[str, object]:
        defect = self.defect
        made = {"line": self.line, "level": defect.level, "kind": defect.kind, "id": defect.id, "text": self.text}
        made |= {"explanation": self.explanation, "mend": self.mend, "mends": list(self.mends), "action": self.action}
        return {**made, "count": self.count}


DEFECTS = (
    Defect("DL01", "public_suffix", "error", "Public suffix",
           "Nobody owns all names below {what}: the line would disavow every site there, so name one site below it."),
    Defect("DL01", "shared_host", "error", "Shared host",
           "{what} belongs to thousands of owners, one name each: the line would disavow all, so name one below it."),
    Defect("DL02", "path_after_domain", "error", "Path after domain:",
           "A domain: line covers a whole domain and takes no path; a folder cannot be disavowed at all."),
    Defect("DL03", "scheme_after_domain", "error", "Scheme after domain:",
           "After domain: comes the bare name, without http:// or https://."),
    Defect("DL03", "port_after_domain", "error", "Port after domain:",
           "After domain: comes the bare name, without a port."),
    Defect("DL03", "wildcard_after_domain", "error", "Wildcard after domain:",
           "Wildcards are not known here; a domain: line covers all subdomains anyway."),
    Defect("DL04", "no_scheme", "error", "Neither domain: nor a scheme",
           "A bare name or address is ignored: say domain: for the whole site, or write the page's URL."),
    Defect("DL05", "quoted", "fix", "Quoted line",
           "A line in quotes is no entry and no comment: what stands between the quotes is meant."),
    Defect("DL06", "ip_address", "confirm", "IP address as domain",
           "The rules know names after domain:, no IP addresses: list the pages as URLs."),
    Defect("DL07", "protected_domain", "confirm", "Protected domain",
           "Hardly anybody means to disavow this whole: {what}; confirm it by name, or list single URLs."),
    Defect("DL07", "popular_domain", "confirm", "Popular domain",
           "A site that many people use is rarely the harm: {what}; confirm it by name, or list single URLs."),
    Defect("DL08", "duplicate", "fix", "Duplicate", "The same entry stands in line {what} already."),
    Defect("DL09", "www_and_bare", "fix", "www. and bare name",
           "The bare name in line {what} covers the www. host too."),
    Defect("DL10", "www", "fix", "www. alone",
           "With www. the line covers that host alone: the bare name covers the whole site."),
    Defect("DL11", "covered_by_domain", "fix", "Covered by a parent", "It is covered by {what}."),
    Defect("DL12", "covered_url", "fix", "URL covered by a domain line", "The page is covered by {what}."),
    Defect("DL13", "space_around", "fix", "Space around the line",
           "A space or TAB before or after the entry may be read as part of it."),
    Defect("DL14", "crlf", "note", "Windows line ends",
           "{what} CR or CRLF instead of LF; the written file has LF alone."),
    Defect("DL15", "no_final_newline", "note", "No newline at the end",
           "The last line has no end, so what is appended would run into it; the written file has one."),
    Defect("DL16", "non_ascii", "fix", "Letters outside ASCII",
           "International names are written as A-labels, paths percent-encoded: {what}."),
    Defect("DL16", "non_ascii_comment", "note", "Letters outside ASCII in a comment",
           "Comments may hold any letters as long as the file is UTF-8."),
    Defect("DL16", "hidden_characters", "fix", "Hidden characters",
           "The line holds signs that nobody sees and that make it another text: {what}."),
    Defect("DL16", "hidden_in_comment", "note", "Hidden characters in a comment",
           "The comment holds signs that nobody sees: {what}."),
    Defect("DL17", "upper_case", "fix", "Upper case", "Scheme, host and domain: are written in lower case."),
    Defect("DL17", "host_spelling", "fix", "Odd spelling",
           "The same place has a plainer form, without final dot, user name or default port."),
    Defect("DL18", "many_urls", "note", "Many URLs of one host",
           "{what} are listed one by one: a domain line would cover them and those that will follow."),
    Defect("DL19", "dead", "note", "Dead name",
           "The name has no address or is parked: the line does no harm and may be dropped after a year."),
    Defect("DL20", "no_link_left", "note", "No link left",
           "No known source has a link from here any more: keep the line unless you prune the list."),
    Defect("DL21", "near_limit", "note", "Near the limit", "The file has {what}: at the limit no upload is accepted."),
    Defect("DL21", "over_limit", "error", "Over the limit",
           "The file has {what}: an upload would be refused, so replace URLs by domain lines or drop dead names."),
    Defect("DL22", "no_reason", "note", "No reason", "No comment above says who listed {what}, when and why."),
    Defect("DL23", "malformed_name", "error", "Malformed name",
           "This is no name that could exist: labels have 1 to 63 letters, digits or hyphens, 127 at most."),
    Defect("DL24", "own_domain", "error", "Own or partner domain", "This must never be disavowed: {what}."),
    Defect("DL25", "single_source", "note", "One weak source",
           "The decision rests on a single source of low confidence: look at it again."),
    Defect("DL26", "space_after_domain", "fix", "Space after domain:",
           "The name follows domain: at once, without a space."),
    Defect("DL27", "not_an_entry", "error", "Not an entry",
           "The line is no comment, no domain: line and no http or https URL, so it does nothing."),
    Defect("DL27", "bad_url", "error", "Broken URL",
           "No browser could open this URL, so the line names no page."),
    Defect("DL27", "space_in_url", "error", "Space in a URL",
           "A URL has no spaces: it may be one page or several entries on one line, which only you can tell."),
    Defect("DL27", "several_on_a_line", "error", "More than one entry",
           "A line holds one entry, and a comment stands on a line of its own."),
    Defect("DL27", "hidden_inside", "error", "Hidden characters inside",
           "Signs that nobody sees stand inside the entry, so it is not what it looks like: {what}."),
    Defect("DL27", "url_too_long", "error", "URL too long",
           "A URL may have 2,048 characters, this one has {what}: list its domain, or leave it out."),
    Defect("DL28", "bad_bytes", "error", "Not UTF-8",
           "The line has bytes that are not UTF-8, so nobody can say which entry was meant."),
    Defect("DL28", "bad_bytes_comment", "fix", "Comment not UTF-8",
           "The comment has bytes that are not UTF-8: read as Windows-1252 it says what the mend shows."),
    Defect("DL28", "encoding", "fix", "Other encoding",
           "The file must be UTF-8 and is {what}: mended, it is written as UTF-8 without a mark."),
    Defect("DL29", "no_entries", "note", "No entries",
           "The file lists nothing: an upload replaces the earlier file and takes back all that it disavowed."),
)  # fmt: skip

KINDS = {one.kind: one for one in DEFECTS}


def found(
    kind: str,
    *,
    line: int,
    raw: str,
    what: str = "",
    mends: tuple[str, ...] = (),
    remove: bool = False,
    count: int = 1,
    lines: tuple[int, ...] = (),
) -> Finding:
    """A finding of the catalogue; `what` completes its sentence."""
    defect = KINDS[kind]
    explanation = defect.explanation.replace("{what}", what)
    action: Action = "remove" if remove else "replace" if mends else ""
    return Finding(defect, line, visible(raw), explanation, mends, action, count, lines)
