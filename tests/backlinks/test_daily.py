"""Figures noted every night for folders and pages, and taken away with their project."""

from typing import Any

from backlinks import daily, index, tasks
from backlinks.index import engine
from projects.models import Competitor
from projects.runs import Claimed
from seoapp.lib.weburl import Target
from tests.backlinks.pages import DEFAULTS, fill, profile
from tests.factories import add_links, make_project

__all__ = ["profile"]


def _days(cast: Any, target: Any) -> list[index.KnownDay]:
    asked = {"workspace": cast.workspace.pk, "target": target, "report": "links"}
    return index.known_days(index.LinkQuery.parse(**asked, params={}))


def test_folders_of_projects_and_competitors_are_noted_once_a_change(profile) -> None:
    folder = make_project(workspace=profile.workspace, domain="https://client.example/shop/", scope="prefix")
    Competitor.objects.create(project=profile.project, target="https://client.example/old")
    assert tasks.note_days() == 2
    assert tasks.note_days() == 0
    assert _days(profile, folder.target)[-1].links == 2


def test_the_days_of_a_removed_project_go_unless_another_is_about_its_domain(profile, monkeypatch) -> None:
    told: list[str] = []
    monkeypatch.setattr(Claimed, "step", lambda self, *args, line="", **more: told.append(line), raising=False)
    claimed = Claimed.__new__(Claimed)
    folder = make_project(workspace=profile.workspace, domain="https://client.example/shop/", scope="prefix")
    daily.remove_project(folder, claimed)
    assert _days(profile, profile.project.target)[-1].links == 7
    folder.delete()
    daily.remove_project(profile.project, claimed)
    assert _days(profile, profile.project.target) == []
    assert told[-1] == "Removing the daily figures of client.example, rival.example"


def test_the_days_of_competitors_go_unless_another_project_names_them(cast, link_index, monkeypatch) -> None:
    told: list[str] = []
    monkeypatch.setattr(Claimed, "step", lambda self, *args, line="", **more: told.append(line), raising=False)
    names = ("client.example", "rival.example", "shared.example")
    fill(cast, [{"source": "https://a.example/", "target": f"https://{name}/"} for name in names])
    for text in ("shared.example/shop/", "no target"):
        Competitor.objects.create(project=cast.project, target=text)
    Competitor.objects.create(project=cast.second_project, target="shared.example")
    daily.remove_project(cast.project, Claimed.__new__(Claimed))
    assert {name for name in names if _days(cast, Target.parse(name))} == {"shared.example"}
    assert told == ["Removing the daily figures of client.example, rival.example"]


def test_days_of_domains_that_nobody_names_go_when_nothing_is_known_of_them(cast, link_index) -> None:
    names = ("client.example", "found.example", "known.example")
    batches = {
        name: add_links(
            workspace=cast.workspace.pk,
            links=[DEFAULTS | {"source": "https://a.example/", "target": f"https://{name}/", "anchor": "x"}],
        )
        for name in names
    }
    index.remove(batches["found.example"])
    index.remove(batches["client.example"])
    assert daily.sweep_days() == 0, "today's rows stay"
    engine.write(
        """INSERT INTO profile_days SELECT * REPLACE (day - 1 AS day, generation - 1 AS generation) FROM profile_days"""
    )
    assert daily.sweep_days() == 1
    left = engine.read("SELECT DISTINCT target_domain FROM profile_days WHERE day < toDate(now('UTC'))")
    assert {row["target_domain"] for row in left} == {"client.example", "known.example"}
    assert daily.sweep_days() == 0
