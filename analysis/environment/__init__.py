"""The market as an environment for learners: agents decide, a step at a time, and are rewarded."""
