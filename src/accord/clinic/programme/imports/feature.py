"""Imports of files, and values learned from their ratings."""

from __future__ import annotations

from datetime import timedelta

from django.utils.translation import gettext_lazy as _

from accord.clinic.audit.actions import OF_NO_CLIENT, ClientWords
from accord.clinic.monitoring import populations
from accord.clinic.policy import Action
from accord.clinic.programme.imports import demo, uploads, urls
from accord.clinic.web.feature import Feature, Link
from accord.clinic.web.jobs import Job

FEATURE = Feature(
    urls=urls.urlpatterns,
    navigation=(Link("imports", _("Imports"), Action.IMPORT),),
    audit_actions={
        "import.commit": OF_NO_CLIENT,
        "import.undo": OF_NO_CLIENT,
        "import.put_back": OF_NO_CLIENT,
        "import.rows_put_back": ClientWords(_("put back entries that came from a file"), 35),
        "import.read": ClientWords(_("opened the page about a file with answers of yours"), 65),
        "import.rows_undone": ClientWords(_("took back entries that came from a file"), 30),
        "import.episodes": ClientWords(_("brought in from a file when your treatment began and ended"), 40),
        "import.events": ClientWords(_("brought in from a file what happened on some days"), 50),
        "import.rows": ClientWords(_("brought in ratings from a file"), 60),
        "population.refit": OF_NO_CLIENT,
    },
    jobs=(
        Job(
            populations.JOB,
            timedelta(minutes=10),
            populations.learn_after_imports,
            limit=timedelta(hours=1),
            waiting=populations.waiting,
        ),
        Job("sweep-uploads", timedelta(hours=1), uploads.sweep, here=True),
    ),
    demo=demo.fill,
)
