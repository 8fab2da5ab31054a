"""The siege: faults and hostile inputs by the hundred, more than a test of every change has time for."""
