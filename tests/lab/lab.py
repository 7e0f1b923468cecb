# SPDX-License-Identifier: Apache-2.0
"""Several hosts on one machine, joined by a switch: namespaces, a third of a second for four of them.

    with Lab("alpha", "beta", "gamma", "client") as lab:
        lab["alpha"].run("ping -c 1 -W 1 beta")
        lab.cut("alpha", "beta", one_way=True)   # alpha's packets do not reach beta; the other way they do
        lab.heal("alpha", "beta")
        lab.kill("alpha")                        # power loss: every process SIGKILLed, card gone, disks stay
        lab.up("alpha")

Labs do not see each other: as many as you like may run at once. Nothing stays behind, however the program ends: hosts
and switch end when their input closes, and the disks of a lab whose program was killed go when the next one starts.
"""
import atexit
import os
import shutil
import signal
import tempfile

from host import Host, LabError
from switch import Switch

REPOSITORY = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
NETWORK = "10.26.0."
VIP = NETWORK + "100"
FOLDER = "/var/tmp"
PREFIX = "drlab-"
SANITIZERS = {"ASAN_OPTIONS": "abort_on_error=1", "UBSAN_OPTIONS": "print_stacktrace=1",
              "TSAN_OPTIONS": "halt_on_error=1"}

__all__ = ["Lab", "LabError", "VIP", "REPOSITORY"]


def build_folder():
    """Where the programs are: DR_BUILD, or the dev preset's."""
    return os.path.join(REPOSITORY, os.environ.get("DR_BUILD", "build/dev"))


def _alive(pid):
    return os.path.exists(f"/proc/{pid}")


def _sweep():
    """Removes the disks of labs whose program is gone."""
    for name in os.listdir(FOLDER):
        if name.startswith(PREFIX) and not _alive(name.split("-")[1]):
            shutil.rmtree(os.path.join(FOLDER, name), ignore_errors=True)


def _leave(number, _frame):
    """Ends the program as Ctrl-C does, through every `finally`; a test case does not take it for a failure of its own."""
    raise KeyboardInterrupt(f"ended by signal {number}")


class Lab:
    def __init__(self, *names):
        if os.geteuid() != 0:
            raise LabError("the lab makes namespaces and mounts: run it as root")
        _sweep()
        self.folder = tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-", dir=FOLDER)
        os.chmod(self.folder, 0o755)
        self.hosts = {}
        self.watchers = []  # told of hosts that come up and go (vip.py)
        self.switch = None
        atexit.register(self.close)
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, _leave)  # so that atexit runs
        try:
            self.switch = Switch()
            for number, name in enumerate(names, 1):
                self.hosts[name] = Host(name, f"{NETWORK}{number}", os.path.join(self.folder, name), REPOSITORY,
                                        SANITIZERS)
            for name in names:
                self.up(name)
        except BaseException:
            self.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def __getitem__(self, name):
        return self.hosts[name]

    def give_v6(self):
        """Each host an address of fd26::/64 too: fd26::1, and so on."""
        for number, host in enumerate(self.hosts.values(), 1):
            host.run(f"ip addr add fd26::{number}/64 dev eth0 nodad")

    def close(self):
        """Ends everything; what is not there any more is no error."""
        atexit.unregister(self.close)
        for watcher in list(self.watchers):
            watcher.close()
        for host in self.hosts.values():
            host.power_off()
        if self.switch:
            self.switch.close()
            self.switch = None
        shutil.rmtree(self.folder, ignore_errors=True)

    def program(self, name):
        """Path of a program of the build, the same on every host."""
        path = os.path.join(build_folder(), "bin", name)
        if not os.access(path, os.X_OK):
            raise LabError(f"no program {path}: run scripts/build first")
        return path

    def up(self, name):
        host = self.hosts[name]
        host.boot()
        names = "".join(f"{other.address} {other.name}\n" for other in self.hosts.values())
        host.run("cat >/etc/hosts", stdin=f"127.0.0.1 localhost\n{names}")
        self.switch.plug(host)
        for watcher in self.watchers:
            watcher.came(host)

    def kill(self, name):
        """Power loss: no process of the host does anything any more, its card is gone, its disks stay. (The page cache
        survives, so it is the crash of a host, not the loss of a disk's cache.)"""
        host = self.hosts[name]
        host.power_off()
        self.switch.unplug(host)
        for watcher in self.watchers:
            watcher.went(host)

    def pause(self, name):
        self.hosts[name].pause()

    def resume(self, name):
        self.hosts[name].resume()

    def _pairs(self, a, b, one_way):
        others = [b] if b else [name for name in self.hosts if name != a]
        pairs = [(a, other) for other in others]
        return pairs if one_way else pairs + [(other, a) for other in others]

    def cut(self, a, b=None, one_way=False):
        """Nothing goes from a to b (and back) any more; without b: from and to everybody. Cards keep their carrier."""
        self.switch.cut(self._pairs(a, b, one_way))

    def heal(self, a, b=None, one_way=False):
        self.switch.heal(self._pairs(a, b, one_way))

    def slow(self, name, rate):
        self.switch.slow(self.hosts[name], rate)
