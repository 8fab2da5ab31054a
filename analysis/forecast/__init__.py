"""Can I book it? What a booking that does not exist yet would deliver, and at whose cost."""
