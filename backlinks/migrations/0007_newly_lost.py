from django.db import migrations, models

AT_ONCE = 500


def _was_lost(known):
    """As `crawl.verdict.was_lost` said when this was written."""
    last = (known.get("last") or {}).get("state")
    return (known.get("state") if last in (None, "", "unknown") else last) == "lost"


def mark_new(apps, schema_editor):
    """Of the links that checks have found lost, those that were not lost before."""
    items = apps.get_model("backlinks", "CheckItem").objects
    last = 0
    while block := list(items.filter(state="lost", pk__gt=last).order_by("pk").values_list("pk", "known")[:AT_ONCE]):
        last = block[-1][0]
        items.filter(pk__in=[pk for pk, known in block if not _was_lost(known)]).update(is_new=True)


class Migration(migrations.Migration):

    dependencies = [
        ('backlinks', '0006_watched_sites'),
    ]

    operations = [
        migrations.AddField(
            model_name='checkitem',
            name='is_new',
            field=models.BooleanField(default=False),
        ),
        migrations.AlterField(
            model_name='crawl',
            name='kind',
            field=models.CharField(choices=[('site', 'Site crawl'), ('list', 'Page list'), ('check', 'Link check'), ('news', 'Look for new pages')], max_length=8),
        ),
        migrations.RunPython(mark_new, migrations.RunPython.noop),
    ]
