"""Pages on which a visit saw a way to reach a site's owner."""

from typing import Any

from . import engine
from .pagefacts import newest_page_facts


def contact_pages(workspace: int, domain: str, most: int) -> list[dict[str, Any]]:
    """Pages of a domain with the ways that each shows (mail, phone, imprint, contact, linkedin), most ways first."""
    facts, bound = newest_page_facts(
        workspace,
        ("source_domain", "page_url", "fetched_at", "contacts"),
        domains="{contact_domain:String}",
        bound={"contact_domain": domain},
    )
    return engine.read(
        f"""SELECT page_url, contacts, fetched_at FROM ({facts}) WHERE notEmpty(contacts)
        ORDER BY length(contacts) DESC, page_url LIMIT {{contact_most:UInt32}}""",
        bound | {"contact_most": most},
    )
