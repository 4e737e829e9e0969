"""What people of a workspace say a domain, or one page of it, is about, in place of what was judged.

Decided: a choice is the workspace's, whatever project it was made in, because a domain is about the same for all of
them; it holds at once wherever topics are read, and is taken back by deleting it. Choosing none is a choice: nothing is
known of it. Refused: weights, because nobody can say that a site is 60 % about gardens.
"""

from collections.abc import Sequence

from backlinks.workbench.models import TopicChoice
from projects.models import User, Workspace

from .taxonomy import topic_ids

MOST = 3
ChosenRow = tuple[str, str, tuple[str, ...]]


def chosen_rows(workspace: int) -> tuple[ChosenRow, ...]:
    """(domain, page key or "", topics) of every choice; topics that the taxonomy no longer has are left out."""
    known = set(topic_ids())
    rows = TopicChoice.objects.filter(workspace=workspace).order_by("domain", "page_key")
    return tuple(
        (domain, page, tuple(one for one in topics if one in known))
        for domain, page, topics in rows.values_list("domain", "page_key", "topics")
    )


def choice_of(workspace: Workspace, domain: str, page: str = "") -> TopicChoice | None:
    found = TopicChoice.objects.filter(workspace=workspace, domain=domain, page_key=page)
    return found.select_related("chosen_by").first()


def choices_of_pages(workspace: Workspace, domain: str) -> list[TopicChoice]:
    """What was chosen for single pages of a domain."""
    found = TopicChoice.objects.filter(workspace=workspace, domain=domain).exclude(page_key="")
    return list(found.select_related("chosen_by").order_by("page_key"))


def choose(*, workspace: Workspace, user: User, domain: str, page: str, topics: Sequence[str]) -> TopicChoice:
    """Topics in place of the judged ones; raises ValueError for one that is not in the taxonomy, or too many."""
    picked = list(dict.fromkeys(topics))
    if len(picked) > MOST:
        raise ValueError(f"at most {MOST} topics")
    if set(picked) - set(topic_ids()):
        raise ValueError("a topic that is not in the list")
    made, _ = TopicChoice.objects.update_or_create(
        workspace=workspace, domain=domain, page_key=page, defaults={"topics": picked, "chosen_by": user}
    )
    return made


def restore(*, workspace: Workspace, domain: str, page: str) -> bool:
    """Back to what was judged; says whether there was a choice."""
    return TopicChoice.objects.filter(workspace=workspace, domain=domain, page_key=page).delete()[0] > 0
