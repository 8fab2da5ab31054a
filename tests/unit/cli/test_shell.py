"""Completion in a real bash at a real terminal: what stands there after the tabulator, and no space too many."""

from __future__ import annotations

import os
import pty
import re
import select
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from analysis.runs import simulate as runs

ROOT = Path(runs.__file__).parents[2]

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not shutil.which("bash"), reason="a shell that is asked to complete"),
]

TYPED = {
    "paceline simu\t": "paceline simulate ",
    "paceline simulate smo\t": "paceline simulate smoke ",
    "paceline simulate smoke --set mark\t": "paceline simulate smoke --set market.",
    "paceline simulate smoke --set market.amb\tpres\t": "paceline simulate smoke --set market.ambient.presence=",
    "paceline simulate fol\t": "paceline simulate folder/",
    "paceline create-campaign --pacing tr\t": "paceline create-campaign --pacing traffic_shaped ",
    "paceline create-campaign --target dev\t": "paceline create-campaign --target device=",
    "paceline create-campaign --timezone America/New_Y\t": "paceline create-campaign --timezone America/New_York ",
    "paceline create-campaign --advertiser-id 2\t": "paceline create-campaign --advertiser-id 2 ",
    "paceline runs --tag base\t": "paceline runs --tag baseline ",
}


class Bash:
    """An interactive bash in which `paceline` is that of this process."""

    def __init__(self, folder: Path) -> None:
        (folder / "bin").mkdir()
        program = folder / "bin" / "paceline"
        program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m sim "$@"\n')
        program.chmod(0o755)
        self.env = {
            "PATH": f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}",
            "HOME": str(folder),
            "PYTHONPATH": os.pathsep.join((str(ROOT), str(ROOT / "sim" / "api"))),
            "TERM": "dumb",
            "PS1": "$ ",
            "LC_ALL": "C.UTF-8",
        }
        self.does("paceline --install-completion bash; exit $?")  # a shell is looked for above the command
        child, self._terminal = pty.fork()
        if not child:
            os.execvpe("bash", ["bash", "--norc", "-i"], self.env)
        show = r"""bind -x '"\C-g": printf "<%s>" "$READLINE_LINE"'; bind 'set bell-style none'"""
        os.write(self._terminal, f"{show}; source {folder}/.bashrc; printf '<%s>' ready\n".encode())
        self._until("<ready>()")

    def does(self, line: str) -> None:
        """Run a command line, which goes well."""
        subprocess.run(["bash", "-c", line], env=self.env, check=True, capture_output=True)

    def types(self, keys: str) -> str:
        """Return the line that stands there after some keys, and clear it."""
        os.write(self._terminal, f"{keys}\a".encode())
        line = self._until(r"<(.*?)>")
        os.write(self._terminal, b"\x15")
        return line

    def _until(self, pattern: str) -> str:
        shown, until = "", time.monotonic() + 30
        while not (found := re.search(pattern, shown)) and time.monotonic() < until:
            if select.select([self._terminal], [], [], 0.1)[0]:
                shown += os.read(self._terminal, 65536).decode()
        return found[1] if found else shown

    def leaves(self) -> None:
        """End it."""
        os.write(self._terminal, b"exit\n")
        os.close(self._terminal)


def test_what_a_shell_completes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("folder").mkdir()
    Path("folder", "mine.yml").touch()
    bash = Bash(tmp_path)
    bash.does("paceline simulate smoke --set market.population.viewers=900 --tag baseline")
    assert {keys: bash.types(keys) for keys in TYPED} == TYPED
    bash.leaves()
