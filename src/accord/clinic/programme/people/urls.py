"""Addresses of people, roles and teams."""

from __future__ import annotations

from django.urls import path

from accord.clinic.programme.people import views

urlpatterns = [
    path("people/", views.show_all, name="people"),
    path("people/new/", views.new, name="person-new"),
    path("people/<uuid:person_id>/", views.show, name="person"),
    path("people/<uuid:person_id>/name/", views.rename, name="person-name"),
    path("people/<uuid:person_id>/roles/new/", views.join, name="role-new"),
    path("roles/<uuid:membership_id>/end/", views.leave, name="role-end"),
    path("teams/", views.teams, name="teams"),
    path("teams/new/", views.new_team, name="team-new"),
    path("teams/<uuid:team_id>/name/", views.rename_team, name="team-name"),
]
