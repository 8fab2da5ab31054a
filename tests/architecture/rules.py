"""The project's own rules, each a function from one parsed file to the places that break it."""

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple


class Source(NamedTuple):
    """One Python file: where it is, its text and its syntax tree."""

    path: Path
    text: str
    tree: ast.Module

    def calls(self) -> Iterator[tuple[ast.Call, str]]:
        """Yield every call with the full dotted name of what is called, imports resolved."""
        names = _imported(self.tree)
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Call) and (dotted := _dotted(node.func)):
                head, _, rest = dotted.partition(".")
                yield node, ".".join(filter(None, (names.get(head, head), rest)))


class Broken(NamedTuple):
    """One place where a rule is broken, and how."""

    line: int
    why: str


Rule = Callable[[Source], Iterator[Broken]]
MAX_LINES = 400


def source(text: str, path: str = "sim/example.py") -> Source:
    """Return *text* as if it stood in the file *path*."""
    return Source(Path(path), text, ast.parse(text))


def no_reordered_floats(file: Source) -> Iterator[Broken]:
    """Refuse fastmath and parallel kernels: both change results from run to run."""
    for node in ast.walk(file.tree):
        options: list[tuple[str | None, ast.expr]] = []
        if isinstance(node, ast.Call):
            options = [(keyword.arg, keyword.value) for keyword in node.keywords]
        elif isinstance(node, ast.Dict):
            options = [(key.value, value) for key, value in zip(node.keys, node.values, strict=True)
                       if isinstance(key, ast.Constant)]  # fmt: skip
        for name, value in options:
            if name in {"fastmath", "parallel"} and not _is(value, False):
                yield Broken(value.lineno, f"{name} is not allowed: integers decide, in one order")
        if isinstance(node, ast.Name | ast.Attribute) and (_dotted(node) or "").split(".")[-1] == "prange":
            yield Broken(node.lineno, "prange is not allowed: use shards")


_SEEDED = {"Generator", "SeedSequence", "Philox", "PCG64", "PCG64DXSM", "SFC64", "MT19937", "default_rng"}


def no_global_randomness(file: Source) -> Iterator[Broken]:
    """Refuse draws from a module, and generators without a seed: randomness has an address."""
    for call, name in file.calls():
        module, _, function = name.rpartition(".")
        unseeded = (not call.args and not call.keywords) or any(_is(value, None) for value in call.args[:1])
        if module == "random" and not (function == "Random" and not unseeded):
            yield Broken(call.lineno, f"{name}() draws from, or is seeded by, the whole process")
        elif module == "numpy.random" and (function not in _SEEDED or unseeded):
            yield Broken(call.lineno, f"{name}() has no seed of its own; ask sim.streams")


def no_hash_of_objects(file: Source) -> Iterator[Broken]:
    """Refuse hash(): it differs from process to process, and so would the run."""
    inside = {
        id(node)
        for function in ast.walk(file.tree)
        if isinstance(function, ast.FunctionDef) and function.name == "__hash__"
        for node in ast.walk(function)
    }
    for call, name in file.calls():
        if name in {"hash", "builtins.hash"} and id(call) not in inside:
            yield Broken(call.lineno, "hash() changes with PYTHONHASHSEED; use hashlib or an integer hash")


_UNSAFE_YAML = {"unsafe_load", "unsafe_load_all", "full_load", "full_load_all"}


def no_code_from_data(file: Source) -> Iterator[Broken]:
    """Refuse eval, exec and unsafe YAML."""
    for call, name in file.calls():
        module, _, function = name.rpartition(".")
        if name in {"eval", "exec", "compile", "builtins.eval", "builtins.exec", "builtins.compile"}:
            yield Broken(call.lineno, f"{name}() runs data as code")
        elif module == "yaml" and function in _UNSAFE_YAML:
            yield Broken(call.lineno, f"{name}() builds any object; use a SafeLoader")
        elif module == "yaml" and function in {"load", "load_all"}:
            loaders = [k.value for k in call.keywords if k.arg == "Loader"] + call.args[1:2]
            if not any("Safe" in (_dotted(loader) or "").rpartition(".")[2] for loader in loaders):
                yield Broken(call.lineno, f"{name}() without a SafeLoader")


def no_print(file: Source) -> Iterator[Broken]:
    """Refuse print outside the command: the rest returns what it has to say."""
    if file.path.parts[:2] == ("sim", "cli"):
        return
    for call, name in file.calls():
        if name in {"print", "builtins.print"}:
            yield Broken(call.lineno, "print() belongs to sim/cli")


# Who may ask what time it is, and what for. Durations (time.perf_counter, time.monotonic) are free.
WALL_CLOCK = {
    "entities/models": "created_at and updated_at of rows",
    "analysis/runs/simulate.py": "when a run was started and finished",
}
_CLOCKS = {
    *(f"datetime.datetime.{name}" for name in ("now", "utcnow", "today")),
    "datetime.date.today",
    *(f"time.{name}" for name in ("time", "time_ns", "localtime", "gmtime", "ctime", "asctime", "strftime")),
}
# Faker's providers that count from today.
_TODAY = re.compile(
    r"(date|date_time)_this_\w+|(past|future)_(date|datetime)|unix_time|date_of_birth|date_object"
)


def no_wall_clock(file: Source) -> Iterator[Broken]:
    """Refuse the wall clock outside WALL_CLOCK: a run is dated by its scenario."""
    if file.path.as_posix().startswith(tuple(WALL_CLOCK)):
        return
    for call, name in file.calls():
        relative = any(_is(value, word) for value in call.args for word in ("now", "today"))
        provider = "." in name and _TODAY.fullmatch(name.rpartition(".")[2])
        if name in _CLOCKS or provider or (name == "numpy.datetime64" and relative):
            yield Broken(call.lineno, f"{name}() reads the wall clock")


def has_docstring(file: Source) -> Iterator[Broken]:
    """Ask every module what it is for."""
    if not (ast.get_docstring(file.tree) or "").strip():
        yield Broken(1, "the module has no docstring")


def is_short(file: Source) -> Iterator[Broken]:
    """Refuse long files: they hold more than one thing."""
    lines = len(file.text.splitlines())
    if lines > MAX_LINES:
        yield Broken(MAX_LINES + 1, f"{lines} lines; {MAX_LINES} is the most")


def no_noise_in_names(file: Source) -> Iterator[Broken]:
    """Refuse class names that say nothing of the field."""
    for node in ast.walk(file.tree):
        if isinstance(node, ast.ClassDef) and re.search(r"(Manager|Handler|Utils?)$", node.name):
            yield Broken(node.lineno, f"{node.name}: use the field's word for it")


RULES: tuple[Rule, ...] = (
    no_reordered_floats,
    no_global_randomness,
    no_hash_of_objects,
    no_code_from_data,
    no_print,
    no_wall_clock,
    has_docstring,
    is_short,
    no_noise_in_names,
)
# Tests may print and look at the clock, and feed the rules what they refuse; these hold for them too.
RULES_OF_TESTS: tuple[Rule, ...] = (no_global_randomness, has_docstring, is_short, no_noise_in_names)


def _imported(tree: ast.Module) -> dict[str, str]:
    names: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                names[alias.asname or alias.name.partition(".")[0]] = (
                    alias.name if alias.asname else alias.name.partition(".")[0]
                )
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                names[alias.asname or alias.name] = f"{node.module}.{alias.name}"
    return names


def _dotted(node: ast.expr) -> str | None:
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        # A method of an expression, such as `fake().past_date`, keeps its own name.
        return f"{_dotted(node.value) or '?'}.{node.attr}"
    return None


def _is(node: ast.expr, value: object) -> bool:
    # By type as well: 0 == False, and 1 == True.
    return isinstance(node, ast.Constant) and type(node.value) is type(value) and node.value == value
