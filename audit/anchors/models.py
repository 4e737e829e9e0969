"""Rows of the review of anchors."""

from django.conf import settings
from django.db import models

from projects.models import Project

USER = settings.AUTH_USER_MODEL
LONGEST = 500  # characters of an anchor that can be reviewed


class AnchorClass(models.Model):
    """What somebody says an anchor means for the project. `words` are folded as the index folds anchors, so that it
    holds for every spelling; `judged` is what the class was before."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="anchor_classes")
    words = models.CharField(max_length=LONGEST)
    kind = models.CharField(max_length=10)
    judged = models.CharField(max_length=10)
    made_by = models.ForeignKey(USER, on_delete=models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        ordering = ("project", "words")
        constraints = (models.UniqueConstraint(fields=["project", "words"], name="anchor_class_once"),)

    def __str__(self) -> str:
        return f"{self.words}: {self.kind}"


class AnchorStep(models.Model):
    """One thing that somebody did in the review of anchors, and what stood there before: words -> the fields of their
    class, or None where there was none."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="anchor_steps")
    user = models.ForeignKey(USER, on_delete=models.CASCADE, related_name="anchor_steps")
    about = models.CharField(max_length=300)
    before = models.JSONField(default=dict)
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return self.about
