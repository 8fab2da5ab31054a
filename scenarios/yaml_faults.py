"""What is wrong with a text that is not YAML, and what to do about it."""

import re

import yaml

from entities.messages import short

_ODD_SPACE = re.compile(r" *[^\S \t\r\n]")


def fault(error: yaml.MarkedYAMLError, text: str) -> tuple[int | None, str]:
    """Return the line, from 1, of what the YAML parser found wrong with *text*, and what to do about it."""
    problem, began, mark = error.problem or error.context or "", error.context_mark, error.problem_mark
    lines = text.splitlines()
    if began and (why := _begun(problem, began, mark, lines)):
        return began.line + 1, why
    mark = mark or began
    if mark is None:
        return None, f"is not YAML: {short(problem)}"
    odd = [number for number, line in enumerate(lines[: mark.line + 1], 1) if _ODD_SPACE.match(line)]
    if odd:
        return odd[0], "a space of another kind, such as a no-break one, indents this; use plain spaces"
    written = "".join(lines[mark.line : mark.line + 1])
    return mark.line + 1, _advice(problem, written[: mark.column])


def _begun(problem: str, began: yaml.Mark, mark: yaml.Mark | None, lines: list[str]) -> str | None:
    """Return what is wrong with what *began* further up than it was found."""
    if "end of stream" in problem:
        return "is not YAML: a quote is not closed"
    if "could not find expected ':'" in problem:
        return "`key: value` is expected here, with a `:` and a space after the key"
    closing = re.match(r"expected ',' or '([]}])'", problem)
    if closing and mark and (mark.line > began.line or mark.index >= sum(map(len, lines))):
        return f"`{'[' if closing[1] == ']' else '{'}` is not closed"
    return None


def _advice(problem: str, before: str) -> str:
    """Return what to do about a *problem* that comes after what stands *before* it on its line."""
    if found := re.match(r"found undefined alias '(.*)'", problem):
        return unknown_alias(found[1])
    if "'\\t'" in problem:
        return "a tab stands here; use spaces" if before.strip() else "a tab cannot indent YAML; use spaces"
    if "mapping values are not allowed" in problem:
        if ": " in before:
            return "a second `: ` on one line; put the value in quotes"
        return "`: ` is not expected here; the line above may lack one, or this one is indented too far"
    if "expected <block end>, but found '<block" in problem or "found '-'" in problem:
        return "is indented otherwise than the lines that it belongs to"
    if "expected <block end>" in problem:
        return "something follows a value that is complete; put the whole value in quotes"
    if found := re.match(r"found character '(.*)' that cannot start any token", problem):
        return f"a value cannot begin with '{short(found[1])}'; put it in quotes"
    if found := re.match(r"expected the node content, but found '(.*)'", problem):
        return f"a value is missing before {'the end' if found[1] == '<stream end>' else f'`{found[1]}`'}"
    return f"is not YAML: {short(problem)}"


def unknown_alias(name: str) -> str:
    """Return what is wrong with an alias of a value that is not there, or not yet complete."""
    return f"*{short(name)} has no &{short(name)} before it"
