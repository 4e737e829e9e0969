"""Cells of the reports of the index: the values as people read them, and where each of them leads.

Decided: a page says a lost reason in words, and a file its code, because people read the one and machines the other.
Redirects are read step by step. An image of a page is never loaded: its address is a link. A page that links shows its
title above its address; an address is cut in its middle, because addresses of one host differ where they end, and on
the host that is being read it is its path alone.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from backlinks import index
from backlinks.topics.taxonomy import label_of, shown
from seoapp.lib import tables
from seoapp.lib.weburl import display_host, display_url
from seoapp.lib.words import cut_in_middle

from .behind import group_members, row_urls, score_url
from .reading import Reading
from .reasons import TOLD, in_words, told
from .vendors import vendor_label

# The index writes 0 where nobody knows these.
ZERO_IS_UNKNOWN = frozenset(("http_status", "redirect_code", "target_status"))
EMPTY_WORDS = {"tld": "(an address)"}
ICONS = {"image": "photo", "form": "forms", "frame": "app-window", "redirect": "arrow-forward-up"}
MOST_OF_URL = 72  # characters that are shown
# Columns of links whose values many links share: each leads to those links.
SHARED = ("source_domain", "source_host", "ip", "subnet")


def value_of(column: tables.Column, row: Mapping[str, Any]) -> Any:
    """The plain value of a cell, with the names of sources for people."""
    if column.name == "anchor" and not row.get("anchor_known", 1):
        return None
    if column.kind != "metric" and column.name not in row:
        return None
    found = tables.value_of(column, row)
    if column.name == "sources":
        return [vendor_label(one) for one in found]
    if column.name == "topics":
        return [label_of(one) for one in shown(found)]
    if column.kind == "steps":
        return steps_of(found)
    return None if not found and column.name in ZERO_IS_UNKNOWN else found


def steps_of(chain: str) -> list[str]:
    """The redirects of a link, each with its answer where that is known."""
    try:
        hops = json.loads(chain) if chain.startswith("[") else chain.split()
    except ValueError:
        return [chain]
    return [_step(one) for one in hops]


def _step(hop: Any) -> str:
    if not isinstance(hop, dict):
        return str(hop)
    status, url = hop.get("status"), str(hop.get("url", ""))
    return f"{status} {url}" if status else url


def in_context(row: Mapping[str, Any]) -> tuple[str, str, str] | None:
    """The anchor with the text around it; None where no source says anything of either."""
    middle = row["anchor"] or (f"[image: {row['alt']}]" if row["alt"] else "")
    if not (middle or row["context_left"] or row["context_right"]):
        return None
    left, right = row["context_left"], row["context_right"]
    return f"{left} " if left else "", middle or "[no text]", f" {right}" if right else ""


@dataclass(frozen=True, slots=True)
class Cells:
    """Cells of a report's row: numbers lead to their rows, addresses lead out."""

    reading: Reading
    query: index.LinkQuery

    def __call__(self, columns: Sequence[tables.Column], row: Mapping[str, Any]) -> list[tables.Cell]:
        of_links = self.query.report == "links"
        urls = self._link_urls(row) if of_links else row_urls(self.reading, self.query.report, row)
        urls |= self._topics_url(row) if "topics" in row else {}
        return [
            tables.Cell(
                column=one,
                value=shown_value(one, row),
                href=urls.get(one.name, ""),
                external=of_links and one.kind == "url",
                note=_note(one, row),
                empty=_empty_word(one, row),
                icon=ICONS.get(row["kind"], "") if one.name == "kind" else "",
                lead=row.get("title", "") if of_links and one.name == "source_url" else "",
                short=short_url(self.reading, row[one.name]) if one.kind == "url" and row.get(one.name) else "",
            )
            for one in columns
        ]

    def _link_urls(self, row: Mapping[str, Any]) -> dict[str, str]:
        made = {name: self.reading.url("links", {f"{name}_is": row[name]}) for name in SHARED if row[name]}
        made |= score_url(self.reading, "links", row)
        return made | ({"in_group": group_members(self.reading, self.query, row)} if "in_group" in row else {})

    def _topics_url(self, row: Mapping[str, Any]) -> dict[str, str]:
        """The words behind the topics of a row's domain, and of its page where the row is a link."""
        page = {"page": row["source_url"]} if self.query.report == "links" else {}
        return {"topics": self.reading.url("domain_topics", page, domain=row["source_domain"])}


def short_url(reading: Reading, url: str) -> str:
    """An address as a list shows it: without https, and on the host that is being read without the host."""
    rest = display_url(url).removeprefix("https://")
    host, slash, path = rest.removeprefix("http://").partition("/")
    if slash and host.removeprefix("www.") == display_host(reading.target.host).removeprefix("www."):
        rest = f"/{path}"
    return cut_in_middle(rest, MOST_OF_URL)


def shown_value(column: tables.Column, row: Mapping[str, Any]) -> Any:
    """A value as a page shows it."""
    if column.name == "context":
        return in_context(row)
    value = value_of(column, row)
    if not value:
        return value
    if column.name in TOLD:
        return told(column.name, value)
    if column.name == "platform_by":
        return vendor_label(value)
    return in_words(value) if column.name in ("lost_reason", "redirect_broken") else value


def _note(column: tables.Column, row: Mapping[str, Any]) -> str:
    return f"alt: {row['alt']}" if column.name == "anchor" and row.get("alt") and not row["anchor"] else ""


def _empty_word(column: tables.Column, row: Mapping[str, Any]) -> str:
    """An anchor that is known to have no text is not an anchor that nobody knows."""
    if column.name == "anchor":
        return "(no text)" if row.get("anchor_known", 1) else ""
    return EMPTY_WORDS.get(column.name, "")
