#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""usage: plant.py PLANT ROOT FOLDER - writes the files that PLANT names, with its bug in them, to FOLDER.

A plant is text: what the bug is; a line `seed N` if the search had better begin there; then for each file a line `file core/x.c` and blocks of a line `was` and lines, a line
`is` and lines. What `was` must stand in the file exactly once, so that no plant silently stops being one."""
import os
import re
import sys


def planted(plant, code, body):
    blocks = re.findall(r"^was\n(.*?)\n?^is\n(.*?)\n?(?=^was\n|\Z)", body, re.M | re.S)
    if not blocks:
        sys.exit(f"{plant}: a file without `was` and `is`")
    for was, becomes in blocks:
        if code.count(was) != 1:
            sys.exit(f"{plant}: stands {code.count(was)} times in the core, not once: bring the plant up to date:\n{was}")
        code = code.replace(was, becomes)
    return code


def main(plant, root, folder):
    os.makedirs(folder, exist_ok=True)
    text = open(plant, encoding="utf-8").read()
    seed = re.search(r"^seed (\d+)$", text, re.M)
    open(f"{folder}/seed", "w", encoding="utf-8").write(seed.group(1) if seed else "1")
    parts = re.split(r"^file (\S+)\n", text, flags=re.M)
    for name, body in zip(parts[1::2], parts[2::2]):
        code = planted(plant, open(f"{root}/{name}", encoding="utf-8").read(), body)
        open(f"{folder}/{os.path.basename(name)}", "w", encoding="utf-8").write(code)


if len(sys.argv) != 4:
    sys.exit(__doc__)
main(*sys.argv[1:])
