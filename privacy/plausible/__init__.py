"""Whether a sum can be true: checked before it is published, from the sum itself.

Views of one statistic are compared with each other, values with what the people behind them can
add, people with what a region can hold, and figures with those of the period before. A true sum
fails one of the first three in at most one of a million releases. A lie that fits all of them
passes: see `docs/privacy.md`.
"""
