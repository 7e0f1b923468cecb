# SPDX-License-Identifier: Apache-2.0
"""A disk that several hosts of a lab share: one file, a loop device for each host, which the others do not see."""
import os
import subprocess
import uuid

from host import LabError


def _tool(*words):
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode:
        raise LabError(f"{' '.join(words)}: {done.stderr.strip()}")
    return done.stdout.strip()


class SharedDisk:
    """An ext4 file system; features as for `mkfs.ext4 -O`."""

    def __init__(self, lab, names, features="mmp", size="64M"):
        self.lab, self.uuid, self.device = lab, str(uuid.uuid4()), {}
        self.image = os.path.join(lab.folder, f"disk-{self.uuid}")
        _tool("truncate", "-s", size, self.image)
        _tool("mkfs.ext4", "-q", "-U", self.uuid, "-O", features, self.image)
        for name in names:
            self.device[name] = _tool("losetup", "-f", "--show", self.image)
        for name in names:
            self.plug(name)

    def plug(self, name):
        """After a host has booted: it sees its own device only."""
        for other, device in self.device.items():
            if other != name:
                self.lab[name].run(f"mount --bind /dev/null {device}")

    def close(self):
        """After the hosts are gone."""
        for device in self.device.values():
            _tool("losetup", "-d", device)
