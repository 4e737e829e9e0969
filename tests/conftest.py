"""The cast of every test, and one link index for the whole run."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from django.conf import settings
from django.core.cache import cache
from django.test import Client

from backlinks import index
from backlinks.index import engine, kept, launch
from projects.models import Project, User, Workspace
from tests.factories import add_links, make_member, make_project, make_user, make_workspace

# Long tests, and those that wait for other processes: they begin first, so that short ones fill both cores at the end.
LONG = (
    "tests/test_postgres.py",
    "tests/browser/",
    "tests/flows/",
    "tests/backlinks/crawl/test_crew.py",
    "tests/test_demo.py",
    "tests/test_queue.py",
    "tests/test_installation.py",
    "tests/backlinks/openweb/test_webgraph_hosts.py",
    "tests/backlinks/crawl/test_reader.py",
    "tests/backlinks/index/test_server_lifecycle.py",
    "tests/test_access.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: not item.nodeid.startswith(LONG))


@pytest.fixture(autouse=True)
def fresh_cache() -> None:
    """Rate limits and kept answers of one test do not meet the next."""
    cache.clear()
    kept.near.clear()


@pytest.fixture(scope="session")
def index_process() -> Iterator[None]:
    """The embedded index of this test process's data folder, migrated; stopped at the end."""
    data = Path(settings.SEOAPP_DATA) / "index"
    data.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "backlinks.index.server", "--data", str(data), "--memory-mb", "2048"]
    with open(data / "index.log", "ab") as log:
        process = subprocess.Popen(command, cwd=launch.ROOT, env={"PATH": os.environ["PATH"]}, stdout=log, stderr=log)
    while launch.find(data) is None:
        assert process.poll() is None, (data / "index.log").read_text()
        time.sleep(0.05)
    index.migrate()
    yield
    index.forget()
    process.send_signal(signal.SIGTERM)
    process.wait(20)


KEPT = "('migrations', 'topic_words')"  # tables that hold nothing of a test


@pytest.fixture
def link_index(index_process: None, request: pytest.FixtureRequest) -> None:
    """An empty index."""
    if "held_index" not in request.fixturenames:
        empty_index()


Hold = Callable[[object, Callable[[], object]], None]


@pytest.fixture
def held_index(index_process: None) -> Hold:
    """`hold`: an index with what the test wants, which may still be there from the last test."""
    return hold


def empty_index() -> None:
    truncate(
        str(row["name"])
        for row in engine.read(
            "SELECT name FROM system.tables "
            f"WHERE database = currentDatabase() AND name NOT IN {KEPT} AND total_rows > 0"
        )
    )


def truncate(tables: Iterable[str]) -> None:
    for name in tables:
        engine.write(f"TRUNCATE TABLE {name}")


@dataclass(slots=True)
class Held:
    """What the index holds, as `hold` left it: a name, and each table's parts on disk, which any write changes."""

    name: object = None
    parts: dict[str, object] = field(default_factory=dict)


HELD = Held()


def hold(name: object, fill: Callable[[], object]) -> None:
    """Have the index hold what `fill` writes and nothing else.

    Where it still does since the last test, it stays; where that test has only written to tables that `fill` leaves
    empty (scores beside links), these are emptied.
    """
    if HELD.name == name:
        found = parts_of_index()
        changed = {table for table in found.keys() | HELD.parts.keys() if found.get(table) != HELD.parts.get(table)}
        if not changed & HELD.parts.keys():
            truncate(changed)
            return
    HELD.name = None
    empty_index()
    fill()
    HELD.name, HELD.parts = name, parts_of_index()


def parts_of_index() -> dict[str, object]:
    rows = engine.read(
        "SELECT table, (count(), groupBitXor(cityHash64(name, hash_of_all_files))) AS mark FROM system.parts "
        f"WHERE active AND database = currentDatabase() AND table NOT IN {KEPT} AND rows > 0 GROUP BY table"
    )
    return {str(row["table"]): row["mark"] for row in rows}


@dataclass(frozen=True, slots=True)
class Cast:
    """Users by role in `workspace`; `stranger` owns `other_workspace` alone; `client` sees `project` only."""

    workspace: Workspace
    project: Project
    second_project: Project
    owner: User
    admin: User
    editor: User
    viewer: User
    client: User
    stranger: User
    other_workspace: Workspace
    other_project: Project


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast()


def make_cast() -> Cast:
    owner = make_user(email="owner@agency.example", name="Olive Owner")
    stranger = make_user(email="stranger@elsewhere.example", name="Sam Stranger")
    ours, theirs = make_workspace(name="Agency", owner=owner), make_workspace(name="LEAK-B workspace", owner=stranger)
    project = make_project(workspace=ours, domain="client.example", competitors=("rival.example",), brands=("Client",))
    second = make_project(workspace=ours, domain="second.example")
    return Cast(
        workspace=ours,
        project=project,
        second_project=second,
        owner=owner,
        admin=make_member(workspace=ours, role="admin", email="admin@agency.example"),
        editor=make_member(workspace=ours, role="editor", email="editor@agency.example"),
        viewer=make_member(workspace=ours, role="viewer", email="viewer@agency.example"),
        client=make_member(workspace=ours, role="client", email="client@client.example", projects=(project,)),
        stranger=stranger,
        other_workspace=theirs,
        other_project=make_project(workspace=theirs, domain="client.example", name="LEAK-B project"),
    )


@pytest.fixture
def browse() -> "type[Client]":
    """`browse(user)` gives a test client that is signed in as that user (None: nobody)."""

    def signed_in(user: User | None) -> Client:
        client = Client()
        if user is not None:
            client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
        return client

    return signed_in  # type: ignore[return-value]


@pytest.fixture
def linked(cast: Cast, held_index: Hold) -> Cast:
    """The cast, with three links to the client in both workspaces; those of the other one say LEAK-B."""
    held_index(("linked", cast.workspace.pk), lambda: link(cast))
    return cast


def link(cast: Cast) -> None:
    home = "https://client.example/"
    ours = [
        {"source": "https://news.example/story", "target": home, "anchor": "Client"},
        {"source": "https://blog.example/post", "target": f"{home}shop/", "nofollow": 1, "anchor": "shop"},
        {"source": "https://old.example/gone", "target": home, "lost_reason": "notfound", "anchor": "old"},
    ]
    add_links(workspace=cast.workspace.pk, links=[{"lost_reason": "", **one} for one in ours])
    theirs = [{"source": "https://leak-b.example/LEAK-B", "target": f"{home}LEAK-B", "anchor": "LEAK-B"}]
    add_links(workspace=cast.other_workspace.pk, links=theirs)
