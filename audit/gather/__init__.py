"""A project's profile, read once and frozen.

Decided: links, pages and domains come out of the index at one pinned generation; suppliers then add what else is known
of the domains, each a few columns. Domains that the open graph alone knows are not judged: nobody has seen a link.
A domain of which only a domain-level file knows has one link of which nothing is known, so that it is judged too.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from functools import reduce

from audit import review
from audit.anchors import classes
from audit.profile import About, Profile, Rows
from backlinks import index
from projects.models import Project

from . import ages, blocklists, decisions, looks, neighbours, peers, places, scores, standings, topics, visitors, visits
from .asked import Asked
from .links import whole

SUPPLIERS: tuple[Callable[[Asked], Rows], ...] = (
    scores.of_graph, standings.of_standings, scores.of_lists, scores.of_registries,
    ages.of_ages, topics.of_topics, neighbours.of_neighbours, decisions.of_decisions, visitors.of_visitors,
    places.of_crawls,
)  # fmt: skip


def freeze(project: Project, as_of: date, step: Callable[[str], None] = lambda _: None) -> Profile:
    """The profile of a project as of a day (its newest generation; `as_of` is what ages are counted from)."""
    about = about_project(project)
    query = query_of(project, about)
    about = replace(about, topics=topics.of_project(query, project.workspace_id))
    profile, names = whole(query, about, as_of)
    step(f"{profile.links.count:,} links of {profile.domains.count:,} domains read")
    profile = replace(
        profile, pages=visits.of_pages(query, profile.pages), links=visits.shown_to_bots(project, profile)
    )
    profile = looks.of_looks(query, profile)
    asked = Asked(project, query, names)
    domains = reduce(Rows.joined, (one(asked) for one in SUPPLIERS), profile.domains)
    domains = domains.joined(neighbours.of_communities(asked, domains)).joined(places.of_strangers(domains))
    return blocklists.of_lists(query, replace(profile, domains=domains, peers=peers.peers_of(project)))


def query_of(project: Project, about: About) -> index.LinkQuery:
    asked = index.LinkQuery.parse(
        workspace=project.workspace_id,
        target=project.target,
        report="links",
        params={index.GRAPH: index.GRAPH_OFF},
    )
    return index.pin(replace(asked, terms=index.Terms(about.brands, about.keywords, classes.by_hand(project))))


def about_project(project: Project) -> About:
    """What the project says of itself; its partners are the domains that its team has whitelisted."""
    return About(
        target=project.target.domain,
        scope=project.scope,
        brands=tuple(project.brand_terms),
        keywords=tuple(project.money_keywords),
        countries=tuple(project.countries),
        languages=tuple(project.languages),
        partners=review.partners(project),
        offered=_offered(project),
    )


def _offered(project: Project) -> frozenset[str]:
    """The sources that this installation has loaded for what the workspace sees."""
    loaded = {
        "popularity": bool(index.popularity.lists(project.workspace_id)),
        "decisions": decisions.are_told(project),
        "visits": visitors.are_told(project),
    }
    lists = {one.kind for one in index.listedhosts.lists(project.workspace_id)}
    return frozenset(lists | {name for name, is_there in loaded.items() if is_there})
