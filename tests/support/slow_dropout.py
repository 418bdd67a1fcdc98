"""Rows and covariates of leaving once more, contact by contact, from their definitions."""

from __future__ import annotations

import math

from accord.science.dropout.record import CAME, MISSED, End
from accord.science.dropout.risk_set import LEFT, OTHERWISE, STILL


def slow_rows(record, found, step):
    """(client, day, days, status), by going through each client's contacts."""
    told = []
    for client in range(record.clients):
        came = sorted(
            {
                int(day)
                for who, day, how in zip(record.client, record.day, record.came, strict=True)
                if who == client and how == CAME and day <= found.last[client]
            }
        )
        next_day = -math.inf
        for day in came:
            if day < next_day or day > found.closed:
                continue
            next_day = day + step
            end, when = found.end[client], found.end_day[client]
            if end != End.ONGOING and when <= found.closed:
                told.append((client, day, when - day + 1, LEFT if end == End.LEFT else OTHERWISE))
            else:
                told.append((client, day, max(found.last_known[client] - day + 1, 1), STILL))
    return told


def slow_covariates(record, found, client, day, setting, basis):
    """The covariates of one row, by name."""
    contacts = [k for k in range(len(record.day)) if record.client[k] == client and record.day[k] <= day]
    forms = [k for k in contacts if record.known[k] <= day + setting.grace]
    came = [k for k in contacts if record.came[k] == CAME]
    late = [k for k in contacts if record.day[k] > day - setting.lately]
    scheduled = [k for k in late if record.came[k] >= 0]
    missed = [k for k in scheduled if record.came[k] == MISSED]
    rated = [k for k in forms if record.main[k] and not math.isnan(record.alliance[k])]
    mean = sum(record.alliance[k] for k in rated) / len(rated) if rated else 0.0
    between, within = basis.sd_between, basis.sd_within
    level = 0.0
    if rated and between:
        level = len(rated) / (len(rated) + (within / between) ** 2) * (mean - basis.level)
    fresh = [
        k for k in rated if max(record.day[k], record.known[k] - setting.grace) > day - setting.lately // 2
    ]
    recent = 0.0
    if fresh:
        recent = (sum(record.alliance[k] for k in fresh) / len(fresh) - mean) * len(fresh) / (len(fresh) + 1)
    due = [k for k in late if record.asked[k] and record.came[k] == CAME]
    given = [k for k in due if k in forms and not math.isnan(record.alliance[k])]
    urges = [record.urge[k] for k in late if k in forms and not math.isnan(record.urge[k])]
    before = [record.day[k] for k in came if record.day[k] < day]
    weeks = (day - found.first[client]) / 7
    return {
        "early": float(weeks * 7 < setting.early),
        "level": level / (math.hypot(between, within) or 1.0),
        "missed": (len(missed) + 2 * basis.missed) / (len(scheduled) + 2),
        "recent": recent / (within or 1.0),
        "unfilled": (len(due) - len(given) + 2 * basis.unfilled) / (len(due) + 2),
        "weeks": math.log1p(weeks),
        "urge": (sum(urges) / len(urges) - basis.urge) / (basis.sd_urge or 1.0) if urges else 0.0,
        "gap": math.log1p(day - max(before)) if before else 0.0,
        "met": math.log1p(len([k for k in late if record.came[k] == CAME])),
    }
