"""Copies of the record: made while the site runs, encrypted to a key that is kept elsewhere, proven when
restored.

`tables` knows each database, `archive` the form of a backup, `making` and `restoring` do the work.
"""
