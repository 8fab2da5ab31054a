"""Whatever is generated and kept in the repository, written anew: `make generated`.

Each is held against its source by a test, whose message names this command. Review the diff: a golden text or an
output that changed is a change of what Paceline computes or says.
"""

from __future__ import annotations

from collections.abc import Callable

from analysis.environment import page as environment
from analysis.rows import dictionary
from scenarios import reference, schema
from tests.docs import pages
from tests.golden import remake as golden


def _pages() -> None:
    for page in pages.RUN:
        pages.remake(page)


GENERATED: dict[str, Callable[[], object]] = {
    "scenarios/schemas": schema.write,
    "scenarios/README.md": reference.write,
    "entities/TABLES.md": dictionary.write,
    "analysis/environment/README.md": environment.write,
    "tests/golden": golden.write,
    "outputs on the pages": _pages,
}
"""What is generated, in an order in which nothing is read before it is written."""

if __name__ == "__main__":
    for name, write in GENERATED.items():
        write()
        print(name)
