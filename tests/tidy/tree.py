# SPDX-License-Identifier: Apache-2.0
"""A tree of files that rules look at: the repository, or a small one that a test made."""
import os
import re

SKIPPED = {".git", "build", "__pycache__", "node_modules"}
NOT_CODE = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.DOTALL)


class Tree:
    def __init__(self, root):
        self.root = root
        self._texts = {}
        self.files = sorted(file for file in self._walk() if self._is_text(file))

    def _walk(self):
        for folder, folders, files in os.walk(self.root):
            folders[:] = [name for name in folders if name not in SKIPPED]
            for name in files:
                path = os.path.join(folder, name)
                if name != ".git" and not os.path.islink(path) and not name.endswith(".pyc"):
                    yield os.path.relpath(path, self.root)

    def _is_text(self, file):
        """Pictures and samples of bytes are nothing for rules."""
        with open(self.path(file), "rb") as opened:
            try:
                self._texts[file] = opened.read().decode("utf-8")
            except UnicodeDecodeError:
                return False
        return "\0" not in self._texts[file]

    def path(self, file):
        return os.path.join(self.root, file)

    def text(self, file):
        return self._texts[file]

    def lines(self, file):
        """(number, line) pairs."""
        return enumerate(self.text(file).split("\n"), 1)

    def having(self, *endings):
        return [file for file in self.files if file.endswith(endings)]

    def c_files(self):
        return self.having(".c", ".h")

    def code(self, file):
        """A C file with comments and strings blanked, line numbers kept."""
        return NOT_CODE.sub(lambda found: re.sub(r"[^\n]", " ", found.group()), self.text(file))

    def interpreter(self, file):
        """What runs a script by its first line: "bash", "python", or None."""
        first = self.text(file).split("\n", 1)[0]
        if not first.startswith("#!"):
            return None
        return "python" if "python" in first else "bash" if first.endswith(("bash", "/sh")) else first

    def scripts(self, kind):
        ending = {"bash": ".sh", "python": ".py"}[kind]
        return [file for file in self.files if file.endswith(ending) or self.interpreter(file) == kind]
