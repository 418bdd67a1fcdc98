"""Who may do what to whose record: one table, denied unless it says otherwise.

`table` holds it, `record_path` reads from a model where its rows belong, and `client_relationships` says how
a person is related to a relationship today. `check` raises and `can` answers; `visible_to` and its like give
the same answers for many rows at once, from `direct_relations`.
"""

from accord.clinic.policy.pages import as_table
from accord.clinic.policy.primary_relation import primary_relation_to, primary_relation_to_each
from accord.clinic.policy.reading import clients_visible_to, marked, readers, rows_visible_to, visible_to
from accord.clinic.policy.relation_queries import (
    current_engagements,
    keeps_alone,
    not_undone,
    treats,
)
from accord.clinic.policy.relations import Denied, can, check, is_confirmed, possible_actions, relations
from accord.clinic.policy.sharing import authored, shared_with
from accord.clinic.policy.staff_roles import policy_read_once
from accord.clinic.policy.table import TABLE, Action, Relation

__all__ = [
    "TABLE",
    "Action",
    "Denied",
    "Relation",
    "as_table",
    "authored",
    "can",
    "check",
    "clients_visible_to",
    "current_engagements",
    "is_confirmed",
    "keeps_alone",
    "marked",
    "not_undone",
    "policy_read_once",
    "possible_actions",
    "primary_relation_to",
    "primary_relation_to_each",
    "readers",
    "relations",
    "rows_visible_to",
    "shared_with",
    "treats",
    "visible_to",
]
