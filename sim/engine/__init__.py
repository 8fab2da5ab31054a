"""The engine: SimPy bidders and campaigns, an exchange with a barrier per tick, leases and shards."""
