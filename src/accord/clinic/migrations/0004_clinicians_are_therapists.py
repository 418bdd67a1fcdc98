"""Whoever was a clinician of a team, without saying which kind, counts as an individual therapist."""

from django.db import migrations


def _name(old, new):
    def rename(apps, schema_editor):
        apps.get_model("clinic", "Membership").objects.filter(role=old).update(role=new)

    return rename


class Migration(migrations.Migration):
    dependencies = [("clinic", "0003_roles")]
    operations = [
        migrations.RunPython(_name("clinician", "therapist"), _name("therapist", "clinician")),
    ]
