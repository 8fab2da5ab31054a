"""Markets in words: a scenario that broke a law is told as the YAML that plays it again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import yaml

from sim import laws


def as_yaml(scenario: Mapping[str, Any]) -> str:
    """Return *scenario* as a file that `paceline simulate` runs."""
    return yaml.dump(dict(scenario), Dumper=_Written, sort_keys=False, width=110)


class _Written(yaml.SafeDumper):
    """Writes what stands in two places twice, as people do."""

    def ignore_aliases(self, data: Any) -> bool:
        """Return True."""
        del data
        return True


def broken(verdicts: Mapping[int, laws.Verdict], scenario: Mapping[str, Any]) -> str:
    """Return what is broken and where, a line each, and the market; nothing if every law holds."""
    lines = list(_lines(verdicts.values()))
    return (
        "\n".join([*lines, "paceline simulate FILE plays it again, where FILE holds", as_yaml(scenario)])
        if lines
        else ""
    )


def _lines(verdicts: Iterable[laws.Verdict]) -> Iterable[str]:
    for verdict in verdicts:
        for finding in verdict.findings:
            name = laws.LAWS[finding.law].name
            yield f"law {finding.law}, {name}: {finding.where}: {finding.value}, allowed is {finding.allowed}"
