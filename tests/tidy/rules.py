# SPDX-License-Identifier: Apache-2.0
"""Rules for every kind of file. A rule takes a Tree and yields complaints, "FILE:LINE: what is wrong".

@rule(FILE, TEXT) also gives a file that breaks it: a test plants that, and the rule must name it.
"""
import ast
import os
import re
import subprocess
import sys

sys.path.append(os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "conformance"))
import page as conformance_page

LICENCE = "SPDX-License-Identifier: Apache-" + "2.0"
MARKED = (".c", ".h", ".py", ".sh", ".cmake", "CMakeLists.txt", ".txt")
SAMPLES = "tests/fuzz/corpus/"  # bytes that may look like text
# Spelled so that this file does not hold what it looks for.
UNFINISHED = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|X{3}|HA" + r"CK)\b")
MACHINE = re.compile(r"(?<![\w.])/(work|root|home)" + r"/")
LINES_MAX, FUNCTION_MAX = 600, 100

RULES = []


def rule(file, text):
    def add(function):
        function.plant = (file, text)
        RULES.append(function)
        return function
    return add


def texts(tree):
    return [file for file in tree.files if not file.startswith(SAMPLES)]


def is_marked(tree, file):
    return file.endswith(MARKED) or tree.interpreter(file) is not None


@rule("core/a.c", "int a;\n")
def licence(tree):
    """Each source file and script says its licence in one SPDX line at its top."""
    for file in texts(tree):
        if is_marked(tree, file) and not any(LICENCE in line for _, line in list(tree.lines(file))[:3]):
            yield f"{file}:1: no line \"{LICENCE}\" at the top"


@rule("docs/a.md", "one \n")
def white_space(tree):
    """No white space at the ends of lines, no carriage returns, one new line at the end of a file."""
    for file in texts(tree):
        for number, line in tree.lines(file):
            if line != line.rstrip():
                yield f"{file}:{number}: white space at the end of the line"
        if tree.text(file) and not tree.text(file).endswith("\n"):
            yield f"{file}: no new line at the end"


@rule("docs/a.md", "later: TO" + "DO\n")
def finished(tree):
    """Nothing is marked as unfinished."""
    for file in texts(tree):
        for number, line in tree.lines(file):
            if found := UNFINISHED.search(line):
                yield f"{file}:{number}: {found.group()}"


@rule("scripts/a.sh", "# " + LICENCE + "\ncd /ho" + "me/me\n")
def machine_paths(tree):
    """No path that exists only on the machine of whoever wrote the file."""
    for file in texts(tree):
        for number, line in tree.lines(file):
            if found := MACHINE.search(line):
                yield f"{file}:{number}: {line[found.start():].split()[0]} is a path of one machine"


@rule("core/a.c", "\n" * (LINES_MAX + 1))
def file_size(tree):
    """No source file is longer than can be kept in mind."""
    for file in tree.having(".c", ".h", ".py", ".sh", ".md"):
        count = tree.text(file).count("\n")
        if count > LINES_MAX:
            yield f"{file}: {count} lines, at most {LINES_MAX} are allowed: split it"


@rule("a/a.py", "# " + LICENCE + "\ndef f(:\n")
def python(tree):
    """Python compiles, and its functions are not too long."""
    for file in tree.scripts("python"):
        try:
            parsed = ast.parse(tree.text(file), file)
        except SyntaxError as error:
            yield f"{file}:{error.lineno}: {error.msg}"
            continue
        for node in ast.walk(parsed):
            if isinstance(node, ast.FunctionDef) and node.end_lineno - node.lineno >= FUNCTION_MAX:
                yield f"{file}:{node.lineno}: function {node.name} has more than {FUNCTION_MAX} lines"


@rule("a/a.sh", "# " + LICENCE + "\nif true\n")
def shell(tree):
    """Shell scripts parse."""
    for file in tree.scripts("bash"):
        done = subprocess.run(["bash", "-n", tree.path(file)], capture_output=True, text=True, check=False)
        if done.returncode:
            yield f"{file}: {done.stderr.strip().splitlines()[0]}"


@rule("a/run", "#!/usr/bin/env python\n# " + LICENCE + "\n")
def runnable(tree):
    """What has an interpreter line may be executed, by one of the two interpreters that set-up installs."""
    for file in texts(tree):
        kind = tree.interpreter(file)
        if kind is None:
            continue
        first = tree.text(file).split("\n", 1)[0]
        if first not in ("#!/bin/bash", "#!/bin/sh", "#!/usr/bin/python3"):
            yield f"{file}:1: {first}: must be #!/bin/bash, #!/bin/sh or #!/usr/bin/python3"
        if not os.access(tree.path(file), os.X_OK):
            yield f"{file}: has an interpreter line and is not executable"


@rule("docs/a.md", "See [there](missing.md).\n")
def links(tree):
    """Links between documents lead somewhere."""
    for file in tree.having(".md"):
        for number, line in tree.lines(file):
            for target in re.findall(r"\]\(([^)#]+?)(?:#[^)]*)?\)", line):
                there = os.path.join(os.path.dirname(tree.path(file)), target)
                if "://" not in target and not os.path.exists(there):
                    yield f"{file}:{number}: {target} is not there"


@rule("tests/a.py", '"""Covers B5.1.2-' + '99."""\n')
def conformance(tree):
    """Tests name behaviours that exist, and docs/conformance.md tells which test names which."""
    made, wrong = conformance_page.make((file, tree.text(file)) for file in tree.files)
    yield from wrong
    there = tree.text(conformance_page.PAGE) if conformance_page.PAGE in tree.files else ""
    if there != made:
        yield f"{conformance_page.PAGE}: is not what the tests say: tests/conformance/page.py >{conformance_page.PAGE}"


def complaints(check, tree):
    found = list(check(tree))
    return "\n".join(found)


assert sys.version_info >= (3, 11), "Debian 12 has Python 3.11"
