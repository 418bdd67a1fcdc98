"""Events that were written before there was a chain become its beginning, in the order of their time."""

from itertools import islice

from django.db import migrations, models

from accord.clinic.audit import chain

AT_ONCE = 500


def begin(apps, schema_editor):
    events = apps.get_model("clinic", "AuditEvent")
    heads = apps.get_model("clinic", "AuditHead")
    for organisation_id in set(events.objects.values_list("organisation_id", flat=True)):
        earlier = events.objects.filter(organisation_id=organisation_id).order_by("at", "pk")
        head = heads(organisation_id=organisation_id, sequence=0, digest=chain.BEGINNING)
        waiting = iter(list(earlier))
        while some := list(islice(waiting, AT_ONCE)):
            for event in some:
                event.sequence, event.previous = head.sequence + 1, head.digest
                event.digest = chain.digest(chain.columns(event))
                head.sequence, head.digest = event.sequence, event.digest
            events.objects.bulk_update(some, ["sequence", "previous", "digest"])
        head.save()


class Migration(migrations.Migration):
    dependencies = [("clinic", "0005_audit_chain")]

    operations = [
        migrations.RunPython(begin, migrations.RunPython.noop),
        migrations.AlterField("auditevent", "digest", models.CharField(max_length=64)),
        migrations.AlterField("auditevent", "previous", models.CharField(max_length=64)),
        migrations.AlterField("auditevent", "sequence", models.PositiveBigIntegerField()),
        migrations.AddConstraint(
            "auditevent",
            models.UniqueConstraint(
                fields=["organisation_id", "sequence"], name="audit_event_sequence_once"
            ),
        ),
    ]
