"""The marks that a query brings with it, where they decide which rows it gives, and in which order.

Decided: no more travels than decides. A mark that is left out decides as one that says nothing, so of tags those go
that the filter names (all, where it counts them), notes only where notes are asked for, and no mark that says nothing
of either; those that say the same travel together, as their names. What is still too much for one question is refused
in a sentence. Refused: the filter in the ORM alone, because a mark may stand under `or` and `not`, beside conditions on
what only the index knows.
"""

import json
import re
from collections.abc import Iterable, Iterator
from functools import reduce
from operator import or_

from django.db.models import Q, QuerySet, TextField, Value
from django.db.models.functions import Cast

from backlinks import index
from projects.models import Project
from seoapp.lib.conditions import conditions
from seoapp.lib.expression import TooSlow

from .models import Mark

NAMES = frozenset(("tags", "note", "whitelisted"))  # columns that marks give
NAMING = frozenset(("has", "has any", "has all", "in list"))  # conditions on tags that name those which decide
PLAIN_TAG = re.compile(r"[a-z0-9 .-]+")  # written alike by every database
MOST_NAMED = 20  # tags that the database looks for
MOST_BYTES = 4_000_000  # that one question carries
AROUND = 4  # bytes around a name
NO_TEXT, NO = Value(""), Value(value=False)
TOO_MANY = "The marks of this project are too many for this question: filter by a tag instead of notes, or by another."


def deciding(project: Project, query: index.LinkQuery) -> tuple[index.MarkRow, ...]:
    """The rows that the query needs to filter and sort by marks. Raises TooSlow where they are too many."""
    return tuple(_bounded(_rows(project, query)))


def _rows(project: Project, query: index.LinkQuery) -> Iterator[index.MarkRow]:
    names, asked = NAMES & query.deciding, asked_tags(query)
    rows = _saying(project, query, names, asked).values_list(
        "domain", "link_id",
        "tags_text" if "tags" in names else NO_TEXT, "note" if "note" in names else NO_TEXT,
        "is_whitelisted" if "whitelisted" in names else NO,
    )  # fmt: skip
    read: dict[str, tuple[str, ...]] = {"": ()}  # many marks have the same tags
    for domain, link_id, text, note, is_whitelisted in rows.iterator():
        if text not in read:
            read[text] = tuple(tag for tag in json.loads(text) if asked is None or tag in asked)
        if read[text] or note or is_whitelisted:
            yield link_id or domain, read[text], note, int(is_whitelisted)


def asked_tags(query: index.LinkQuery) -> frozenset[str] | None:
    """The tags that decide about rows; None where all do, as where they are counted."""
    asked = {str(one.value) for one in query.filters if one.name == "tags"}
    lists = dict(query.where.lists)
    for one in conditions(query.where.tree):
        if one.name != "tags":
            continue
        if one.op not in NAMING:
            return None
        asked.update(map(str, lists[str(one.values[0])] if one.op == "in list" else one.values))
    return frozenset(asked)


def _saying(
    project: Project, query: index.LinkQuery, names: frozenset[str], asked: frozenset[str] | None
) -> QuerySet[Mark]:
    """Marks that say something of these columns; some more, where databases compare tags in their own ways."""
    found = Q(note__gt="") if "note" in names else Q(pk__in=())
    if "whitelisted" in names:
        found |= Q(is_whitelisted=True)
    if "tags" in names:
        found |= _tagged(asked)
    marks = Mark.objects.filter(project=project).annotate(tags_text=Cast("tags", TextField())).filter(found).order_by()
    return marks.filter(link_id="") if query.report == "domains" else marks


def _tagged(asked: frozenset[str] | None) -> Q:
    if asked is None or len(asked) > MOST_NAMED or not all(map(PLAIN_TAG.fullmatch, asked)):
        return ~Q(tags=[])
    return reduce(or_, (Q(tags_text__contains=f'"{one}"') for one in asked), Q(pk__in=()))


def _bounded(rows: Iterable[index.MarkRow]) -> Iterator[index.MarkRow]:
    """What marks say travels once, with the names of all that say it."""
    room, told = MOST_BYTES, set()
    for name, *said in rows:
        words = tuple(said)
        room -= len(name) + AROUND + (0 if words in told else len(json.dumps(said)))
        told.add(words)
        if room < 0:
            raise TooSlow(TOO_MANY)
        yield (name, *words)
