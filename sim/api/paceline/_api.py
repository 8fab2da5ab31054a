"""What `import paceline` offers."""

from __future__ import annotations

from entities.errors import InputError
from scenarios.models import Scenario

__all__ = ["InputError", "Scenario"]
