"""Who is on duty, with a rota that the programme lead keeps."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from accord.clinic.audit.actions import OF_NO_CLIENT
from accord.clinic.policy import Action
from accord.clinic.programme.duty import demo, urls
from accord.clinic.web.feature import Feature, Link

FEATURE = Feature(
    urls=urls.urlpatterns,
    navigation=(
        Link(
            "duty",
            _("Duty rota"),
            Action.KEEP_DUTY,
            with_pages=frozenset({"duty-new", "duty-change", "duty-take-back"}),
        ),
    ),
    audit_actions={
        "duty_shift.add": OF_NO_CLIENT,
        "duty_shift.change": OF_NO_CLIENT,
        "duty_shift.take_back": OF_NO_CLIENT,
    },
    demo=demo.fill,
)
