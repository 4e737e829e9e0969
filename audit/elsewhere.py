"""What other projects of a workspace decided about a referring domain.

Decided: whoever sees a project sees what was decided there, so a member of named projects is told of these alone. It is
told, and decides nothing: an honest site for one client may be a bought one for another. What an audit makes of it is a
share, as context (`gather/decisions.py`).
"""

from django.db.models import QuerySet

from projects.access import visible_projects
from projects.models import Membership, Project

from .models import Decision


def decided(membership: Membership, project: Project, domain: str) -> QuerySet[Decision]:
    """Decisions about a domain, or a page of it, in the other projects that a member may see, the newest first."""
    others = visible_projects(membership).exclude(pk=project.pk)
    made = Decision.objects.filter(project__in=others, domain=domain)
    return made.select_related("project__workspace", "made_by").order_by("-made_at", "-pk")
