"""Mails of requests and who was seen on a site; the bytes of files that are not UTF-8 in a column of their own."""

import base64

import django.db.models.deletion
from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

BYTES = "bytes"  # where they were: base64 in `confirmed` of a file that somebody brought


def move_bytes(apps: Apps, _: BaseDatabaseSchemaEditor) -> None:
    versions = apps.get_model("audit", "DisavowVersion").objects.filter(is_imported=True)
    for pk in list(versions.values_list("pk", flat=True)):
        confirmed = versions.values_list("confirmed", flat=True).get(pk=pk)
        if kept := confirmed.pop(BYTES, ""):
            versions.filter(pk=pk).update(original=base64.b64decode(kept), confirmed=confirmed)


def move_back(apps: Apps, _: BaseDatabaseSchemaEditor) -> None:
    versions = apps.get_model("audit", "DisavowVersion").objects.filter(is_imported=True)
    for pk in list(versions.values_list("pk", flat=True)):
        original, confirmed = versions.values_list("original", "confirmed").get(pk=pk)
        if original:
            kept = base64.b64encode(bytes(original)).decode("ascii")
            versions.filter(pk=pk).update(confirmed={**confirmed, BYTES: kept})


class Migration(migrations.Migration):
    dependencies = (("audit", "0001_audits"),)

    operations = (
        migrations.CreateModel(
            name="RemovalMail",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("subject", models.CharField(max_length=300)),
                ("body", models.TextField()),
                (
                    "project",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="removal_mail",
                        to="projects.project",
                    ),
                ),
            ],
            options={"ordering": ("project",)},
        ),
        migrations.AddField("removal", "contact_page", models.CharField(blank=True, max_length=2048)),
        migrations.AddField("removal", "contact_day", models.DateField(null=True)),
        migrations.AddField("removal", "subject", models.CharField(blank=True, max_length=300)),
        migrations.AddField("removal", "body", models.TextField(blank=True)),
        migrations.AddField("disavowversion", "original", models.BinaryField(default=bytes)),
        migrations.AddField("disavowversion", "properties", models.JSONField(default=list)),
        migrations.RunPython(move_bytes, move_back),
    )
