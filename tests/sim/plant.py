#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""usage: plant.py PLANT ROOT OUT - writes to OUT the file of ROOT that PLANT names, with PLANT's bug in it.

A plant is text: `file core/x.c`, then blocks that each start with a line `was` and lines, then `is` and lines. What
`was` must stand in the file exactly once, so that a plant never silently stops being one."""
import re
import sys


def main(plant, root, out):
    text = open(plant, encoding="utf-8").read()
    name = re.search(r"^file (\S+)$", text, re.M).group(1)
    code = open(f"{root}/{name}", encoding="utf-8").read()
    blocks = re.findall(r"^was\n(.*?)^is\n(.*?)(?=^was\n|\Z)", text, re.M | re.S)
    if not blocks:
        sys.exit(f"{plant}: has no `was` and `is`")
    for was, becomes in blocks:
        if code.count(was) != 1:
            sys.exit(f"{plant}: what it replaces stands {code.count(was)} times in {name}: bring the plant up to date")
        code = code.replace(was, becomes)
    open(out, "w", encoding="utf-8").write(code)


if len(sys.argv) != 4:
    sys.exit(__doc__)
main(*sys.argv[1:])
