"""Rows for tests, by keyword only. Domains end in .example, so that no real site is named."""

from collections.abc import Mapping
from typing import Any

from backlinks import index
from backlinks.index.batches import publish
from projects.lookup import create_project, create_workspace
from projects.models import Membership, Project, Role, User, Workspace
from seoapp.lib.weburl import Target, parse

PASSWORD = "correct horse battery"
DAY = 86_400
MARCH = 1_772_323_200  # 2026-03-01


def make_user(*, email: str, name: str = "") -> User:
    return User.objects.create_user(email, PASSWORD, name=name)


def make_workspace(*, name: str, owner: User | None = None) -> Workspace:
    return create_workspace(name, owner)


def make_member(*, workspace: Workspace, role: str, email: str, projects: tuple[Project, ...] = ()) -> User:
    user = make_user(email=email)
    made = Membership.objects.create(workspace=workspace, user=user, role=Role(role), all_projects=not projects)
    made.projects.set(projects)
    return user


def make_project(*, workspace: Workspace, domain: str = "client.example", **options: Any) -> Project:
    return create_project(workspace=workspace, domain=domain, **options)[0]


def link_columns(links: list[dict[str, Any]]) -> dict[str, list[Any]]:
    """Columns of the log for links given as dictionaries with `source`, `target` and any field of an observation."""
    names = sorted({name for one in links for name in one} - {"source", "target"})
    defaults = {"nofollow": 0, "last_seen": MARCH, "first_seen": MARCH - 30 * DAY, "kind": "text", "anchor": ""}
    made: dict[str, list[Any]] = {name: [one.get(name, defaults.get(name)) for one in links] for name in names}
    for name, value in defaults.items():
        made.setdefault(name, [value] * len(links))
    for one in links:
        source, target = parse(one["source"]), parse(one["target"])
        for prefix, url in (("source", source), ("target", target)):
            for part in ("url", "key", "host", "domain"):
                made.setdefault(f"{prefix}_{part}", []).append(getattr(url, part))
    made["row"] = list(range(2, len(links) + 2))
    return made


def add_links(
    *, workspace: int, links: list[dict[str, Any]], source: str = "semrush", report: str = "backlinks"
) -> index.Batch:
    """Links in the index, settled."""
    batch = index.Batch(workspace, index.new_batch_id(), source, report, "test")
    index.begin(batch)
    index.add(batch, "observations", link_columns(links), block=0)
    index.complete(batch)
    return batch


def add_all_links(*, workspace: int, links: Mapping[str, list[dict[str, Any]]]) -> None:
    """Links of several sources in the index, settled once."""
    batches = [index.Batch(workspace, index.new_batch_id(), source, "backlinks", "test") for source in links]
    for batch in batches:
        index.add(batch, "observations", link_columns(links[batch.source]), block=0)
        publish(batch)
    index.settle(workspace, {parse(one["target"]).domain for rows in links.values() for one in rows})


def profile_of(*, workspace: int, target: str) -> index.Headline:
    return index.headline(
        index.LinkQuery.parse(workspace=workspace, target=Target.parse(target), report="links", params={})
    )
