"""Rows of client reviews. Of a link only the hash of its token is kept."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.utils import timezone

from projects.models import Project

USER = settings.AUTH_USER_MODEL


class ClientReview(models.Model):
    """What a client is asked about. A draft (no `asked_at`) has no link yet; answers count once they were sent."""

    class State(models.TextChoices):
        DRAFT = "draft", "Draft"
        ASKED = "asked", "Not opened yet"
        OPENED = "opened", "Opened"
        SENT = "sent", "Answered"
        EXPIRED = "expired", "Link expired"
        REVOKED = "revoked", "Revoked"
        CLOSED = "closed", "Closed"

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="client_reviews")
    title = models.CharField(max_length=120, blank=True)
    message = models.CharField(max_length=3000, blank=True)
    token_hash = models.CharField(max_length=64, blank=True, db_index=True)
    made_by = models.ForeignKey(USER, on_delete=models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField(auto_now_add=True)
    asked_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    openings = models.PositiveIntegerField(default=0)
    opened_at = models.DateTimeField(null=True)
    client_name = models.CharField(max_length=120, blank=True)
    client_email = models.CharField(max_length=254, blank=True)
    sent_at = models.DateTimeField(null=True)
    changed_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "audit"
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(fields=["token_hash"], condition=~models.Q(token_hash=""), name="one_link_a_token"),
        )

    def __str__(self) -> str:
        return self.title or f"Draft {self.pk}"

    @property
    def has_expired(self) -> bool:
        return self.expires_at is not None and self.expires_at <= timezone.now()

    @property
    def takes_answers(self) -> bool:
        ended = self.closed_at or self.revoked_at or self.has_expired
        return self.asked_at is not None and not ended

    @property
    def client(self) -> str:
        """Who answered, as they call themselves."""
        return self.client_name or "the client"


class ClientAnswer(models.Model):
    """A domain of a client review: what was decided, what the client is shown of it, and what the client says.

    `decided_at` tells the decision; one that was made anew is another, which the answer is not about. `shown` holds
    {reason, points, links, count} as they were when the client was asked.
    """

    class Answer(models.TextChoices):
        AGREE = "agree", "Agree"
        KEEP = "keep", "Keep it, we know them"
        UNSURE = "unsure", "Not sure"

    review = models.ForeignKey(ClientReview, on_delete=models.CASCADE, related_name="answers")
    domain = models.CharField(max_length=253)
    verdict = models.CharField(max_length=8)
    decided_at = models.DateTimeField()
    shown = models.JSONField(default=dict)
    answer = models.CharField(max_length=6, choices=Answer.choices, blank=True)
    note = models.CharField(max_length=1000, blank=True)
    answered_at = models.DateTimeField(null=True)
    dismissed_by = models.ForeignKey(USER, on_delete=models.SET_NULL, null=True, related_name="+")
    dismissed_at = models.DateTimeField(null=True)
    dismissal = models.CharField(max_length=1000, blank=True)

    class Meta:
        app_label = "audit"
        ordering = ("id",)
        constraints = (models.UniqueConstraint(fields=["review", "domain"], name="asked_once"),)
        indexes = (models.Index(fields=["domain"], name="answers_by_domain"),)

    def __str__(self) -> str:
        return f"{self.domain}: {self.get_answer_display() or 'no answer'}"


def state_of(now: datetime) -> models.Case:
    """The state of each client review, for a query."""
    states = ClientReview.State
    cases = (
        (models.Q(asked_at=None), states.DRAFT),
        (models.Q(revoked_at__isnull=False), states.REVOKED),
        (models.Q(closed_at__isnull=False), states.CLOSED),
        (models.Q(sent_at__isnull=False), states.SENT),
        (models.Q(expires_at__lte=now), states.EXPIRED),
        (models.Q(opened_at__isnull=False), states.OPENED),
    )
    whens = (models.When(condition, then=models.Value(state.value)) for condition, state in cases)
    return models.Case(*whens, default=models.Value(states.ASKED.value), output_field=models.CharField())
