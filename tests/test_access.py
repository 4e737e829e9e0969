"""Who may open what: every URL of ours, as every role, with own, foreign and mixed ids; contents, not only codes.

ASVS 5.0: 8.2.1-8.2.3, 8.3.2, 8.4.1. A new URL has to be named in SAMPLES, or this file fails.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone
from pytest_django.plugin import DjangoDbBlocker

from audit import auditing, review
from audit.clients import answering, sharing
from audit.models import Alert, Audit, ClientAnswer, DisavowVersion, Removal, ReportFile
from backlinks import imports, index
from backlinks.crawl import watching
from backlinks.crawl.record import visit
from backlinks.crawl.storing import batch_of
from backlinks.models import (
    CheckItem,
    Crawl,
    CrawlHost,
    CrawlUrl,
    ExportFile,
    OpenImport,
    RobotsFile,
    SavedView,
    SitePage,
    WatchedSite,
)
from backlinks.workbench import benchmarks
from backlinks.workbench.models import Benchmark, TargetList
from projects import invitations, logos, runs
from projects.members import Place
from projects.models import AuditEntry, Membership, Project, Role, Run, User, Workspace
from seoapp.lib import export_answer
from seoapp.lib.export_formats import FORMATS
from seoapp.lib.weburl import parse
from tests.conftest import Cast, empty_index, link, make_cast
from tests.factories import make_member
from tests.patterns import SAMPLES

MARK = "LEAK-B"
RANK = {"client": 0, "viewer": 1, "editor": 2, "admin": 3, "owner": 4}
WALKED = sorted(name for name, takes in SAMPLES.items() if "slug" in takes)
METHODS = ("get", "post", "put", "delete")
OWN = ("backlinks:export", "backlinks:export_file", "backlinks:export_of_run")  # there for who asked, and for admins
MEMBERS = ("owner", "admin", "editor", "viewer", "client")


@dataclass(frozen=True, slots=True)
class World:
    """The cast, ids of the workspace A and of the other one, B; B's texts say LEAK-B."""

    cast: Cast
    ours: dict[str, object]
    theirs: dict[str, object]
    removed: User


@pytest.fixture(scope="module")
def walked(django_db_setup: None, django_db_blocker: DjangoDbBlocker, index_process: None) -> Iterator[World]:
    """The world, made once for all tests: what each writes to the database is rolled back, the index is only read."""
    with django_db_blocker.unblock():
        empty_index()
        made = make_cast()
        link(made)
        found = _world(made)
    yield found
    with django_db_blocker.unblock():
        call_command("flush", interactive=False, verbosity=0)


@pytest.fixture
def world(db: None, walked: World) -> World:
    return walked


def _world(cast: Cast) -> World:
    removed = make_member(workspace=cast.workspace, role="editor", email="gone@agency.example")
    Membership.objects.filter(user=removed).delete()
    return World(
        cast=cast,
        ours=_ids(cast.workspace, cast.project, cast.owner, "ours"),
        theirs=_ids(cast.other_workspace, cast.other_project, cast.stranger, MARK),
        removed=removed,
    )


def _ids(workspace: Workspace, project: Project, owner: User, word: str) -> dict[str, object]:
    content = f"Source URL,Target URL\nhttps://{word.lower()}.example/{word},https://client.example/{word}\nnope,nope\n"
    file = ContentFile(content.encode(), name=f"{word}.csv")
    made = imports.receive(project=project, user=owner, file=file, name=f"{word}.csv").made
    runs.execute(made.run_id)
    crawl = _crawled(project, owner, word)
    alert = _audited(project, owner, word)
    objection = _asked(project, owner, word)
    Run.objects.filter(pk=made.run_id).update(log=word, error=word, arguments={"import": made.pk, "crawl": crawl.pk})
    AuditEntry.objects.create(workspace=workspace, who=owner, who_text=word, action="export", what=word)
    email = f"{word.lower()}@new.example"
    sent = invitations.invite(workspace=workspace, email=email, place=Place(Role.VIEWER), by=owner)
    member = workspace.memberships.exclude(user=owner).first() or workspace.memberships.get(user=owner)
    return {
        "slug": workspace.slug,
        "project_id": project.pk,
        "run_id": made.run_id,
        "import_id": made.pk,
        "member_id": member.pk,
        "crawl_id": crawl.pk,
        "alert_id": alert.pk,
        "review_id": objection.review_id,
        "answer_id": objection.pk,
        "site_id": _watched(project, word).pk,
        "domain": f"{word.lower()}.example",
        "invitation_id": sent.invitation.pk,
        "view_id": SavedView.objects.create(
            project=project, owner=owner, listing="links", name=word, is_shared=True, parameters=f"anchor={word}"
        ).pk,
        "open_import_id": _visited(project, word).pk,
        "export_id": _exported(project, owner, made.run, word).pk,
        "report_id": _reported(project, owner, made.run, word).pk,
        "list_id": TargetList.objects.create(
            project=project, name=word, targets=[("client.example", "root")], refused=[(1, word, word)]
        ).pk,
        "benchmark_id": _benchmark(project, owner, word).pk,
        "link_id": 1,
        "number": _written(project, word),
        "token": sent.token,
    }


def _exported(project: Project, owner: User, run: Run, word: str) -> ExportFile:
    """A file that somebody has asked for, whose texts say `word`."""
    made = ExportFile(project=project, created_by=owner, run=run, listing="links", title=word, format="csv")
    made.address, made.name, made.finished_at = f"{project.get_absolute_url()}backlinks/", f"{word}.csv", timezone.now()
    made.file.save(made.name, ContentFile(word.encode()))
    return made


def _reported(project: Project, owner: User, run: Run, word: str) -> ReportFile:
    """A report of an audit that is for clients, and a logo; both say `word`."""
    logos.keep(project.workspace, word.encode())
    made = ReportFile(project=project, made_by=owner, run=run, format="pdf", heading=word, name=f"{word}.pdf")
    made.finished_at = timezone.now()
    made.file.save(made.name, ContentFile(word.encode()))
    return made


def _benchmark(project: Project, owner: User, word: str) -> Benchmark:
    """A benchmark of the project, whose texts say `word`."""
    query = index.LinkQuery.parse(workspace=project.workspace_id, target=project.target, report="domains", params={})
    return benchmarks.save(project=project, user=owner, query=query, name=word, note=word)


def _audited(project: Project, owner: User, word: str) -> Alert:
    """An audit that has judged the imported link, a decision about its domain, and an alert, whose texts say `word`."""
    made = Audit.objects.create(project=project, number=project.pk, as_of=timezone.now().date())
    auditing.audit(made, lambda _: None)
    review.decide(project, [f"{word.lower()}.example"], "disavow", word, owner)
    Removal.objects.create(project=project, domain=f"{word.lower()}.example", contact=word, note=word)
    return Alert.objects.create(project=project, audit=made, name="attack", text=word)


def _asked(project: Project, owner: User, word: str) -> ClientAnswer:
    """A client review whose one domain the client wants to keep, whose texts say `word`."""
    draft = sharing.draft(project, [f"{word.lower()}.example"], owner)
    row = sharing.share(draft, sharing.Asking(word, word, 30, with_reasons=True), None).review
    objection = row.answers.get()
    answering.save(row, {objection.pk: answering.Given(ClientAnswer.Answer.KEEP, word, "")})
    answering.sign(row, word, "")
    answering.send(row)
    return objection


def _written(project: Project, word: str) -> int:
    """A disavow file, whose text says `word`."""
    made = DisavowVersion.objects.create(
        project=project, number=project.pk, text=f"# {word}\n", digest="", domains=0, urls=0, note=word
    )
    return made.number


def _watched(project: Project, word: str) -> WatchedSite:
    """A watched site with one new page, whose texts say `word`."""
    site = watching.watch_site(project=project, url=f"https://{word.lower()}.example/", user=None)
    WatchedSite.objects.filter(pk=site.pk).update(error=word)
    url = f"https://{word.lower()}.example/{word}"
    SitePage.objects.create(site=site, key=1, url=url, title=word, found_at=timezone.now())
    return site


def _visited(project: Project, word: str) -> OpenImport:
    """A file of visits with refused rows, whose texts say `word`."""
    made = OpenImport.objects.create(
        kind="visits", workspace=project.workspace, project=project, name=f"{word}.csv", label=word, state="failed",
        error=word, rejected=1, batch=index.new_batch_id(),
    )  # fmt: skip
    made.problems_file.save(f"{word}.csv", ContentFile(word.encode()))
    return made


def _crawled(project: Project, owner: User, word: str) -> Crawl:
    """A crawl with one page, and a check of one link, whose texts say `word`."""
    host = f"{word.lower()}.example"
    url = f"https://{host}/{word}"
    crawl, check = (
        Crawl.objects.create(
            workspace=project.workspace, project=project, started_by=owner, kind=kind, starts=[url], state="done",
            batch=index.new_batch_id(), pages=1,
        )
        for kind in ("site", "check")
    )  # fmt: skip
    batch = batch_of(crawl)
    index.begin(batch)
    index.add(batch, "crawled_pages", visit(parse(url), {"title": word, "http_status": 200, "words": 400}), block=0)
    index.complete(batch)
    for one in (crawl, check):
        page = CrawlUrl.objects.create(
            crawl=one, url=url, key=one.pk, domain=host, state="done", title=word, fetched_at=timezone.now(), status=200
        )
    CheckItem.objects.create(
        crawl=check, page=page, link_id="1", source_url=url, target_url=f"https://client.example/{word}",
        target_key=f"client.example/{word}", state="lost", reason="notfound", checked_at=timezone.now(),
    )  # fmt: skip
    CrawlHost.objects.create(domain=host, next_at=timezone.now(), note=word)
    RobotsFile.objects.create(origin=f"https://{host}", state="rules", text=word, fetched_at=timezone.now())
    return crawl


def patterns(resolver: URLResolver | None = None, space: str = "") -> Iterator[tuple[str, URLPattern]]:
    for one in (resolver or get_resolver()).url_patterns:
        if isinstance(one, URLResolver):
            yield from patterns(one, f"{one.namespace}:" if one.namespace else space)
        elif one.callback.__module__.partition(".")[0] in ("seoapp", "projects", "backlinks", "audit", "outreach"):
            yield f"{space}{one.name}", one


def level_of(name: str) -> str:
    """The role that a view demands: the last word of its stated level."""
    return next(one for found, one in patterns() if found == name).callback.access_level.rpartition(" ")[2]


def address(name: str, ids: dict[str, object]) -> str:
    return reverse(name, kwargs={key: ids[key] for key in SAMPLES[name]})


def body(response: HttpResponse) -> str:
    content = b"".join(response.streaming_content) if response.streaming else response.content  # type: ignore[attr-defined]
    return re.sub(r'"X-CSRFToken": "\w+"|value="\w{64}"', "", content.decode(errors="replace"))


def test_every_url_of_ours_is_named_here() -> None:
    assert {name for name, _ in patterns()} == set(SAMPLES)


def test_nobody_signed_in_is_led_to_the_log_in(world: World, browse: type[Client]) -> None:
    nobody = browse(None)
    for name in WALKED:
        page = nobody.get(address(name, world.ours))
        assert (page.status_code, page.headers.get("Location", "").partition("?")[0]) == (302, "/accounts/login/"), name
        fragment = nobody.get(address(name, world.ours), headers={"HX-Request": "true"})
        assert (fragment.status_code, body(fragment)) == (401, ""), name
        assert "HX-Redirect" in fragment.headers, name


def test_a_stranger_learns_nothing(world: World, browse: type[Client]) -> None:
    for user, methods in ((world.cast.stranger, METHODS), (world.removed, ("get", "post"))):
        client = browse(user)
        absent = body(client.get("/w/no-such-workspace/"))
        for name in WALKED:
            for method in methods:
                response = getattr(client, method)(address(name, world.ours))
                assert response.status_code == 404, (name, method)
                assert method != "get" or body(response) == absent, f"{name}: the two 404s differ"


def _mixed(world: World, name: str) -> list[dict[str, object]]:
    """A's ids with one of B's at a time, and all of B's."""
    swaps = [{**world.ours, key: world.theirs[key]} for key in SAMPLES[name] if key not in ("slug", "link_id")]
    return [*swaps, world.theirs]


@pytest.mark.parametrize("role", MEMBERS)
def test_foreign_and_mixed_ids_are_not_there(world: World, browse: type[Client], role: str) -> None:
    """By every method for the owner, who may do most, and for clients, who see least, by those that pages have."""
    methods = {"owner": METHODS, "client": METHODS[:2]}.get(role, METHODS[:1])
    before = _rows_of_b(world)
    client = browse(getattr(world.cast, role))
    for name in WALKED:
        for ids in _mixed(world, name):
            for method in methods:
                response = getattr(client, method)(address(name, ids))
                text = body(response)
                assert response.status_code in (404, 403, 405), (name, method, ids)
                assert response.status_code == 404 or ids["slug"] == world.ours["slug"], (name, method)
                assert MARK not in text, (name, method)
    assert _rows_of_b(world) == before


def _rows_of_b(world: World) -> list[object]:
    other = world.cast.other_workspace
    kinds = (
        other.memberships, other.invitations, other.projects, other.runs, other.imports, other.crawls,
        other.watched_sites, other.audit_entries, ExportFile.objects.filter(project__workspace=other),
        ReportFile.objects.filter(project__workspace=other),
    )  # fmt: skip
    return [other.name, *(list(kind.order_by("pk").values()) for kind in kinds)]


@pytest.mark.parametrize("role", MEMBERS)
def test_own_pages_answer_by_role_and_never_with_the_other_workspace(
    world: World, browse: type[Client], role: str
) -> None:
    """Owner and client open every page; the roles between them those that ask for more than a client.

    A fragment is a cut of its page (tests/test_conventions.py), so that one role's are enough.
    """
    client = browse(getattr(world.cast, role))
    before = _rows(world.cast.workspace)
    for name in WALKED:
        if role in ("owner", "client") or RANK[level_of(name)] or name in OWN:
            _open(world, client, name, role)
    assert _rows(world.cast.workspace) == before, "reading changes nothing"


def _open(world: World, client: Client, name: str, role: str) -> None:
    enough = RANK[role] >= RANK[level_of(name)]
    unknown = name in OWN and RANK[role] < RANK["admin"]
    for headers in ({}, {"HX-Request": "true"}) if role == "client" else ({},):
        response = client.get(address(name, world.ours), headers=headers)
        assert (response.status_code == 403) is not enough, (name, role, response.status_code)
        assert response.status_code in (200, 302, 404, 405) or not enough, (name, role, response.status_code)
        assert (response.status_code == 404) is unknown or "link_id" in SAMPLES[name], (name, role)
        assert MARK not in body(response), (name, role)


def test_exports_and_searches_stay_in_the_workspace(world: World, browse: type[Client]) -> None:
    client = browse(world.cast.viewer)
    for name in (one for one in WALKED if one.startswith("backlinks:")):
        for query in ("export=csv", "target=leak-b.example"):
            response = client.get(f"{address(name, world.ours)}?{query}")
            assert MARK not in body(response), (name, query)
            assert response.status_code in (200, 302, 403, 404, 405), (name, query)
            if query == "export=csv" and response.get("Accept-Ranges") == "none":
                assert response["Content-Disposition"].endswith('.csv"'), name
                _check_formats(client, name, world)


def _check_formats(client: Client, name: str, world: World) -> None:
    """Every list leaves in every other format too, and its list can be taken by a run."""
    for one in set(FORMATS) - {"csv"}:
        made = client.get(f"{address(name, world.ours)}?export={one}")
        assert made["Content-Disposition"].endswith(f'.{one}"'), name
        assert MARK not in body(made), (name, one)
    assert export_answer.take(world.cast.viewer, address(name, world.ours), "").shown, name


def test_a_lesser_role_changes_nothing(world: World, browse: type[Client]) -> None:
    """Each page that wants an editor or more refuses a viewer's and a client's POST, and nothing has changed."""
    for role in ("viewer", "client"):
        client = browse(getattr(world.cast, role))
        before = _rows(world.cast.workspace)
        for name in WALKED:
            if RANK[level_of(name)] > RANK[role]:
                assert client.post(address(name, world.ours)).status_code == 403, (name, role)
        assert _rows(world.cast.workspace) == before


def _rows(workspace: Workspace) -> list[object]:
    kinds = (
        workspace.memberships, workspace.invitations, workspace.projects, workspace.runs, workspace.imports,
        workspace.crawls, workspace.watched_sites, workspace.open_imports,
    )  # fmt: skip
    return [workspace.name, *(list(kind.order_by("pk").values()) for kind in kinds)]


def test_a_client_sees_named_projects_only(world: World, browse: type[Client]) -> None:
    client = browse(world.cast.client)
    ids = {**world.ours, "project_id": world.cast.second_project.pk}
    for name in WALKED:
        if "project_id" in SAMPLES[name]:
            assert client.get(address(name, ids)).status_code == 404, name
    assert "second.example" not in body(client.get(address("projects:workspace", world.ours)))
    assert "second.example" not in body(client.get(address("backlinks:overview", world.ours)))


def test_asking_for_heads_changes_nothing(world: World, browse: type[Client]) -> None:
    client = browse(world.cast.owner)
    before = _rows(world.cast.workspace)
    for name in WALKED:
        client.head(address(name, world.ours))
    assert _rows(world.cast.workspace) == before
