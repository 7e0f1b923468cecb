# SPDX-License-Identifier: Apache-2.0
"""One host of the lab: namespaces (network, mount, UTS, IPC, PID, time) around an init of its own.

Its root is an overlay of the machine's root: it sees the machine's programs, and what it writes is its own and gone
after a power loss. Two folders are kept over that, as disks are: /data and /usr/drbksoft/drnode (see Host.path()). And
/shared is one folder for all hosts of a lab, each with a mount of its own.
"""
import os
import shlex
import signal
import subprocess
import time

NODE_ROOT = "/usr/drbksoft/drnode"
DATA = "/data"
SHARED = "/shared"


# PID 1 of a host. Reads its input so that it ends, and all of the host with it, when the lab is gone, however that ended;
# bash reaps what is orphaned meanwhile.
INIT = r"""
set -e
disk=$1 name=$2 repository=$3
mount --make-rprivate /
mount -t tmpfs tmpfs "$disk/system"
mkdir "$disk/system/upper" "$disk/system/work" "$disk/system/all"
mount -t overlay overlay -o "lowerdir=/,upperdir=$disk/system/upper,workdir=$disk/system/work" "$disk/system/all"
cd "$disk/system/all"
mount --rbind /dev dev
mount -t tmpfs tmpfs dev/shm
mount -t proc proc proc
mount -t sysfs sysfs sys
mount -t tmpfs tmpfs run
mount -t tmpfs tmpfs tmp
chmod 1777 tmp dev/shm
mkdir -p data shared "usr/drbksoft/drnode" "./$repository" run/lock run/netns
mount --bind "$disk/data" data
mount --bind "$disk/../shared" shared
mount --bind "$disk/drnode" usr/drbksoft/drnode
mount --bind "$repository" "./$repository"
mkdir -p old
pivot_root . old
cd /
umount -l old
hostname "$name"
ip link set lo up
echo ready
while read -r _; do :; done
"""

ENVIRONMENT = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root", "LANG": "C.UTF-8", "TERM": "dumb"}


class LabError(Exception):
    pass


def child_of(pid, patience=5.0):
    """The one child of a process (unshare and nsenter fork once)."""
    end = time.monotonic() + patience
    while time.monotonic() < end:
        try:
            with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as children:
                found = children.read().split()
        except FileNotFoundError:
            break
        if found:
            return int(found[0])
        time.sleep(0.002)
    raise LabError(f"process {pid} made no child")


class Process:
    """A program started on a host. pid is the machine's number of it."""

    def __init__(self, popen):
        self.popen = popen
        self.pid = child_of(popen.pid)

    def signal(self, number):
        os.kill(self.pid, number)
        if number in (signal.SIGCONT, signal.SIGKILL):
            self.popen.send_signal(signal.SIGCONT)  # nsenter stopped itself with its child

    def alive(self):
        return self.popen.poll() is None

    def wait(self, timeout=None):
        return self.popen.wait(timeout)

    def stop(self, timeout=10.0):
        """SIGTERM, then SIGKILL."""
        for number in (signal.SIGTERM, signal.SIGKILL):
            if not self.alive():
                break
            self.signal(number)
            try:
                self.wait(timeout)
            except subprocess.TimeoutExpired:
                continue
        return self.popen.returncode


class Host:
    def __init__(self, name, address, disk, repository, environment):
        self.name, self.address = name, address
        self.disk, self.repository = disk, repository
        self.environment = dict(ENVIRONMENT, **environment)
        self.unshare = None
        self.init = 0
        self.clock = 0  # seconds that CLOCK_BOOTTIME is ahead of the machine's; counts from the next boot on
        for folder in ("data", "drnode", "system", "log"):
            os.makedirs(os.path.join(disk, folder), exist_ok=True)
        os.makedirs(os.path.join(os.path.dirname(disk), "shared"), exist_ok=True)

    def path(self, inside):
        """Where the lab finds a file of this host's disks that the host knows as `inside`."""
        for mount, folder in ((NODE_ROOT, "drnode"), (DATA, "data"), (SHARED, "../shared")):
            if inside == mount or inside.startswith(mount + "/"):
                return os.path.join(self.disk, folder) + inside[len(mount):]
        raise LabError(f"{inside} is not on a disk of {self.name}: only {DATA}, {NODE_ROOT} and {SHARED} are")

    def boot(self):
        if self.init:
            raise LabError(f"{self.name} is up already")
        self.unshare = subprocess.Popen(
            ["unshare", "-n", "-m", "-u", "-i", "-p", "-T", "--boottime", str(self.clock), "-f", "--kill-child",
             "bash", "-c", INIT, "init", self.disk, self.name, self.repository],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=self.environment)
        if self.unshare.stdout.readline() != "ready\n":
            raise LabError(f"{self.name} does not boot: {self.unshare.stderr.read().strip()}")
        self.init = child_of(self.unshare.pid)

    def power_off(self):
        """All processes of the host are gone when this returns."""
        if self.unshare is None:
            return
        if self.init:
            # The init cannot end before its programs are reaped, and a stopped nsenter reaps none.
            self._signal_all(self.pids(entering=True) + [self.init], signal.SIGKILL)
        self.init = 0
        self.unshare.wait()
        for stream in (self.unshare.stdin, self.unshare.stdout, self.unshare.stderr):
            stream.close()
        self.unshare = None

    def _enter(self, command, user):
        if not self.init:
            raise LabError(f"{self.name} is down")
        if isinstance(command, str):
            command = ["bash", "-c", command]
        become = ["setpriv", f"--reuid={user}", f"--regid={user}", "--init-groups"] if user else []
        return ["nsenter", "-t", str(self.init), "-m", "-u", "-n", "-p", "-i", "-T", "-w", "--"] + become + list(command)

    def run(self, command, check=True, timeout=60, user=None, stdin=None):
        """Runs a command (list, or a line for bash) to its end; returns what subprocess.run() returns, with text."""
        done = subprocess.run(self._enter(command, user), timeout=timeout, input=stdin or "", text=True,
                              capture_output=True, env=self.environment, check=False)
        if check and done.returncode:
            words = command if isinstance(command, str) else shlex.join(command)
            raise LabError(f"{self.name}: {words}: status {done.returncode}: {(done.stderr or done.stdout).strip()}")
        return done

    def output(self, command, **options):
        return self.run(command, **options).stdout

    def start(self, command, log=None, user=None, environment=None):
        """Starts a program that goes on; its output is appended to HOST/log/LOG."""
        path = os.path.join(self.disk, "log", log or "output.log")
        with open(path, "ab") as output:
            return Process(subprocess.Popen(self._enter(command, user), stdin=subprocess.DEVNULL, stdout=output,
                                            stderr=output, env=dict(self.environment, **(environment or {}))))

    def start_piped(self, command, user=None):
        """Starts a program with pipes for its input and output; returns subprocess's Popen."""
        return subprocess.Popen(self._enter(command, user), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                env=self.environment)

    def log(self, name):
        with open(os.path.join(self.disk, "log", name), encoding="utf-8", errors="replace") as file:
            return file.read()

    def pids(self, entering=False):
        """All processes of the host, as the machine numbers them; or those that entered it and wait outside."""
        mine = self._space(self.init, "pid")
        found = [int(entry) for entry in os.listdir("/proc") if entry.isdigit()]
        if entering:
            return [pid for pid in found if self._space(pid, "pid_for_children") == mine != self._space(pid, "pid")]
        return [pid for pid in found if self._space(pid, "pid") == mine]

    @staticmethod
    def _space(pid, kind):
        try:
            return os.readlink(f"/proc/{pid}/ns/{kind}")
        except OSError:
            return None  # it ended meanwhile

    def pause(self):
        """Stops every process of the host, those that are born meanwhile too."""
        stopped = set()
        while new := set(self.pids()) - stopped:
            self._signal_all(new, signal.SIGSTOP)
            stopped |= new

    def resume(self):
        """nsenter stops itself when its child is stopped, so it must be woken too."""
        self._signal_all(self.pids() + self.pids(entering=True), signal.SIGCONT)

    @staticmethod
    def _signal_all(pids, number):
        for pid in pids:
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                pass  # it ended meanwhile
