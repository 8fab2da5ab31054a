"""What seeds allow to be said of arms: pure functions of arrays, one subject a file.

Nothing is read, simulated or printed here. Rows are arms and columns seeds, float64, without NaN; a column is
one replication, in which all arms met the same viewers, rivals, weather and luck. Replications are the only
units: hours and days of a run share its budgets, and so are no sample of anything.
"""
