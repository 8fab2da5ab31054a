"""The project's files, as the rules see them: with git or without it, and never what a run left behind."""

import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("sim", "entities", "scenarios", "analysis")
API = Path("sim/api")
"""Where the package `paceline` lies: no package itself."""
FILES = ("pyproject.toml", "Makefile", "README.md", "LICENSE")


@cache
def project_files() -> tuple[Path, ...]:
    """Return every file of the project, relative to its root."""
    try:
        listed = subprocess.run(
            ["git", "ls-files", "-z", "--cached"], cwd=ROOT, capture_output=True, check=True
        ).stdout
    except (OSError, subprocess.CalledProcessError):  # an unpacked archive, or no git on this machine
        return tuple(sorted(_walked()))
    return tuple(
        sorted(Path(name) for name in listed.decode().split("\0") if name and (ROOT / name).exists())
    )


def _walked() -> set[Path]:
    found = {Path(name) for name in FILES if (ROOT / name).exists()}
    found |= {path.relative_to(ROOT) for path in ROOT.glob(".*") if path.is_file()}
    for folder in (*PACKAGES, "tests", ".ci", ".container"):
        found |= {path.relative_to(ROOT) for path in (ROOT / folder).rglob("*") if path.is_file()}
    return {path for path in found if "__pycache__" not in path.parts}


@cache
def python_files(*folders: str) -> tuple[Path, ...]:
    """Return every Python file under *folders*, saved or not yet, relative to the root."""
    found = (path.relative_to(ROOT) for folder in folders for path in (ROOT / folder).rglob("*.py"))
    return tuple(sorted(path for path in found if "__pycache__" not in path.parts))


def module_name(path: Path) -> str:
    """Return the dotted name under which *path* is imported."""
    path = path.relative_to(API) if path.is_relative_to(API) else path
    parts = path.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
