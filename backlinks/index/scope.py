"""The conditions that every read of a profile starts with: workspace, target domain, generation, part of the domain.

A host is read with its www twin, a folder and a page by the key of the URL.
"""

from typing import Any

from .anchorwords import SCOPE
from .query import LinkQuery

__all__ = ["SCOPE", "Statement", "pages_within", "scope"]
Statement = tuple[str, dict[str, Any]]


def scope(query: LinkQuery) -> Statement:
    """The conditions that every read of this query starts with."""
    parameters: dict[str, Any] = {
        "owner": query.owner,
        "target_domain": query.target.domain,
        "generation": query.generation,
    }
    if query.target.scope == "host":
        return f"{SCOPE} AND target_host IN {{hosts:Array(String)}}", parameters | {"hosts": _hosts(query.target.host)}
    if query.target.scope == "prefix":
        return f"{SCOPE} AND startsWith(target_key, {{key:String}})", parameters | {"key": query.target.key}
    if query.target.scope == "exact":
        return f"{SCOPE} AND target_key = {{key:String}}", parameters | {"key": query.target.key}
    return SCOPE, parameters


def pages_within(query: LinkQuery) -> Statement:
    """The condition that a page of the site (`page_key`, `page_url`) belongs to the part that is read."""
    target = query.target
    if target.scope == "host":
        return "domain(page_url) IN {hosts:Array(String)}", {"hosts": _hosts(target.host)}
    if target.scope == "prefix":
        return "startsWith(page_key, {key:String})", {"key": target.key}
    if target.scope == "exact":
        return "page_key = {key:String}", {"key": target.key}
    return "1", {}


def _hosts(host: str) -> list[str]:
    """A host and its www twin: the key of a URL says that they are the same site."""
    bare = host.removeprefix("www.") if host.count(".") > 1 else host
    return sorted({host, bare, f"www.{bare}"})
