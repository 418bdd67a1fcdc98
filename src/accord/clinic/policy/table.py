"""The table: which relation to a record allows which action, and which role brings which relation.

Made to be read by a person who is no programmer. What it does not say is denied.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from accord.clinic.models import Membership

Role = Membership.Role


class Relation(StrEnum):
    """Relation of a person to a record, closest first. `WORDS` describes each in full."""

    OWN = "own"
    DISCHARGED = "discharged"
    AUTHOR = "author"
    SHARED_WITH = "told"
    ENGAGED = "engaged"
    PEER = "peer"
    SHARES = "shares"
    SUPERVISES = "supervises"
    BREAK_GLASS = "break-glass"
    SAME_TEAM = "same team"
    OTHER_TEAM = "other team"
    FORMER = "former"
    LEAD = "lead"
    ADMINISTRATOR = "administrator"
    RESEARCHER = "researcher"
    SUPERVISOR = "supervisor"
    AUDITOR = "auditor"


WORDS: Mapping[Relation, str] = {
    Relation.OWN: "the client whom the record is about",
    Relation.DISCHARGED: "the client whom the record is about, once no relationship of theirs goes on",
    Relation.AUTHOR: "the member of staff who wrote it, where a record belongs to its author alone",
    Relation.SHARED_WITH: (
        "a person, or somebody in the consultation of a team, with whom its author shared it, while both "
        "work here and it is not taken back"
    ),
    Relation.ENGAGED: (
        "the clinician of this relationship, or a leader of the group it belongs to, while it lasts; for a "
        "page about a client: of any of their relationships"
    ),
    Relation.PEER: (
        "the peer worker of this relationship, while it lasts; of the client's other relationships a peer "
        "worker sees nothing"
    ),
    Relation.SHARES: "treats the same client in another relationship, while that lasts",
    Relation.SUPERVISES: "supervisor of a team that treats the client, while both last",
    Relation.BREAK_GLASS: "opened the client's record in an emergency, for four hours from then",
    Relation.SAME_TEAM: "works in a team that treats the client, and does not treat them",
    Relation.OTHER_TEAM: "works in another team of the same organisation",
    Relation.FORMER: "treated the client once; every such relationship has ended",
    Relation.LEAD: "programme lead of the organisation",
    Relation.ADMINISTRATOR: "administrator of the organisation",
    Relation.RESEARCHER: "researcher of the organisation",
    Relation.SUPERVISOR: "supervisor of any team of the organisation; opens nothing about a client",
    Relation.AUDITOR: "auditor of the organisation; reads who read what, and nothing clinical",
}

_R = Relation
NO_RELATION = frozenset(
    {_R.SAME_TEAM, _R.OTHER_TEAM, _R.FORMER}
)  # who works here and has no business in this record
# These hold to every record of the organisation alike.
OF_THE_PROGRAMME = frozenset({_R.LEAD, _R.ADMINISTRATOR, _R.RESEARCHER, _R.SUPERVISOR, _R.AUDITOR})
_CLINICAL = (
    frozenset({_R.AUTHOR, _R.SHARED_WITH, _R.ENGAGED, _R.PEER, _R.SHARES, _R.BREAK_GLASS}) | NO_RELATION
)

# A role that is not named for a relation never has it, whatever rows say: a researcher with a relationship
# to a client by mistake sees nothing of them. Clients need no role; staff without a team today have none.
GRANTED_BY_ROLE: Mapping[Role, frozenset[Relation]] = {
    Role.THERAPIST: _CLINICAL,
    Role.SKILLS: _CLINICAL,
    Role.PSYCHIATRIST: _CLINICAL,
    Role.MILIEU: _CLINICAL,
    Role.SUPERVISOR: _CLINICAL | {_R.SUPERVISES, _R.SUPERVISOR},
    Role.PEER: frozenset({_R.AUTHOR, _R.SHARED_WITH, _R.PEER}),
    Role.LEAD: frozenset({_R.LEAD}),
    Role.ADMINISTRATOR: frozenset({_R.ADMINISTRATOR}),
    Role.RESEARCHER: frozenset({_R.RESEARCHER}),
    Role.AUDITOR: frozenset({_R.AUDITOR}),
}


class Action(StrEnum):
    SEE_WORKLIST = "see the worklist entry of a relationship"
    SEE_CLIENT = "see the page about a client"
    SEE_EVENTS = "see what was recorded of self-injury, attempts and other events"
    ASK_CHECKIN = "ask for a check-in"
    RATE_OWN = "fill the clinician's own check-in"
    LOG_CONTACT = "log a contact or correct what was logged"
    RESPOND = "log what was done about a flag"
    ANSWER_ACTS = "log what was done about self-injury, an attempt or a safety answer on record"
    IMPORT = "import a file of ratings, episodes of care or events"
    UNDO_IMPORT = "undo an import"
    SEE_OVERVIEW = "see the programme in figures"
    TAKE_OUT = "take the record out for research, without names"
    SET_LINE = "see and set how readily strain is flagged"
    SEE_ESTIMATE = "see the estimate of whether a client may be leaving"
    SEE_ESTIMATES_REPORT = "see how good estimates of leaving are here"
    DEFINE_LEAVING = "say when somebody has left"
    KEEP_DUTY = "keep the rota of who is on duty"
    INVITE = "invite somebody to sign in, and withdraw it"
    CLOSE_SIGN_IN = "close a colleague's sign-in at once"
    CLOSE_CLIENT_SIGN_IN = "close a client's sign-in, with a second person"
    ADMINISTER = "keep people, teams and relationships"
    KEEP_EPISODES = "begin, end and correct an episode of care"
    KEEP_ABSENCES = "keep a client's announced absences"
    NOTE_USES = "write down what a client allows"
    SET_FEEDBACK = "say who sees what is computed"
    OPEN_PICTURE = "open a client's picture, to look at it together in a session"
    CHOOSE_USES = "choose what own answers are used for"
    SEE_OWN_ANSWERS = "see and take away own answers"
    BREAK_GLASS = "open a client's record in an emergency"
    REVIEW_BREAK_GLASS = "look at what was opened in an emergency, and why"
    READ_AUDIT = "read who opened and changed what, without what it says"
    SEE_OWN_FORMS = "see the forms waiting for oneself"
    FILL_OWN_FORM = "fill a form about oneself"
    SEE_WHO_OPENED = "see who opened one's own record"
    KEEP_OWN_LINES = "see own lines, share them and take that back"
    READ_LINE_TO_CLINICIAN = "read a client's own line that they shared with the clinician"
    READ_LINE_TO_READERS = "read a client's own line that they shared with all who read the form"
    KEEP_REACTION = "keep an own reaction in a relationship"
    HOLD_REACTION = "see an own reaction, share it and take that back"
    READ_REACTION = "read a reaction that was shared with oneself"


_TREATS = frozenset({_R.ENGAGED, _R.PEER})
_READS = _TREATS | {_R.SHARES, _R.SUPERVISES}

TABLE: Mapping[Action, frozenset[Relation]] = {
    Action.SEE_WORKLIST: _READS,
    Action.SEE_CLIENT: _READS | {_R.BREAK_GLASS},
    # Supervisors too, who carry the responsibility when the therapist is away; clients read that they do.
    Action.SEE_EVENTS: frozenset({_R.ENGAGED, _R.SHARES, _R.SUPERVISES, _R.BREAK_GLASS}),
    Action.ASK_CHECKIN: _TREATS,
    Action.RATE_OWN: _TREATS,
    Action.LOG_CONTACT: _TREATS,
    Action.RESPOND: _TREATS,
    Action.ANSWER_ACTS: frozenset({_R.ENGAGED}),  # of the client as a whole: all who treat them and see acts
    Action.IMPORT: frozenset({_R.LEAD}),
    Action.UNDO_IMPORT: frozenset({_R.LEAD}),
    Action.SEE_OVERVIEW: frozenset({_R.LEAD, _R.SUPERVISOR}),
    Action.TAKE_OUT: frozenset({_R.LEAD, _R.RESEARCHER}),
    Action.SET_LINE: frozenset({_R.LEAD}),
    # People who treat the client. A peer worker sees one relationship only, and the estimate rests on all.
    Action.SEE_ESTIMATE: frozenset({_R.ENGAGED, _R.SHARES}),
    Action.SEE_ESTIMATES_REPORT: frozenset({_R.LEAD, _R.SUPERVISOR}),
    Action.DEFINE_LEAVING: frozenset({_R.LEAD}),
    Action.KEEP_DUTY: frozenset({_R.LEAD}),
    Action.INVITE: frozenset({_R.LEAD, _R.ADMINISTRATOR}),
    Action.CLOSE_SIGN_IN: frozenset({_R.LEAD, _R.ADMINISTRATOR}),
    Action.CLOSE_CLIENT_SIGN_IN: frozenset({_R.ENGAGED, _R.LEAD, _R.ADMINISTRATOR}),
    Action.ADMINISTER: frozenset({_R.LEAD, _R.ADMINISTRATOR}),
    Action.KEEP_EPISODES: frozenset({_R.ENGAGED}),  # and people who may `ADMINISTER`, who see nothing by it
    Action.KEEP_ABSENCES: frozenset({_R.ENGAGED}),
    Action.NOTE_USES: frozenset({_R.ENGAGED}),
    Action.SET_FEEDBACK: frozenset({_R.ENGAGED}),
    Action.OPEN_PICTURE: frozenset({_R.ENGAGED}),
    Action.CHOOSE_USES: frozenset({_R.OWN, _R.DISCHARGED}),
    Action.SEE_OWN_ANSWERS: frozenset({_R.OWN, _R.DISCHARGED}),
    Action.BREAK_GLASS: NO_RELATION,
    Action.REVIEW_BREAK_GLASS: frozenset({_R.LEAD}),
    Action.READ_AUDIT: frozenset({_R.AUDITOR}),
    Action.SEE_OWN_FORMS: frozenset({_R.OWN, _R.DISCHARGED}),
    Action.FILL_OWN_FORM: frozenset({_R.OWN}),
    Action.SEE_WHO_OPENED: frozenset({_R.OWN, _R.DISCHARGED}),
    Action.KEEP_OWN_LINES: frozenset({_R.OWN, _R.DISCHARGED}),
    Action.READ_LINE_TO_CLINICIAN: _TREATS,
    Action.READ_LINE_TO_READERS: _READS,
    Action.KEEP_REACTION: _TREATS,
    Action.HOLD_REACTION: frozenset({_R.AUTHOR}),
    Action.READ_REACTION: frozenset({_R.SHARED_WITH}),
}
BY_LINK = frozenset({Action.FILL_OWN_FORM, Action.CHOOSE_USES})  # all that a check-in link opens


def roles_granting(*relations: Relation) -> list[Role]:
    """The roles that can bring one of these relations."""
    return [role for role, granted in GRANTED_BY_ROLE.items() if granted & set(relations)]
