# SPDX-License-Identifier: Apache-2.0
"""The whole story of scripts/demo, with the programs that the tests are built with. Covers B1.1.1-01, -02,
B1.1.2-03, -05, B1.1.3-01, -02, -09, B2.2-01, B5.1.1-04, B5.1.2-37, -38, -60, B5.1.3-03, -09."""
import os
import subprocess

import harness
from lab import REPOSITORY, build_folder

LIMIT = 280


@harness.limit(LIMIT + 20)
def test_story():
    """Mirror, load, death, take-over, return, switch, partition, return: every check holds, the sanitizers are silent."""
    environment = dict(os.environ, DR_BUILD=os.path.relpath(build_folder(), REPOSITORY))
    done = subprocess.run(["/usr/bin/python3", os.path.join(REPOSITORY, "scripts", "demo.d", "main.py"), "--once"],
                          env=environment, capture_output=True, text=True, timeout=LIMIT, check=False)
    assert done.returncode == 0, done.stdout[-12000:] + done.stderr[-2000:]
    print("       " + done.stdout[done.stdout.index("step "):].strip().replace("\n", "\n       "), flush=True)
