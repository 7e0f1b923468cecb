#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""usage: tests/conformance/page.py >docs/conformance.md

Which test covers which behaviour, made from the texts of the tests: a test names ids such as B5.1.2-21, B5.1.3-18, -21
or V4-05. behaviours.tsv says what each is, and why no test names it; facts.tsv how many facts (V) a topic has.
`scripts/test tidy` fails if the page is not what this prints, or a test names an id that does not exist."""
import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
PAGE = "docs/conformance.md"
ID = re.compile(r"\b(B\d+(?:\.\d+)*|V\d+)-(\d\d)((?:,? ?-\d\d|\.\.-?\d\d)*)(?!\d)")
SECTIONS = {"B0": "History", "B1": "Architecture and claims", "B2": "Scenarios", "B3": "Advice", "B4": "Licences and installation",
            "B5.1.1": "Before a rule is made", "B5.1.2": "A rule and its settings", "B5.1.3": "Rules at work",
            "B5.1.4": "Java applications", "B5.1.5": "Scripts", "B5.2": "Groups"}
REASONS = {
    "console": "The console knows users only so far",
    "installer": "Packages and their installation are not there yet",
    "windows": "Windows is not built yet",
    "provider": "Belongs to a cloud provider's portal, not to this product",
    "advice": "Advice to people; nothing to build",
    "scope": "Block replication is not part of this product",
}
HEAD = """# Conformance: behaviours and their tests
<!-- Made by `tests/conformance/page.py` from the texts of the tests; `scripts/test tidy` compares. -->
Each behaviour of the family that this product continues, with the tests that name it, or why none does.

"""


def table(name):
    with open(os.path.join(HERE, name), encoding="utf-8") as file:
        return [line.rstrip("\n").split("\t") for line in file if not line.startswith("#")]


def ids_in(text):
    """`B5.1.3-18, -21` and `B5.1.2-18..26` are several."""
    for match in ID.finditer(text):
        topic, last, rest = match.groups()
        yield f"{topic}-{last}"
        for kind, number in re.findall(r"(\.\.|)-?(\d\d)", rest):
            between = range(int(last) + 1, int(number)) if kind == ".." else ()
            yield from (f"{topic}-{n:02}" for n in between)
            yield f"{topic}-{number}"
            last = number


def named(texts):
    """{id: files that name it} of (file, text) pairs."""
    found = {}
    for file, text in texts:
        if file.startswith("tests/") and not file.startswith(("tests/conformance/", "tests/fuzz/corpus/")):
            for one in ids_in(text):
                found.setdefault(one, set()).add(file)
    return found


def link(file):
    return f"[{file.removeprefix('tests/')}](../{file})"


def section(one):
    return max((key for key in SECTIONS if one.startswith(key)), key=len)


def rows(found, wrong):
    before = None
    for one, what, *why in table("behaviours.tsv"):
        why = why[0] if why else ""
        if section(one) != before:
            before = section(one)
            yield f"\n## {SECTIONS[before]}\n\n| id | behaviour | tests, or why there is none |\n|---|---|---|"
        tests = ", ".join(link(file) for file in sorted(found.get(one, ())))
        if bool(tests) == bool(why):
            wrong.append(f"tests/conformance/behaviours.tsv: {one} " + (
                "has a reason although tests name it: remove it" if why else "is named by no test: say why in its third column"))
        yield f"| {one} | {what} | {tests or '*' + REASONS.get(why, why) + '*'} |"


def facts(found):
    for topic, count, what in table("facts.tsv"):
        tests = {f"{topic}-{n:02}": found.get(f"{topic}-{n:02}") for n in range(1, int(count) + 1)}
        covered = "; ".join(f"{one[len(topic) + 1:]} " + ", ".join(link(file) for file in sorted(files))
                            for one, files in tests.items() if files)
        yield f"| {topic} | {what} | {count} | {covered} |"


def make(texts):
    """The page, and what is wrong."""
    found, wrong = named(texts), []
    known = {row[0] for row in table("behaviours.tsv")}
    known |= {f"{topic}-{n:02}" for topic, count, _ in table("facts.tsv") for n in range(1, int(count) + 1)}
    for one in sorted(found.keys() - known):
        wrong.append(f"{min(found[one])}: names {one}, which is no behaviour")
    lines = list(rows(found, wrong))
    behaviours = [row[0] for row in table("behaviours.tsv")]
    tested = sum(one in found for one in behaviours)
    text = HEAD + f"{tested} of {len(behaviours)} are named by tests.\n" + "\n".join(lines)
    text += "\n\n## Facts from older manuals\n\n| topic | what | facts | named by tests |\n|---|---|---|---|\n"
    return text + "\n".join(facts(found)) + "\n", wrong


def main():
    texts = []
    for folder, _, names in os.walk(os.path.join(ROOT, "tests")):
        for name in names:
            path = os.path.join(folder, name)
            if not name.endswith(".pyc"):
                with open(path, encoding="utf-8", errors="replace") as file:
                    texts.append((os.path.relpath(path, ROOT), file.read()))
    page, wrong = make(texts)
    for line in wrong:
        print(line, file=sys.stderr)
    sys.stdout.write(page)
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
