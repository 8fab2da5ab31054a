"""Markets of verification are played one after another: small ones are not worth threads or processes."""

import pytest


@pytest.fixture(autouse=True)
def _one_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    for place in ("play", "subjects.lawbook"):
        monkeypatch.setattr(f"analysis.verify.{place}.available_workers", lambda asked: 1)
