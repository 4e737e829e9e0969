"""What tests of topics share: links with texts, judged, and what comes of them."""

from typing import Any

from backlinks import index
from backlinks.index import engine
from tests.backlinks.index.observed import TARGET, asked, link, observe

COUNTS = {"title": 3, "anchor": 2, "around": 1, "name": 1}


def judge(workspace: int, rows: list[dict[str, Any]]) -> None:
    """Links in the index, settled and judged."""
    observe(workspace, rows)
    index.judge_topics(workspace, [TARGET])


def page(
    source: str, title: str = "", anchor: str = "", left: str = "", right: str = "", **more: Any
) -> dict[str, Any]:
    return link(source, title=title, anchor=anchor, context_left=left, context_right=right, **more)


def topics_of(workspace: int) -> dict[str, dict[str, float]]:
    """Domain -> topic -> weight, as the newest run says."""
    rows = engine.read(
        """SELECT source_domain, topic, weight FROM topics
        WHERE workspace = {workspace:UInt32}
            AND run = (SELECT max(run) FROM topic_runs WHERE workspace = {workspace:UInt32})""",
        {"workspace": workspace},
    )
    made: dict[str, dict[str, float]] = {}
    for row in rows:
        made.setdefault(row["source_domain"], {})[row["topic"]] = round(row["weight"], 4)
    return made


def shares_of(workspace: int, **params: Any) -> dict[str, index.TopicShare]:
    return {one.topic: one for one in index.topic_shares(asked(workspace, "domains", **params))}
