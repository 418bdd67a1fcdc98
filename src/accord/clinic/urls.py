"""Every address of the site."""

from __future__ import annotations

from allauth.account import views as account
from django.urls import path

from accord.clinic.views import (
    checkins,
    contacts,
    imports,
    lines,
    noticing,
    own_record,
    pages,
    reactions,
    staff,
)

urlpatterns = [
    path("", pages.home, name="home"),
    path("about/", pages.about, name="about"),
    path("health/", pages.health, name="health"),
    path("accounts/login/", account.login, name="account_login"),
    path("accounts/logout/", account.logout, name="account_logout"),
    path("worklist/", staff.show_worklist, name="worklist"),
    path("clients/<uuid:client_id>/", staff.show_client, name="client"),
    path("flags/<uuid:flag_id>/respond/", staff.respond, name="respond"),
    path("engagements/<uuid:engagement_id>/ask/", staff.ask, name="ask"),
    path("engagements/<uuid:engagement_id>/own/", checkins.own, name="own-checkin"),
    path("engagements/<uuid:engagement_id>/contact/", contacts.log, name="log-contact"),
    path("contacts/<uuid:contact_id>/", contacts.correct, name="correct-contact"),
    path("engagements/<uuid:engagement_id>/reactions/", reactions.about, name="reactions"),
    path("reactions/", reactions.mine, name="my-reactions"),
    path("reactions/<uuid:reaction_id>/", reactions.show, name="reaction"),
    path("reactions/<uuid:reaction_id>/share/", reactions.share, name="reaction-share"),
    path("reactions/sharings/<uuid:sharing_id>/end/", reactions.take_back, name="reaction-take-back"),
    path("c/<str:token>/", checkins.by_link, name="checkin"),
    path("c/<str:token>/sent/", checkins.sent, name="checkin-sent"),
    path("forms/", checkins.waiting, name="forms"),
    path("record/opened/", own_record.opened, name="who-opened"),
    path("forms/lines/", lines.own, name="own-lines"),
    path("forms/lines/<uuid:line_id>/share/", lines.share, name="line-share"),
    path("lines/<uuid:line_id>/", lines.show, name="line"),
    path("noticing/", noticing.show, name="noticing"),
    path("imports/", imports.show, name="imports"),
    path("imports/new/", imports.new, name="import-new"),
    path("imports/preview/", imports.preview, name="import-preview"),
    path("imports/<uuid:batch_id>/undo/", imports.undo, name="import-undo"),
]
handler404 = "accord.clinic.views.errors.missing"
handler500 = "accord.clinic.views.errors.broken"
