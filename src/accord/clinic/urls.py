"""Every address of the site."""

from __future__ import annotations

from allauth.account import views as account
from allauth.mfa.base import views as factors
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as webauthn
from allauth.usersessions import views as usersessions
from django.urls import path

from accord.clinic.accounts import locked, sign_ins
from accord.clinic.accounts import quick_exit as leaving
from accord.clinic.accounts.invitations import views as invitations
from accord.clinic.client.checkins import views as checkins
from accord.clinic.client.own_notes import views as lines
from accord.clinic.client.own_record import opened_views as own_record
from accord.clinic.client.own_record import views as own
from accord.clinic.clinician.client_page import agreements
from accord.clinic.clinician.contacts import views as contacts
from accord.clinic.clinician.emergency import views as break_glass
from accord.clinic.clinician.reactions import views as reactions
from accord.clinic.clinician.worklist import views as staff
from accord.clinic.programme.alarm_budget import views as noticing
from accord.clinic.programme.care import views as care
from accord.clinic.programme.dropout import views as estimates
from accord.clinic.programme.groups import views as groups
from accord.clinic.programme.handover import views as handover
from accord.clinic.programme.imports import views as imports
from accord.clinic.programme.outcomes import views as overview
from accord.clinic.programme.people import views as people
from accord.clinic.site import pages

# Each of allauth's pages that this site uses, by name; it has more, such as signing up, which are not here.
SIGN_IN = [
    path("accounts/login/", account.login, name="account_login"),
    path("accounts/login/code/", factors.authenticate, name="mfa_authenticate"),
    path("accounts/login/passkey/", webauthn.login_webauthn, name="mfa_login_webauthn"),
    path("accounts/logout/", account.logout, name="account_logout"),
    path("accounts/again/", account.reauthenticate, name="account_reauthenticate"),
    path("accounts/again/passkey/", webauthn.reauthenticate_webauthn, name="mfa_reauthenticate_webauthn"),
    path("accounts/password/", account.password_change, name="account_change_password"),
    path("accounts/sessions/", usersessions.list_usersessions, name="usersessions_list"),
    path("accounts/sessions/<int:session_id>/end/", sign_ins.end, name="session-end"),
    path("accounts/factors/", factors.index, name="mfa_index"),
    path("accounts/factors/app/", totp.activate_totp, name="mfa_activate_totp"),
    path("accounts/factors/app/remove/", totp.deactivate_totp, name="mfa_deactivate_totp"),
    path("accounts/factors/codes/", sign_ins.view_codes, name="mfa_view_recovery_codes"),
    path("accounts/factors/codes/new/", sign_ins.new_codes, name="mfa_generate_recovery_codes"),
    path("accounts/factors/keys/", webauthn.list_webauthn, name="mfa_list_webauthn"),
    path("accounts/factors/keys/add/", webauthn.add_webauthn, name="mfa_add_webauthn"),
    path("accounts/factors/keys/<int:pk>/remove/", webauthn.remove_webauthn, name="mfa_remove_webauthn"),
    path("accounts/factors/keys/<int:pk>/edit/", webauthn.edit_webauthn, name="mfa_edit_webauthn"),
    path("invitation/<str:token>/", invitations.accept, name="invitation"),
    path("awake/", locked.awake, name="awake"),
    path("lock/", locked.lock, name="lock"),
    path("locked/", locked.locked, name="locked"),
    path("locked/passkey/", locked.by_passkey, name="locked-passkey"),
    path("leave/", leaving.leave, name="leave"),
]

urlpatterns = [
    path("", pages.home, name="home"),
    path("about/", pages.about, name="about"),
    path("health/", pages.health, name="health"),
    *SIGN_IN,
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
    path("c/<str:token>/uses/", own.allowed_by_link, name="uses-first"),
    path("c/<str:token>/sent/", checkins.sent, name="checkin-sent"),
    path("forms/", checkins.waiting, name="forms"),
    path("record/opened/", own_record.opened, name="who-opened"),
    path("forms/lines/", lines.own, name="own-lines"),
    path("forms/lines/<uuid:line_id>/share/", lines.share, name="line-share"),
    path("lines/<uuid:line_id>/", lines.show, name="line"),
    path("overview/", overview.programme, name="overview"),
    path("overview/alarms/", overview.alarms, name="overview-alarms"),
    path("noticing/", noticing.show, name="noticing"),
    path("leaving/", estimates.show, name="leaving"),
    path("engagements/<uuid:engagement_id>/reached/", estimates.reach_out, name="reach-out"),
    path("invitations/", invitations.show_all, name="invitations"),
    path("people/<uuid:person_id>/invite/", invitations.invite, name="invite"),
    path("people/<uuid:person_id>/invite/withdraw/", invitations.withdraw, name="invite-withdraw"),
    path("my/answers/", own.answers, name="own-answers"),
    path("my/answers.csv", own.answers_file, name="own-answers-file"),
    path("my/uses/", own.allowed, name="own-uses"),
    path("clients/<uuid:client_id>/agreements/", agreements.agreements, name="agreements"),
    path("people/", people.show_all, name="people"),
    path("people/new/", people.new, name="person-new"),
    path("people/<uuid:person_id>/", people.show, name="person"),
    path("people/<uuid:person_id>/name/", people.rename, name="person-name"),
    path("people/<uuid:person_id>/roles/new/", people.join, name="role-new"),
    path("people/<uuid:person_id>/relationships/new/", care.new_relationship, name="relationship-new"),
    path("people/<uuid:person_id>/care/new/", care.begin, name="care-begin"),
    path("people/<uuid:person_id>/handover/", handover.hand_over, name="handover"),
    path("roles/<uuid:membership_id>/end/", people.leave, name="role-end"),
    path("relationships/<uuid:engagement_id>/end/", care.end_relationship, name="relationship-end"),
    path("care/<uuid:episode_id>/end/", care.end, name="care-end"),
    path("care/<uuid:episode_id>/correct/", care.correct, name="care-correct"),
    path("teams/", people.teams, name="teams"),
    path("teams/new/", people.new_team, name="team-new"),
    path("teams/<uuid:team_id>/name/", people.rename_team, name="team-name"),
    path("groups/", groups.show_all, name="groups"),
    path("groups/new/", groups.new, name="group-new"),
    path("groups/<uuid:group_id>/", groups.show, name="group"),
    path("groups/<uuid:group_id>/meeting/", groups.meeting, name="group-meeting"),
    path("groups/<uuid:group_id>/leaders/new/", groups.new_leader, name="leader-new"),
    path("groups/<uuid:group_id>/members/new/", groups.new_member, name="member-new"),
    path("leaders/<uuid:leader_id>/end/", groups.end_leader, name="leader-end"),
    path("emergency/", break_glass.ask, name="break-glass"),
    path("emergency/opened/", break_glass.show, name="break-glass-list"),
    path("emergency/<uuid:opening_id>/seen/", break_glass.seen, name="break-glass-seen"),
    path("imports/", imports.show, name="imports"),
    path("imports/new/", imports.new, name="import-new"),
    path("imports/preview/", imports.preview, name="import-preview"),
    path("imports/<uuid:batch_id>/undo/", imports.undo, name="import-undo"),
]
handler404 = "accord.clinic.web.errors.missing"
handler500 = "accord.clinic.web.errors.broken"
handler429 = "accord.clinic.web.errors.too_many"
