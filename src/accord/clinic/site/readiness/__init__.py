"""What must be true before a site of real use serves anybody, beyond what its settings say.

`checks` looks at settings; the modules here look at the disk, the live database, and the record.
"""
