"""Who may do what to whose record: one table, denied unless it says otherwise.

`table` holds it, `record_path` reads from a model where its rows belong, `standing` who stands how to a
relationship today. `check` raises and `can` answers; `visible_to` and its like give the same answers as
queries.
"""

from accord.clinic.policy.closeness import closest_to, closest_to_each
from accord.clinic.policy.pages import as_table
from accord.clinic.policy.reading import clients_visible_to, marked, readers, rows_visible_to, visible_to
from accord.clinic.policy.relations import Denied, can, check, relations
from accord.clinic.policy.standing import could, keeps_alone, kept, standing_engagements, treats
from accord.clinic.policy.table import TABLE, Action, Relation
from accord.clinic.policy.told import authored, told_to

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
    "closest_to",
    "closest_to_each",
    "could",
    "keeps_alone",
    "kept",
    "marked",
    "readers",
    "relations",
    "rows_visible_to",
    "standing_engagements",
    "told_to",
    "treats",
    "visible_to",
]
