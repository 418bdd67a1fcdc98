"""Each form's place in its chain, for forms from before it was counted."""

from django.db import migrations


def count(apps, schema_editor):
    CheckIn = apps.get_model("clinic", "CheckIn")
    before = dict(CheckIn.objects.filter(predecessor__isnull=False).values_list("pk", "predecessor"))
    for pk in before:
        revision, at = 0, pk
        while at in before:
            revision, at = revision + 1, before[at]
        CheckIn.objects.filter(pk=pk).update(revision=revision)


class Migration(migrations.Migration):

    dependencies = [
        ("clinic", "0026_imports_confirmed"),
    ]

    operations = [migrations.RunPython(count, migrations.RunPython.noop)]
