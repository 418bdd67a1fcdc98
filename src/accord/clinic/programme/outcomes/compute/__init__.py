"""Outcomes of the programme, computed from the record; small cells are removed before storing."""
