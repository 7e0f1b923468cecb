# SPDX-License-Identifier: Apache-2.0
"""The lab itself: that its hosts, faults and the watch on the virtual address are what the tests that use them believe."""
import os
import signal
import subprocess
import sys
import time

from lab import VIP, Lab, LabError
from vip import VipWatch

HERE = os.path.dirname(os.path.abspath(__file__))
lab = None


def begin():
    global lab
    lab = Lab("alpha", "beta", "gamma", "client")


def end():
    lab.close()


def reaches(a, b):
    return lab[a].run(f"ping -c 1 -W 0.4 {lab[b].address}", check=False).returncode == 0


def soon(test, why, seconds=20):
    """On a busy machine even a little takes a while."""
    end = time.monotonic() + seconds
    while not test():
        assert time.monotonic() < end, why
        time.sleep(0.02)


def processes_with(word):
    found = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
    return [line for line in found.splitlines() if word in line]


def test_hosts_reach_each_other():
    """Every host answers every other, by address and by name."""
    for a in lab.hosts:
        for b in lab.hosts:
            assert reaches(a, b), f"{a} does not reach {b}"
    lab["alpha"].run("ping -c 1 -W 1 gamma")


def test_hosts_are_apart():
    """Names, processes, addresses and files of one host are not another's, nor the machine's."""
    lab["alpha"].run("touch /etc/only-alpha /data/only-alpha /dev/shm/only-alpha")
    lab["alpha"].start("exec sleep 77.25")
    assert lab["alpha"].output("hostname").strip() == "alpha"
    assert "77.25" in lab["alpha"].output("ps ax") and "77.25" not in lab["beta"].output("ps ax")
    for place in ("/etc", "/data", "/dev/shm"):
        assert lab["beta"].run(["test", "-e", f"{place}/only-alpha"], check=False).returncode, place
        assert not os.path.exists(f"{place}/only-alpha"), place


def test_orphans_are_reaped():
    """PID 1 of a host leaves no zombies."""
    lab["gamma"].run("(sleep 0.05 &); sleep 0.2")
    assert "defunct" not in lab["gamma"].output("ps ax")


def test_failing_command_names_itself():
    try:
        lab["alpha"].run("echo spoken >&2; exit 3")
    except LabError as error:
        assert "alpha" in str(error) and "status 3: spoken" in str(error), error
    else:
        raise AssertionError("no error")


def test_cut_and_heal():
    """A cut of two hosts leaves the third, and heals."""
    lab.cut("alpha", "beta")
    assert not reaches("alpha", "beta") and not reaches("beta", "alpha")
    assert reaches("alpha", "gamma") and reaches("beta", "gamma")
    lab.heal("alpha", "beta")
    assert reaches("alpha", "beta")


def test_cut_from_all():
    lab.cut("beta")
    assert not any(reaches("beta", other) or reaches(other, "beta") for other in ("alpha", "gamma", "client"))
    lab.heal("beta")
    assert reaches("beta", "client")


def test_one_way_cut():
    """Only one direction is lost: alpha's packets arrive at beta, beta's do not at alpha."""
    lab.cut("beta", "alpha", one_way=True)
    before = int(lab["beta"].output("cat /sys/class/net/eth0/statistics/rx_packets"))
    assert not reaches("alpha", "beta")
    after = int(lab["beta"].output("cat /sys/class/net/eth0/statistics/rx_packets"))
    lab.heal("beta", "alpha", one_way=True)
    assert after > before, "beta got nothing either"
    assert reaches("alpha", "beta")


def test_power_loss():
    """Kill ends every process, keeps the disks, loses the rest, and the host comes up again."""
    host = lab["beta"]
    host.run("echo kept >/data/kept; echo lost >/tmp/lost; ip addr add 10.26.0.200/24 dev eth0")
    victim = host.start("exec sleep 1000")
    lab.kill("beta")
    victim.wait(2)
    assert not reaches("alpha", "beta")
    lab.up("beta")
    soon(lambda: reaches("alpha", "beta"), "the kernel looks at new links once a second")
    assert host.output("cat /data/kept") == "kept\n"
    assert host.run(["test", "-e", "/tmp/lost"], check=False).returncode
    assert "10.26.0.200" not in host.output("ip addr")


def test_pause():
    """A paused host does nothing, and goes on afterwards."""
    host = lab["gamma"]
    ticker = host.start("exec bash -c 'while :; do echo tick >>/data/ticks; sleep 0.02; done'")

    def ticks():
        return os.path.getsize(host.path("/data/ticks"))

    soon(lambda: os.path.exists(host.path("/data/ticks")) and ticks(), "it does not tick")
    lab.pause("gamma")
    first = ticks()
    time.sleep(0.3)
    second = ticks()
    lab.resume("gamma")
    assert first == second, (first, second)
    soon(lambda: ticks() > second, "it does not go on")
    ticker.stop()


def test_slow():
    """A limited link takes the time that its rate says, and is fast again afterwards."""
    send = "head -c 2000000 /dev/zero >/dev/tcp/alpha/4711"
    listen = ("import socket; s = socket.create_server(('', 4711)); print(flush=True);"
              "c, _ = s.accept(); n = 0\nwhile d := c.recv(65536): n += len(d)")

    def seconds():
        receiver = lab["alpha"].start(["python3", "-c", listen])
        while ":4711" not in lab["alpha"].output("ss -ltn"):
            time.sleep(0.02)
        begin = time.monotonic()
        lab["beta"].run(send)
        assert receiver.wait(10) == 0
        return time.monotonic() - begin

    lab.slow("alpha", "16mbit")
    slow = seconds()
    lab.slow("alpha", None)
    fast = min(seconds() for _ in range(3))  # without the link the machine's own pace is left
    assert 0.8 < slow, f"2 MB at 16 Mbit/s took {slow:.2f} s"
    assert fast < slow / 2, (fast, slow)


def test_signals_reach_programs():
    """A started program can be stopped, and killed, by its own number."""
    program = lab["alpha"].start("exec sleep 1000")
    assert program.alive()
    program.signal(signal.SIGKILL)
    assert program.wait(2) in (-signal.SIGKILL, 128 + signal.SIGKILL)


def test_vip_holders():
    """The watch sees each holder, and counts the time with two."""
    watch = VipWatch(lab, VIP)
    lab["alpha"].run(f"ip addr add {VIP}/24 dev eth0")
    watch.wait_for(["alpha"], 20)
    assert watch.two_holders_ms() == 0
    begin = time.monotonic()
    lab["beta"].run(f"ip addr add {VIP}/24 dev eth0")
    watch.wait_for(["alpha", "beta"], 20)
    seen = time.monotonic()
    time.sleep(0.2)
    least = (time.monotonic() - seen) * 1000  # both held it for all of that time
    lab["alpha"].run(f"ip addr del {VIP}/24 dev eth0")
    watch.wait_for(["beta"], 20)
    assert least <= watch.two_holders_ms() <= (time.monotonic() - begin) * 1000, (least, watch.two_holders_ms())
    lab.kill("beta")
    watch.wait_for([], 20)
    lab.up("beta")
    watch.close()
    enough = least * 1000 / watch.totals["gap_us"] - 1  # samples, had each been as late as the latest
    assert max(1, enough) <= watch.totals["two"] < watch.totals["samples"], watch.totals


def test_vip_with_a_lifetime():
    """The kernel takes an address with a lifetime away by itself, up to a second late; the watch sees it."""
    watch = VipWatch(lab, VIP)
    before = time.monotonic()
    lab["alpha"].run(f"ip addr add {VIP}/24 dev eth0 valid_lft 2 preferred_lft 2")
    after = time.monotonic()
    watch.wait_for(["alpha"], 2)
    end = watch.wait_for([], 20)
    watch.close()
    still = end - watch.totals["gap_us"] / 1e6  # not later it was seen for the last time
    assert end - before > 1.9, end - before
    assert still - after < 3.5, still - after


def test_labs_at_once():
    """A second lab with the same names neither sees nor disturbs the first."""
    with Lab("alpha", "beta") as other:
        other.cut("alpha", "beta")
        assert reaches("alpha", "beta")
        assert other.folder != lab.folder


def test_nothing_stays_behind():
    """However the program ends, no process, no mount and no folder stays."""
    program = "import os, sys; from lab import Lab; lab = Lab('alpha', 'beta'); print(lab.folder, flush=True); "
    for ending in ("os.kill(os.getpid(), 15); import time; time.sleep(5)", "sys.exit(0)", "os.kill(os.getpid(), 9)"):
        done = subprocess.run([sys.executable, "-c", program + ending], stdout=subprocess.PIPE, text=True, cwd=HERE,
                              check=False)
        folder = done.stdout.strip()
        assert folder.startswith("/var/tmp/drlab-"), folder
        end = time.monotonic() + 3
        while processes_with(folder) and time.monotonic() < end:
            time.sleep(0.02)
        assert not processes_with(folder), processes_with(folder)
        with open("/proc/self/mounts", encoding="utf-8") as mounts:
            assert folder not in mounts.read()
        if "9" in ending:
            with Lab("alpha"):
                pass  # the next lab sweeps
        assert not os.path.exists(folder), ending

