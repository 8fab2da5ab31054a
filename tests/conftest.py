"""What every test shares: examples that do not depend on time, and an environment of their own."""

import pytest
from hypothesis import HealthCheck, settings

# No test depends on how fast the machine is, and every run of the tests draws the same examples.
settings.register_profile(
    "paceline", deadline=None, derandomize=True, database=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("paceline")


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATABASE_URL", "DB", "SEED", "SCENARIO", "WORKERS", "EVENTS"):
        monkeypatch.delenv(name, raising=False)
