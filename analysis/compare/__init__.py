"""Two runs side by side: what was asked differently, what came of it, and where they part."""
