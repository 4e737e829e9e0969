"""What to add next: what the index lacks or what is old, each with the command or the page that mends it.

Decided: advice is rules over facts, in the order of what it brings; what is in order is not mentioned. A command is for
whoever runs the installation, a page for the members of the workspace.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from backlinks import index
from backlinks.authority.gather import LEAST_LISTED
from seoapp.lib.words import counted

from .data_coverage import CoverageRow
from .vendors import vendor_label

OLD_GRAPH = timedelta(days=122)  # four months: a newer release is out
OLD_LIST = timedelta(days=60)
OLD_SCORES = timedelta(days=7)
OPEN_SOURCES = frozenset(("commoncrawl", "crawl"))
# The exports that bring most, in the order in which they are recommended.
EXPORTS = (
    ("gsc", "Search Console (Links → Export external links): free, and from Google itself"),
    ("ahrefs", "Ahrefs (Site Explorer → Backlinks → Export)"),
    ("semrush", "Semrush (Backlink Analytics → Backlinks → Export)"),
    ("bing", "Bing Webmaster Tools (Backlinks → Download all)"),
    ("majestic", "Majestic (Backlinks → Download)"),
)
NAMED = 5  # projects that are named one by one


@dataclass(frozen=True, slots=True)
class Advice:
    """One thing to do: a `command` of the operator, or a page (`url`, `label`)."""

    title: str
    why: str
    command: str = ""
    url: str = ""
    label: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """What the rules look at. `lists` are those that count, `scored_at` when scores were last computed."""

    today: date
    release: index.graph.Release | None
    lists: Sequence[index.popularity.ListFacts]
    has_addresses: bool
    scored_at: datetime | None
    profiles: Sequence[CoverageRow]


def advice(facts: Facts) -> list[Advice]:
    return [*_graph(facts), *_lists(facts), *_addresses(facts), *_scores(facts), *_profiles(facts)]


def _graph(facts: Facts) -> Iterator[Advice]:
    if facts.release is None:
        yield Advice(
            "Load a release of Common Crawl's graph",
            "It names the domains that link to yours and that no export knows, and is what authority is computed from.",
            "manage.py import_webgraph FOLDER",
        )
    elif facts.today - facts.release.last_day > OLD_GRAPH:
        yield Advice(
            "Load a newer release of Common Crawl's graph",
            f"{facts.release.release} ends on {facts.release.last_day}; there is a new one about every month.",
            "manage.py import_webgraph FOLDER",
        )


def _lists(facts: Facts) -> Iterator[Advice]:
    """Lists that count visitors; a rank made of links is no traffic."""
    visited = [one for one in facts.lists if one.list not in ("gsc", "visits", "majestic", "openpagerank")]
    newest = max((one.day for one in visited), default=None)
    if newest is None:
        yield Advice(
            "Load a popularity list",
            "Without one, traffic is no part of authority: Tranco, Chrome UX Report or Cisco Umbrella, all free.",
            "manage.py import_popularity FILE",
        )
    elif max(one.rows for one in visited) < LEAST_LISTED:
        yield Advice(
            "Load a whole popularity list",
            f"None that is loaded names {LEAST_LISTED:,} domains, so nothing follows for a domain that none names.",
            "manage.py import_popularity FILE",
        )
    elif facts.today - newest > OLD_LIST:
        yield Advice(
            "Load a newer popularity list",
            f"The newest is of {newest}; lists change every day.",
            "manage.py import_popularity FILE",
        )


def _addresses(facts: Facts) -> Iterator[Advice]:
    if not facts.has_addresses:
        yield Advice(
            "Load the tables of countries and networks",
            "They say where the addresses of linking pages stand, where no export does.",
            "manage.py refresh_addresses",
        )


def _scores(facts: Facts) -> Iterator[Advice]:
    if facts.scored_at is None:
        yield Advice(
            "Compute authority scores",
            "No domain has a score yet.",
            "manage.py compute_authority",
        )
    elif facts.today - facts.scored_at.date() > OLD_SCORES:
        yield Advice(
            "Compute authority scores again",
            f"The last computation is of {facts.scored_at:%Y-%m-%d}.",
            "manage.py compute_authority",
        )


def _profiles(facts: Facts) -> Iterator[Advice]:
    """Profiles that nobody, or one source alone, has brought links to."""
    for row in facts.profiles[: NAMED * 2]:
        brought = [name for name in row.sources if name not in OPEN_SOURCES]
        if len(brought) > 1:
            continue
        known = f"only {vendor_label(brought[0])} has brought links" if brought else "no export has been imported"
        export = next(text for name, text in EXPORTS if name not in brought)
        yield Advice(
            f"Add another source to {row.project.name}" if brought else f"Import an export for {row.project.name}",
            f"{counted(row.domains, 'referring domain')} are known, and {known}. Next: {export}.",
            url=row.imports_url,
            label="Go to its imports",
        )
