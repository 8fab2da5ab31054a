"""What an hour becomes: rows, facts, events and their digest, and the frames of a run that hold them."""
