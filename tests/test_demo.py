"""The demo: what it brings is read and judged by the product itself, once."""

import json
from dataclasses import replace

import pytest
from django.core.management import call_command

from audit import approving
from audit.clients.models import ClientReview
from audit.models import Comment, DisavowVersion, Removal
from backlinks import index
from backlinks.authority.change import last_change
from backlinks.crawl.models import CheckItem, Crawl, CrawlUrl
from backlinks.models import Import
from projects.models import Project, Run
from seoapp.demo import openweb, story


def test_the_demo_has_files_checks_with_proof_and_a_crawl(
    db: None, link_index: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(story, "CLIENTS", (replace(story.CLIENTS[0], sites=24, attack=4),))
    monkeypatch.setattr(openweb, "OTHERS", 60)
    for _ in range(2):  # the second time changes nothing
        call_command("seed_demo", "--json")
        assert json.loads(capsys.readouterr().out)["imports"] == Import.objects.count() > 0
    project = Project.objects.get()
    assert not Run.objects.exclude(state=Run.State.DONE).exists()
    checks = Crawl.objects.filter(kind="check").order_by("created_at")
    assert [crawl.state for crawl in checks] == ["done"] * 3 and len({c.created_at.date() for c in checks}) == 3
    states = set(CheckItem.objects.values_list("state", flat=True))
    assert {"live", "lost", "broken"} <= states and "waiting" not in states
    site = Crawl.objects.get(kind="site")
    assert site.pages == CrawlUrl.objects.filter(crawl=site, state="done").count() > 10 and site.errors == 1
    query = index.LinkQuery.parse(workspace=project.workspace_id, target=project.target, report="links", params={})
    item = CheckItem.objects.filter(state="live").exclude(reason="unchanged").first()
    proof = index.of_link(query, int(item.link_id))[0]
    assert proof["http_status"] == 200 and "href=" in proof["snippet"] and proof["page_hash"]
    head = index.headline(query)
    assert head.authority is not None and head.graph_domains > 0
    newest = index.shown_runs(project.workspace_id)[0]
    assert newest.workspace == project.workspace_id and newest.facts["lists"]
    change = last_change(project.workspace_id, project.domain)
    assert change is not None and "Traffic" in {one.label for one in change.causes}
    states = set(Removal.objects.filter(project=project).values_list("state", flat=True))
    assert states == {"to_send", "sent", "answered", "removed", "refused"}
    brought, written = DisavowVersion.objects.filter(project=project).order_by("number")
    assert brought.is_imported and written.uploaded_at is not None and f"domain:{brought.domains}" not in written.text
    waiting = approving.waiting(project).values_list("domain", flat=True)
    assert len(waiting) == 1 and Comment.objects.filter(domain=waiting[0]).count() == 2
    asked = ClientReview.objects.get()
    assert [one.answer for one in asked.answers.all()] == ["agree", "keep", ""] and asked.sent_at is not None
    assert all(one.shown["links"] for one in asked.answers.all())
    assert "crawl" in {source for row in index.stream(query) for source in row["sources"]}
    facts = index.frozen.page_facts(index.pin(query))
    assert facts.num_rows > 10 and min(facts["words"].to_pylist()) > 10
    assert [(one.list, one.kind, one.rows) for one in index.listedhosts.lists(0)] == [
        ("demo-blocklist", "blocklist", 1), ("demo-malware", "malware", 3),
    ]  # fmt: skip
