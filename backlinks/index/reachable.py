"""Pages on which a visit saw a way to reach a site's owner, and sites whose owner has left: parked ones."""

from collections.abc import Iterable
from typing import Any

from . import engine
from .pagefacts import newest_page_facts
from .portions import portions


def contact_pages(workspace: int, domain: str, most: int) -> list[dict[str, Any]]:
    """Pages of a domain with the ways that each shows (mail, phone, imprint, contact, linkedin) and mail addresses at
    that domain: pages with such an address first, then those with most ways."""
    facts, bound = newest_page_facts(
        workspace,
        ("source_domain", "page_url", "fetched_at", "contacts", "mails"),
        domains="{contact_domain:String}",
        bound={"contact_domain": domain},
    )
    return engine.read(
        f"""SELECT page_url, contacts, mails, fetched_at FROM ({facts}) WHERE notEmpty(contacts)
        ORDER BY notEmpty(mails) DESC, length(contacts) DESC, page_url LIMIT {{contact_most:UInt32}}""",
        bound | {"contact_most": most},
    )


def parked_domains(workspace: int, domains: Iterable[str]) -> set[str]:
    """Those of these domains of which every page that was read is parked."""
    parked: set[str] = set()
    for names in portions(domains):
        facts, bound = newest_page_facts(
            workspace,
            ("source_domain", "parked"),
            domains="SELECT arrayJoin({parked_names:Array(String)})",
            bound={"parked_names": names},
        )
        rows = engine.read(
            f"SELECT source_domain FROM ({facts}) GROUP BY source_domain HAVING countIf(parked = '') = 0", bound
        )
        parked |= {row["source_domain"] for row in rows}
    return parked
