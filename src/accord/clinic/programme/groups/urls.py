"""Addresses of groups."""

from __future__ import annotations

from django.urls import path

from accord.clinic.programme.groups import views

urlpatterns = [
    path("groups/", views.show_all, name="groups"),
    path("groups/new/", views.new, name="group-new"),
    path("groups/<uuid:group_id>/", views.show, name="group"),
    path("groups/<uuid:group_id>/meeting/", views.meeting, name="group-meeting"),
    path("groups/<uuid:group_id>/leaders/new/", views.new_leader, name="leader-new"),
    path("groups/<uuid:group_id>/members/new/", views.new_member, name="member-new"),
    path("leaders/<uuid:leader_id>/end/", views.end_leader, name="leader-end"),
]
