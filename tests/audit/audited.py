"""A project that was audited: a farm of six domains, honest sites, a lost link and a nofollow one."""

from datetime import date
from typing import Any

from django.utils import timezone

from audit import auditing
from audit.models import Audit
from tests.conftest import Cast, Hold
from tests.factories import DAY, MARCH, add_links

HOME = "https://client.example/"
DAY_OF_AUDIT = date(2026, 3, 10)
NUMBER = 4_711
HOSTILE = "Quiet <img src=x onerror=alert(1)>"
FARM = tuple(f"farm{one}.example" for one in range(6))
HONEST = ("news.example", "blog.example", "shop.example", "forum.example")
FIGURES: dict[str, Any] = {}  # of the audit whose findings the index holds


def links() -> list[dict[str, Any]]:
    farm = [
        {
            "source": f"https://{name}/all/938/13.html", "target": HOME, "anchor": "cheap shoes", "title": "Best shoes",
            "ext_links": 3_000, "ip": "203.0.113.7",
        }
        for name in FARM
    ]  # fmt: skip
    honest = [
        {"source": f"https://{name}/{at}-story", "target": HOME, "anchor": "Client", "title": f"A story of {name}"}
        for at, name in enumerate(HONEST)
    ]
    others = [
        {"source": "https://old.example/gone", "target": HOME, "anchor": "old", "lost_reason": "notfound"},
        {"source": "https://farm0.example/quiet", "target": HOME, "anchor": "quiet", "nofollow": 1, "title": HOSTILE},
    ]
    usual = {"lost_reason": "", "nofollow": 0, "title": "", "ext_links": 5, "ip": "", "first_seen": MARCH - 400 * DAY}
    return [usual | one for one in (*farm, *honest, *others)]


def audited(cast: Cast, held_index: Hold) -> Audit:
    """The newest audit of the client's project; its findings stay in the index from test to test."""
    cast.project.money_keywords = ["cheap shoes"]
    cast.project.save()

    def fill() -> None:
        add_links(workspace=cast.workspace.pk, links=links())
        leak = {"source": "https://leak-b.example/LEAK-B", "target": HOME, "anchor": "LEAK-B", "lost_reason": ""}
        add_links(workspace=cast.other_workspace.pk, links=[leak])
        row = _row(cast)
        auditing.audit(row, lambda _: None)
        FIGURES.clear()
        FIGURES.update(
            {name: getattr(row, name) for name in ("risk", "confidence", "bands", "links", "domains", "facts")}
        )
        row.delete()

    held_index(("audited", cast.workspace.pk), fill)
    row = _row(cast)
    for name, value in FIGURES.items():
        setattr(row, name, value)
    row.weights, row.finished_at = "M1", timezone.now()
    row.save()
    return row


def _row(cast: Cast) -> Audit:
    return Audit.objects.create(project=cast.project, number=NUMBER, as_of=DAY_OF_AUDIT)
