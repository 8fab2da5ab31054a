"""What every test shares: an environment that the machine's own settings cannot reach."""

import pytest


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATABASE_URL", "DB", "SEED", "SCENARIO", "WORKERS", "EVENTS"):
        monkeypatch.delenv(name, raising=False)
