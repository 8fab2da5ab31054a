"""Print what an image needs of others, as pip takes it: what Paceline stands on, or a pin with its hashes."""

import re
import sys
import tomllib
from pathlib import Path

EXTRA = "postgres"


def packages(pyproject: Path) -> list[str]:
    """Return the dependencies of Paceline with PostgreSQL's driver, as ranges."""
    project = tomllib.loads(pyproject.read_text(encoding="utf-8"))["project"]
    return [*project["dependencies"], *project["optional-dependencies"][EXTRA]]


def pin(constraints: Path, name: str) -> list[str]:
    """Return the lines of the pin of a package."""
    text = constraints.read_text(encoding="utf-8")
    found = re.search(rf"^{re.escape(name)}==(?:.*\\\n)*.*\n", text, re.MULTILINE)
    if not found:
        sys.exit(f"error: {constraints} has no pin of {name}")
    return found[0].splitlines()


if __name__ == "__main__":
    here = Path()
    asked = sys.argv[1:]
    lines = pin(here / ".constraints.txt", asked[0]) if asked else packages(here / "pyproject.toml")
    sys.stdout.writelines(f"{line}\n" for line in lines)
