"""The audience: who lives where, when and what they watch, where the ads fit, and what happens to an ad."""
