"""Markets in words: a scenario that broke a law is printed as the YAML that plays it once more."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml

from sim import laws


def as_yaml(scenario: Mapping[str, Any]) -> str:
    """Return *scenario* as a file that `paceline simulate` runs."""
    return yaml.dump(dict(scenario), Dumper=_Written, sort_keys=False, width=110)


class _Written(yaml.SafeDumper):
    """Writes what stands in two places twice, as people do."""

    def ignore_aliases(self, _: Any) -> bool:
        """Return True."""
        return True


def broken(verdicts: Mapping[int, laws.Verdict], scenario: Mapping[str, Any]) -> str:
    """Return what is broken and where, a line each, and the market; nothing if every law holds."""
    lines = [
        f"law {one.law}, {laws.LAWS[one.law].name}: {one.where}: {one.value}, allowed is {one.allowed}"
        for verdict in verdicts.values()
        for one in verdict.findings
    ]
    if not lines:
        return ""
    return "\n".join([*lines, "paceline simulate FILE plays it again, where FILE holds", as_yaml(scenario)])
