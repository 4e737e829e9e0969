"""Lists of malware, phishing and blocked sites as they are published, line by line: what each line names. Pure.

Decided: five ways of writing are read, by content and not by name: hosts files, one name a line, filters of ad blockers
that name a host (`||name^`), tables (CSV with a column url, domain or host; URLhaus and PhishTank among them) and JSON
of the same fields. Defanged addresses (hxxp, [.]) are read. A name that is a public suffix is everybody's and refused;
so is an exception of a filter, which would turn into its opposite, and a rule that hides parts of a site's pages, which
says nothing against the site. Refused: guessing at a table without a column that looks like addresses.
"""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from itertools import chain, islice
from typing import Any

import orjson

from seoapp.lib import weburl
from seoapp.lib.weburl import MAX_HOST, PLAIN_HOST, SUFFIXES, BadUrl

from .holdings import Refused

NAMES = ("url", "ioc_value", "domain", "domain_name", "host", "hostname", "fqdn")
COMMENTS = ("#", "!", ";", "//", "[Adblock")
# What every hosts file begins with.
OWN = frozenset((
    "localhost", "localhost.localdomain", "local", "broadcasthost", "ip6-localhost", "ip6-loopback", "ip6-localnet",
    "ip6-mcastprefix", "ip6-allnodes", "ip6-allrouters", "ip6-allhosts", "127.0.0.1", "::1", "::",
    "0.0.0.0",  # noqa: S104  # text of files; nothing is bound
))  # fmt: skip
HEAD = 200
ALIKE = 0.8  # of the first rows have an address in the column that is taken
MAX_ENTRY, MAX_PAGE, MAX_LINE = 300, 2_048, 16_384
DEFANGED = re.compile(r"^hxxp|\[:\]//|\[\.\]|\(\.\)", re.IGNORECASE)
PART = re.compile(r"#[@?$%]{0,3}#|\$\$")  # between the sites and what is hidden on them
FILTER = re.compile(r"\|\|([^/^$*|]+)\^?(?:\$.*)?")
NO_NAME = "no host or address"
SUFFIX = "a public suffix: below it are sites of many people"
EXCEPTION = "an exception from a filter"
HIDING = "a rule about parts of pages: nothing against the site"


@dataclass(frozen=True, slots=True)
class Entry:
    """What a list names: a host with all below it, or with `page` (its key) one page of the host."""

    domain: str
    host: str
    page: str
    text: str

    @property
    def reach(self) -> str:
        return "url" if self.page else "name"


@dataclass(frozen=True, slots=True)
class Bad:
    """A value that names nothing, and why."""

    text: str
    reason: str


Found = tuple[int, Entry | Bad]


def of_lines(lines: Iterable[str]) -> Iterator[Found]:
    """(line number, what it names) of a list in lines."""
    rest = (line.replace("\r", " ") for line in lines)  # one inside of a row would end it
    head = list(islice(rest, HEAD))
    table = table_of(head)
    for number, line in enumerate(chain(head, rest), 1):
        for value in table.values(line, number) if table else values_of(line):
            yield number, entry_of(value)


def of_json(data: bytes) -> Iterator[Found]:
    """(number of the object, what it names) of a list in JSON: objects in a list, or in an object by their ids."""
    try:
        said = orjson.loads(data)
    except ValueError as error:
        raise Refused("This is no whole JSON: download the list again.") from error
    for number, one in enumerate(_objects(said), 1):
        value = next((one[name] for name in NAMES if isinstance(one.get(name), str)), "")
        yield number, entry_of(value) if value else Bad(str(one)[:MAX_ENTRY], NO_NAME)


def _objects(said: Any) -> Iterator[dict[str, Any]]:
    """The innermost objects; a text in a list is an address by itself."""
    if isinstance(said, dict) and any(isinstance(said.get(name), str) for name in NAMES):
        yield said
        return
    for one in said if isinstance(said, list) else said.values() if isinstance(said, dict) else ():
        if isinstance(one, str) and isinstance(said, list):
            yield {"url": one}
        elif isinstance(one, list):
            for inner in one:
                yield inner if isinstance(inner, dict) else {"url": inner}
        elif isinstance(one, dict):
            yield one


# --- Lines ------------------------------------------------------------------------------------------------------------
def values_of(line: str) -> list[str]:
    """The names in a line that is no row of a table."""
    text = line.strip().removeprefix("\ufeff")
    if not text or text.startswith(COMMENTS):
        return []
    words = text[:MAX_LINE].split(" #", 1)[0].split("\t#", 1)[0].split()
    if len(words) > 1 and _is_address(words[0]):
        words = words[1:]
    return [one for one in words if one.lower() not in OWN]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells of which one is an address; `header`: the line that names the columns, 0 where none does."""

    delimiter: str
    column: int
    header: int

    def values(self, line: str, number: int) -> list[str]:
        text = line.strip().removeprefix("\ufeff")
        if not text or text.startswith(COMMENTS) or number == self.header:
            return []
        if len(text) > MAX_LINE:
            return [text[:MAX_LINE]]
        cells = next(csv.reader([text], delimiter=self.delimiter), [])
        return [cells[self.column].strip()] if self.column < len(cells) else [text]


def table_of(head: Sequence[str]) -> Table | None:
    """The table that these first lines are of; None for a plain list. Its header may stand in a comment."""
    lines = [line.strip()[:MAX_LINE] for line in head if line.strip() and not line.strip().startswith(COMMENTS)]
    for delimiter in (",", ";", "\t"):
        for number, line in enumerate(head, 1):
            cells = [cell.strip(" \"'\ufeff#").lower() for cell in line.strip().split(delimiter)]
            column = next((cells.index(name) for name in NAMES if name in cells), -1)
            fitting = sum(one.count(delimiter) >= len(cells) - 1 for one in lines)
            if column >= 0 and len(cells) > 1 and fitting >= ALIKE * len(lines):
                return Table(delimiter, column, number)
    return _by_shape(lines)


def _by_shape(lines: Sequence[str]) -> Table | None:
    for delimiter in (",", ";", "\t"):
        rows = list(csv.reader(lines, delimiter=delimiter))
        width = len(rows[0]) if rows else 0
        if width < 2 or rows[0][0].strip() in OWN or any(len(row) != width for row in rows):
            continue
        for column in range(width):
            if sum(_looks(row[column]) for row in rows) >= ALIKE * len(rows):
                return Table(delimiter, column, 0)
    return None


def _looks(cell: str) -> bool:
    text = cell.strip().lower()
    return "://" in text or bool(PLAIN_HOST.fullmatch(text))


def _is_address(word: str) -> bool:
    try:
        ip_address(word)
    except ValueError:
        return False
    return True


# --- Entries ----------------------------------------------------------------------------------------------------------
def entry_of(value: str) -> Entry | Bad:
    """What a value names."""
    text = value.strip("\"' ")
    if text.startswith("@@"):
        return Bad(value, EXCEPTION)
    if PART.search(text):
        return Bad(value, HIDING)
    bare = _bare(text)
    if PLAIN_HOST.fullmatch(bare) and len(bare) <= MAX_HOST and "xn--" not in bare:
        return _named(bare, text)
    try:
        found = weburl.parse(bare, assume="http")
    except BadUrl as error:
        return Bad(value, error.args[0] if "://" in bare else NO_NAME)
    if not weburl.is_site(found.host):
        return Bad(value, SUFFIX if found.host and SUFFIXES.publicsuffix(found.host) == found.host else NO_NAME)
    if "://" not in bare and "/" not in bare:
        return _named(found.host, text)
    return Entry(found.domain, found.host, found.key[:MAX_PAGE], text[:MAX_ENTRY])


def _named(host: str, text: str) -> Entry | Bad:
    host = host.removeprefix("www.") if host.count(".") > 1 else host
    domain = weburl.registrable_domain(host)
    if SUFFIXES.publicsuffix(host) == host and not _is_address(host):
        return Bad(text, SUFFIX)
    if "." not in host and ":" not in host:
        return Bad(text, NO_NAME)
    return Entry(domain, host, "", text[:MAX_ENTRY])


def _bare(text: str) -> str:
    """A value without the marks of filters and wild cards, and without what keeps people from opening it."""
    filtered = FILTER.fullmatch(text)
    bare = filtered.group(1) if filtered else text
    if DEFANGED.search(bare):
        bare = re.sub(r"^hxxp", "http", bare, flags=re.IGNORECASE)
        bare = bare.replace("[:]", ":").replace("[.]", ".").replace("(.)", ".")
    bare = bare.removeprefix("*.").removeprefix(".")
    return bare if "://" in bare or "/" in bare else bare.rstrip(".").lower()
