"""Addresses of own reactions."""

from __future__ import annotations

from django.urls import path

from accord.clinic.clinician.reactions import views

urlpatterns = [
    path("engagements/<uuid:engagement_id>/reactions/", views.about, name="reactions"),
    path("reactions/", views.mine, name="my-reactions"),
    path("reactions/<uuid:reaction_id>/", views.show, name="reaction"),
    path("reactions/<uuid:reaction_id>/share/", views.share, name="reaction-share"),
    path("reactions/sharings/<uuid:sharing_id>/end/", views.revoke, name="reaction-take-back"),
]
