"""The verbs of the command; `sim.cli.app` gives them their names. Heavy imports wait until a verb is used."""
