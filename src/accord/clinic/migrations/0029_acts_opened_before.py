"""Acts and safety answers from before this version: those whose page was opened since by somebody who treats
the client count as answered, as until then opening it took an act off the worklist. Of older ones, which wait
on no list, nothing is noted."""

from datetime import datetime, time, timedelta

from django.db import migrations
from django.utils import timezone

ACTS = ("self-injury", "attempt")
TREATING = ("engaged", "shares")
RECENT = timedelta(days=28)


def note_openings(apps, schema_editor):
    openings = _last_openings(apps)
    if not openings:
        return
    now = timezone.now()
    response = apps.get_model("clinic", "ActResponse")
    rows = []
    for topic, row, client, on_record in _acts(apps):
        by, at = openings.get(client, (None, None))
        if by is not None and at > on_record:
            about = {topic: row, "client_id": client, "organisation_id": row.organisation_id}
            day = timezone.localdate(at)
            rows.append(response(**about, by_id=by, done="opened", day=day, made_at=now))
    response.objects.bulk_create(rows, batch_size=500)


def _last_openings(apps):
    """Client -> who of those who treat them opened their page last, and when."""
    events = apps.get_model("clinic", "AuditEvent").objects.filter(
        action="client.read", relation__in=TREATING, actor_id__isnull=False
    )
    rows = events.order_by("at").values_list("client_id", "actor_id", "at")
    people = set(apps.get_model("clinic", "Person").objects.values_list("pk", flat=True))
    return {client: (actor, at) for client, actor, at in rows.iterator() if actor in people}


def _acts(apps):
    """Field of the response, row, client, and since when it is on record, of what would wait."""
    for event in apps.get_model("clinic", "Event").objects.filter(kind__in=ACTS, count__gt=0):
        if event.day >= timezone.localdate(event.made_at) - RECENT:
            yield "event", event, event.client_id, event.made_at
    reads = apps.get_model("clinic", "SafetyRead").objects.select_related("checkin__contact__engagement")
    for read in reads:
        contact = read.checkin.contact
        if contact.day is None or contact.day >= read.read_on - RECENT:
            yield "safety_read", read, contact.engagement.client_id, _end_of(read.read_on)
    for answer in apps.get_model("clinic", "LeftOutAnswer").objects.filter(client__isnull=False):
        yield "left_out", answer, answer.client_id, _end_of(answer.read_on)


def _end_of(day):
    return timezone.make_aware(datetime.combine(day, time.max))


class Migration(migrations.Migration):
    dependencies = [("clinic", "0028_act_response")]
    operations = [migrations.RunPython(note_openings, migrations.RunPython.noop)]
