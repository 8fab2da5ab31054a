"""Before a run: who competes in it, and what in their terms looks like a mistake."""
