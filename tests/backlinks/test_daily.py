"""Figures noted every night for folders and pages, and taken away with their project."""

from typing import Any

from backlinks import daily, index, tasks
from projects.models import Competitor
from projects.runs import Claimed
from tests.backlinks.pages import profile
from tests.factories import make_project

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
    profile.project.competitors.all().delete()
    daily.remove_project(profile.project, claimed)
    assert _days(profile, profile.project.target) == []
    assert told == ["Removing the daily figures of client.example"]
