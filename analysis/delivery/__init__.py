"""Delivery: what a run delivered, and what stood in the way, as frames and charts."""
