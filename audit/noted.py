"""What a disavow file's linter may note of names beside their rank: dead ones, silent ones, decisions on thin evidence.

Decided: a name is silent where the newest audit knows no link of its site that is still there; where there was no audit
nothing is said. It is dead where every page of it that a visit has read is parked: a name server that did not answer
once says nothing. A decision is unsure where the audit was, and one group of evidence alone spoke. All of it are notes:
none takes a line out. Refused: asking the web while somebody waits for a page.
"""

from collections.abc import Collection, Mapping
from dataclasses import replace

from backlinks import index
from projects.models import Project
from seoapp.lib.weburl import registrable_domain

from . import auditing, since
from .disavow.grammar import Line
from .disavow.pages import page_host
from .disavow.surroundings import Surroundings
from .disavowing import LEAST_CONFIDENCE
from .models import Decision
from .words import MARKED

LOST = "lost"


def more_of(project: Project, around: Surroundings, entries: Collection[Line]) -> Surroundings:
    """These surroundings with what is known of the sites of a file's entries."""
    hosts = {line.value if line.kind == "domain" else page_host(line.value) for line in entries}
    sites = {host: registrable_domain(host) or host for host in hosts}
    return replace(around, silent=_silent(project, sites), dead=_dead(project, sites), unsure=_unsure(project))


def _silent(project: Project, sites: Mapping[str, str]) -> frozenset[str]:
    audit = auditing.newest(project)
    if audit is None or not sites:
        return frozenset()
    told = index.auditlists.told_of(since.run_since(audit), sorted(set(sites.values())))
    return frozenset(host for host, site in sites.items() if site not in told or told[site]["state"] == LOST)


def _dead(project: Project, sites: Mapping[str, str]) -> frozenset[str]:
    parked = index.parked_domains(project.workspace_id, sorted(set(sites.values())))
    return frozenset(host for host, site in sites.items() if site in parked)


def _unsure(project: Project) -> frozenset[str]:
    made = Decision.objects.filter(project=project, verdict=Decision.Verdict.DISAVOW, confidence__lt=LEAST_CONFIDENCE)
    found = made.values_list("domain", "url", "evidence")
    return frozenset(url or domain for domain, url, evidence in found if len(_groups(evidence)) == 1)


def _groups(evidence: Collection[str]) -> set[str]:
    """Groups of the markers that are evidence by themselves."""
    return {one[:3] for one in evidence if one in MARKED and MARKED[one].kind != "C"}
