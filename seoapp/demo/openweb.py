"""The open web around the demo's clients: a release of a domain graph, lists of popular and of bad sites, and scores.

Decided: the demo writes the files that Common Crawl and a popularity list would give, of an invented web, and reads
them as an operator would. Scores are computed before the list is read and after it, so that *Why this score* has a
change to explain; then each client is audited. It is a run, because it can only begin once the demo's exports have been
read. Refused: a graph of real domains, because nothing in the demo may look like a fact about somebody.
"""

import gzip
import random
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from audit import auditing
from backlinks.authority import compute
from backlinks.models import Import, OpenImport
from backlinks.openweb import blocklists, popularity, webgraph
from projects import runs
from projects.models import Project, Run, User, Workspace

from . import story, web

KIND = "demo_open_web"
SOON = timedelta(seconds=5)
SCORED_BEFORE = timedelta(days=7)  # the computation before the newest, which a change is told from
OTHERS = 2400  # domains of the invented web that link to no client
SEEN_SHARE = 0.6  # of the links to a client, how many the release has seen, too
UNKNOWN_TO_VENDORS = 25  # domains that link to a client and that no export names
INFECTED, BLOCKED = 3, 9  # throw-away sites that lists name
STRONG = 45  # strength from which an archive links to a site
VISITED = 29  # strength from which a site stands in the popularity list: the clients do
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


def queue(workspace: Workspace, user: User | None) -> Run | None:
    """The run that brings the open web in; None where it has been brought."""
    if Run.objects.filter(workspace=workspace, kind=KIND).exists():
        return None
    return runs.start(kind=KIND, workspace=workspace, project=None, arguments={}, user=user)


def carry_out(claimed: runs.Claimed) -> None:
    workspace, today = claimed.run.workspace, timezone.now().date()
    waiting = Import.objects.filter(workspace=workspace, state__in=(Import.State.WAITING, Import.State.RUNNING))
    if workspace is None or waiting.exists():
        raise runs.Later(timezone.now() + SOON)
    folder = Path(settings.SEOAPP_DATA) / "demo"
    made = Web(random.Random(71), today)  # noqa: S311 - invented data, not secrets
    _sow(made.archives)
    _read(webgraph.receive(made.write_release(folder), part=webgraph.WHOLE))
    _score(workspace, claimed, timezone.now() - SCORED_BEFORE)
    _read(popularity.receive(made.write_list(folder), name="tranco", day=today - timedelta(days=3)))
    _score(workspace, claimed, timezone.now())
    for kind, path in made.write_blocklists(folder).items():
        _read(blocklists.receive(path, name=f"demo-{kind}", kind=kind, day=today - timedelta(days=2)))
    for project in workspace.projects.all():
        auditing.start(project, claimed.run.started_by)


def is_audit_coming(project: Project) -> bool:
    """Whether the first audit of a project is still to be made: it begins when this has ended."""
    left = Run.objects.filter(state__in=(Run.State.QUEUED, Run.State.RUNNING))
    before = left.filter(workspace=project.workspace, kind=KIND)
    return before.exists() or left.filter(project=project, kind=auditing.KIND).exists()


def _sow(archives: Iterable[str]) -> None:
    """The operator's own seeds: the demo's archives and universities."""
    path = Path(settings.SEOAPP_DATA) / "seeds" / "good.txt"
    path.parent.mkdir(parents=True, exist_ok=True)
    known = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    added = [name for name in archives if name not in known]
    path.write_text("\n".join([*known, *added, ""]), encoding="utf-8")


def _read(made: OpenImport) -> None:
    """Read it here; a worker that must stop comes back to it."""
    if made.state != OpenImport.State.DONE and made.run_id:
        runs.execute(made.run_id)
        made.refresh_from_db()
    if made.state == OpenImport.State.FAILED:
        raise PermissionError(f"The demo's {made} was not read: {made.error}")
    if made.state != OpenImport.State.DONE:
        raise runs.Later(timezone.now() + SOON)


def _score(workspace: Workspace, claimed: runs.Claimed, moment: datetime) -> None:
    for number in (0, workspace.pk):
        compute.compute(number, lambda line: claimed.step(line=line), moment=moment)


class Web:
    """An invented web of domains. The same chance and day give the same web."""

    def __init__(self, chance: random.Random, today: date) -> None:
        self.chance, self.today = chance, today
        self.archives = tuple(f"{town}-{kind}.example" for town, kind in zip(story.TOWNS, _kinds(), strict=False))
        self.hubs = tuple(f"{town}-network.example" for town in story.TOWNS) + tuple(
            f"{paper}-{number}.example" for paper in story.PAPERS for number in range(1, 4)
        )
        self.strength: dict[str, float] = dict.fromkeys(self.archives, 78.0) | dict.fromkeys(self.hubs, 82.0)
        self.linked: set[tuple[str, str]] = set()
        self._clients()
        self._others()
        self._votes()

    def _clients(self) -> None:
        for client in story.CLIENTS:
            for domain in (client.domain, *client.competitors):
                self.strength[domain] = self.chance.uniform(30, 45)
                share = 1.0 if domain == client.domain else 0.7
                for one in web.links_to(client, self.today, domain="" if share == 1 else domain, share=share):
                    self.strength.setdefault(one.site.domain, one.site.strength)
                    if one.gone is None and self.chance.random() < SEEN_SHARE:
                        self.linked.add((one.site.domain, domain))

    def _others(self) -> None:
        for number in range(OTHERS):
            first, second = (
                self.chance.choice(story.TOWNS),
                self.chance.choice(("works", "shop", "diary", "lab", "hall")),
            )
            self.strength[f"{first}-{second}-{number}.example"] = max(1.0, self.chance.gauss(16, 11))
        for client in story.CLIENTS:
            names = self.chance.sample(sorted(self.strength), UNKNOWN_TO_VENDORS)
            self.linked |= {(name, client.domain) for name in names if name != client.domain}

    def _votes(self) -> None:
        """Strong domains are linked to by many; archives and hubs choose better than the rest."""
        names = sorted(self.strength)
        for name in names:
            wanted = 1 + round(260 * (self.strength[name] / 100) ** 3)
            voters = self.chance.choices(names, [1 + self.strength[one] / 25 for one in names], k=wanted)
            self.linked |= {(voter, name) for voter in voters if voter != name}
        worthy = [name for name in names if self.strength[name] > STRONG]
        for archive in self.archives:
            self.linked |= {(archive, name) for name in self.chance.sample(worthy, 25) if name != archive}
        for name in names:
            self.linked |= {(name, hub) for hub in self.chance.sample(self.hubs, 2) if hub != name}

    def write_release(self, folder: Path) -> Path:
        """Files as Common Crawl gives them, of the three months before this one."""
        release = _release_before(self.today)
        place = folder / release
        place.mkdir(parents=True, exist_ok=True)
        turned = sorted(_turned(name) for name in self.strength)
        ids = {name: number for number, name in enumerate(turned)}
        edges = sorted((ids[_turned(one)], ids[_turned(other)]) for one, other in self.linked)
        received = dict.fromkeys(range(len(turned)), 0)
        for _, target in edges:
            received[target] += 1
        best = sorted(received, key=lambda number: (-received[number], number))
        _write(place / f"{release}-domain-vertices.txt.gz", (f"{ids[name]}\t{name}\t1" for name in turned))
        _write(place / f"{release}-domain-edges.txt.gz", (f"{source}\t{target}" for source, target in edges))
        head = "#harmonicc_pos\t#harmonicc_val\t#pr_pos\t#pr_val\t#host_rev\t#n_hosts"
        ranks = (
            "\t".join(map(str, (at, 1e4 + received[one], at, (1 + received[one]) / len(edges), turned[one], 1)))
            for at, one in enumerate(best, start=1)
        )
        _write(place / f"{release}-domain-ranks.txt.gz", (head, *ranks))
        return place

    def write_list(self, folder: Path) -> Path:
        """The strongest domains by rank, as a popularity list has them."""
        visited = [name for name in self.strength if self.strength[name] > VISITED]
        ordered = sorted(visited, key=lambda name: (-self.strength[name], name))
        path = folder / "tranco_demo.csv"
        path.write_text("".join(f"{1 + 211 * place},{name}\n" for place, name in enumerate(ordered)), encoding="utf-8")
        return path

    def write_blocklists(self, folder: Path) -> dict[str, Path]:
        """Throw-away sites as lists of malware (pages) and of blocked hosts name them, by kind."""
        named = [one for one in sorted(self.strength) if one.startswith(story.THROWAWAY)]
        malware, blocklist = folder / "malware.csv", folder / "blocklist.txt"
        rows = "".join(f'{number},"http://{one}/get/update.exe"\n' for number, one in enumerate(named[:INFECTED], 1))
        malware.write_text(f"id,url\n{rows}", encoding="utf-8")
        hosts = "".join(f"0.0.0.0 {one}\n" for one in named[INFECTED : INFECTED + BLOCKED])
        blocklist.write_text(f"# Hosts of the demo\n{hosts}", encoding="utf-8")
        return {"malware": malware, "blocklist": blocklist}


def _kinds() -> Iterator[str]:
    while True:
        yield from ("university", "archive", "library", "museum")


def _turned(name: str) -> str:
    return ".".join(reversed(name.split(".")))


def _release_before(today: date) -> str:
    """The name of the release of the three whole months before this one."""
    months = [(today.year * 12 + today.month - 1 - back) for back in (3, 2, 1)]
    years = sorted({month // 12 for month in months})
    shown = str(years[0]) if len(years) == 1 else f"{years[0]}-{years[1] % 100:02}"
    return f"cc-main-{shown}-" + "-".join(MONTHS[month % 12] for month in months)


def _write(path: Path, lines: Iterable[str]) -> None:
    with gzip.open(path, "wt", encoding="utf-8") as file:
        file.writelines(f"{line}\n" for line in lines)


RUN_KIND = runs.RunKind(name=KIND, label="Open web of the demo", run=carry_out)
