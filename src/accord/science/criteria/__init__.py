"""Published and obvious ways to notice a bad session, for comparison and for papers.

Every detector takes a panel and, beside it, `unit`: the followed ratings on the unit scale (0 worst, 1 best;
shape (sessions,), NaN without a rating; `Population.to_unit` makes it). It returns a statistic of the same
shape, higher being worse and NaN where it is undefined, and uses only what was known by that session. Sudden
gains and losses need later sessions; their module says so.
"""
