"""The engine: SimPy bidders and campaigns, one exchange with a barrier per tick, leases, shards, executors."""
