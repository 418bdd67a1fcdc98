"""The clinician's list of the day, and what is done about a flag."""

from __future__ import annotations

from datetime import timedelta

from django.utils.translation import gettext_lazy as _

from accord.clinic.audit.actions import ENTERED, OF_NO_CLIENT, ClientWords
from accord.clinic.clinician.worklist import demo, lanes, urls
from accord.clinic.facts.changed import ASSESS
from accord.clinic.monitoring import after_facts, populations
from accord.clinic.policy import Action
from accord.clinic.web.feature import Feature, Link
from accord.clinic.web.jobs import Job
from accord.clinic.web.lanes import TimelineLane

FEATURE = Feature(
    urls=urls.urlpatterns,
    navigation=(Link("worklist", _("Worklist"), Action.SEE_WORKLIST),),
    audit_actions={
        "worklist.read": OF_NO_CLIENT,
        "worklist.shown": ClientWords(_("saw your name on their list of the day"), 190),
        "act.respond": ENTERED,
        "flag.raise": ENTERED,
        "flag.withdraw": ENTERED,
        "flag.respond": ENTERED,
        "flag.hand_over": ENTERED,
    },
    jobs=(
        Job(
            ASSESS,
            timedelta(seconds=30),
            after_facts.after_facts_of,
            waiting=after_facts.waiting,
            parallel=2,
            after=(populations.JOB,),
        ),
    ),
    lanes=(TimelineLane(10, lanes.responses),),
    demo=demo.fill,
)
