"""Every compiled kernel has a readable twin of the same name in sim/reference."""

import ast
from collections.abc import Iterable
from pathlib import Path

from tests.architecture.project import ROOT, python_files

_COMPILERS = {"njit", "jit", "vectorize", "guvectorize", "cfunc"}


def exported(tree: ast.Module) -> set[str]:
    """Return the names in `__all__`, which has to be written out."""
    for node in tree.body:
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        if any(isinstance(target, ast.Name) and target.id == "__all__" for target in targets):
            return set(ast.literal_eval(node.value))  # type: ignore[attr-defined]
    return set()


def _last_name(node: ast.expr) -> str:
    while isinstance(node, ast.Call):
        node = node.func
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def compiled(trees: Iterable[ast.Module]) -> set[str]:
    """Return the public functions that numba compiles, also through a decorator kept under another name."""
    trees = list(trees)
    compilers = set(_COMPILERS)
    for tree in trees:
        for node in tree.body:
            if isinstance(node, ast.Assign) and _last_name(node.value) in _COMPILERS:
                compilers |= {target.id for target in node.targets if isinstance(target, ast.Name)}
            elif isinstance(node, ast.ImportFrom):
                compilers |= {
                    alias.asname for alias in node.names if alias.asname and alias.name in _COMPILERS
                }
    return {
        function.name
        for tree in trees
        for function in tree.body
        if isinstance(function, ast.FunctionDef)
        and not function.name.startswith("_")
        and any(_last_name(decorator) in compilers for decorator in function.decorator_list)
    }


def twinless(kernels: dict[str, ast.Module], reference: list[ast.Module]) -> set[str]:
    public = exported(kernels["__init__.py"]) if "__init__.py" in kernels else set()
    twins = {node.name for tree in reference for node in tree.body if isinstance(node, ast.FunctionDef)}
    return (compiled(kernels.values()) & public) - twins


def _parsed(path: Path) -> ast.Module:
    return ast.parse((ROOT / path).read_text(encoding="utf-8"))


def test_every_exported_kernel_has_a_twin() -> None:
    kernels = {path.name: _parsed(path) for path in python_files("sim/kernels")}
    reference = [
        _parsed(path)
        for path in python_files("sim")
        if path.as_posix().startswith("sim/reference/") or path.as_posix() == "sim/streams.py"  # has mix
    ]
    assert twinless(kernels, reference) == set()


def test_a_kernel_without_a_twin_is_found() -> None:
    kernels = {
        "__init__.py": ast.parse("__all__ = ['serve', 'mix', 'table', 'run']"),
        "serve.py": ast.parse(
            "from numba import njit, njit as fast\n"
            "kernel = njit(cache=True)\n"
            "@njit\ndef serve(): ...\n"
            "@kernel\ndef mix(): ...\n"
            "@fast(cache=True)\ndef run(): ...\n"
            "@njit\ndef _inner(): ...\n"
            "@njit\ndef helper(): ...\n"
            "def table(): ...\n"
        ),
    }
    assert twinless(kernels, [ast.parse("def serve(): ...")]) == {"mix", "run"}
    assert twinless(kernels, [ast.parse("def serve(): ...\ndef mix(): ...\ndef run(): ...")]) == set()
