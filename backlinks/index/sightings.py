"""Page sightings: a list names the referring page among those that link, without saying which link of it."""

from typing import Any

from . import engine
from .query import LinkQuery
from .sql import COUNTED

LIMIT = 100


def page_sightings(query: LinkQuery, source_domain: str, source_key: str) -> list[dict[str, Any]]:
    """Each list of this generation that names the page, newest first, with the batch that brought it."""
    parameters = {
        "scope": sorted({0, query.workspace}),
        "target_domain": query.target.domain,
        "generation": query.generation,
        "source_domain": source_domain,
        "source_key": source_key,
    }
    return engine.read(
        f"""SELECT source, report, batch, row, first_seen, last_seen FROM sightings
        WHERE workspace IN {{scope:Array(UInt32)}} AND target_domain = {{target_domain:String}}
            AND source_domain = {{source_domain:String}} AND source_key = {{source_key:String}} AND {COUNTED}
        ORDER BY last_seen DESC, source, batch LIMIT {LIMIT}""",
        parameters,
    )
