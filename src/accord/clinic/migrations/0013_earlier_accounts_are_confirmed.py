"""Accounts made before this version had their password set by whoever uses them: they stay open."""

from django.db import migrations
from django.db.models import F


def confirm(apps, schema_editor):
    accounts = apps.get_model("clinic", "Account").objects.filter(confirmed_at__isnull=True)
    accounts.update(confirmed_at=F("date_joined"))


class Migration(migrations.Migration):
    dependencies = [("clinic", "0012_confirmed_accounts")]
    operations = [migrations.RunPython(confirm, migrations.RunPython.noop)]
