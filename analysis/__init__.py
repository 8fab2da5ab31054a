"""What happened and why: performance rows, reports and notebooks."""
