# SPDX-License-Identifier: Apache-2.0
"""The systems that bench failover compares: how each is set up on alpha and beta of a lab of its own, what its settings
are, and how one of its hosts joins again. Each watches the application where the address is: by name."""
import signal
import time

from cluster import Cluster
from lab import VIP, Lab, LabError
from vip import VipWatch

PORT = 2630
APPLICATION = "bench-application"
WATCH = f"pgrep -f ^{APPLICATION}"  # what the scripts of keepalived and pacemaker ask
ECHO = f"""
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("0.0.0.0", {PORT}))
while True:
    data, peer = s.recvfrom(64)
    s.sendto(data, peer)
"""
MEMBERS = ("alpha", "beta")


class System:
    """One system in a lab. Its hosts run the application: an echo, which the client asks through the address."""
    hosts = MEMBERS
    calm = 3.0  # seconds that one holder must have been the only one, before the next fault

    def __init__(self):
        self.lab, self.daemons, self.applications = Lab(*self.hosts, "client"), {}, {}
        self.watch = VipWatch(self.lab, VIP)
        for name in MEMBERS:
            self.start_application(name)

    def start_application(self, name):
        self.applications[name] = self.lab[name].start(
            ["bash", "-c", f'exec -a {APPLICATION} /usr/bin/python3 -c "$0"', ECHO], log="application.log")

    def start(self):
        for name in MEMBERS:
            self.run(name)
        self.settle()

    def run(self, name):
        """Its daemons on a host; daemons[name] is the one that `daemon killed` kills."""
        raise NotImplementedError

    def is_ready(self):
        return True

    def settle(self, patience=90):
        """Until one host has the address, has had it for a while, and the other could take over."""
        end = time.monotonic() + patience
        while time.monotonic() < end:
            since = self.watch.changes[-1][0]
            if len(self.watch.holders()) == 1 and time.monotonic() - since > self.calm and self.is_ready():
                return
            time.sleep(0.1)
        raise LabError(f"{self.name}: not ready after {patience} s; the address is held by {set(self.watch.holders())}")

    def holder(self):
        holder, = self.watch.holders()
        return holder

    # ---- faults, and what ends them ----

    def host_lost(self, name):
        self.lab.kill(name)

    def daemon_killed(self, name):
        self.daemons[name].signal(signal.SIGKILL)

    def application_killed(self, name):
        self.applications[name].signal(signal.SIGKILL)

    def partition(self, name):
        self.lab.cut(name)

    def after_host_lost(self, name):
        self.lab.up(name)
        self.start_application(name)
        self.run(name)

    def after_daemon_killed(self, name):
        """By switching the host off and on: not every system can be told to go on from what it left behind."""
        self.lab.kill(name)
        self.after_host_lost(name)

    def after_application_killed(self, name):
        self.start_application(name)

    def after_partition(self, name):
        self.lab.heal(name)

    def close(self):
        self.watch.close()
        self.lab.close()


class Drnode(System):
    """A host has to be level with the other before it may take over: it is asked."""
    name, settings, monitor = "drnode", {}, {}
    words = "defaults: interval 500 ms, max_fail 4, release_grace 500 ms, guard kernel; monitor 2 s, max_failures 5"
    hosts = MEMBERS + ("gamma",)
    calm = 0.5

    def __init__(self):
        super().__init__()
        monitor = dict(self.monitor, name="application", object=APPLICATION)
        # Not 10 minutes as usual: the next of the applications is killed at once.
        self.cluster = Cluster(self.lab, vip=VIP, settings={"failure_timeout": "0s", **self.settings},
                               objects={"monitor": [monitor]})
        self.daemons = self.cluster.nodes

    def start(self):
        self.cluster.start("gamma")
        super().start()

    def run(self, name):
        self.cluster.start(name)

    def is_ready(self):
        states = [self.cluster.status(name) for name in MEMBERS]
        return sorted(s["role"] for s in states if s) == ["master", "slave"] and all(s["state"] == "ready" for s in states)


class DrnodeFast(Drnode):
    name = "drnode, fastest"
    settings = {"interval": "50ms", "max_fail": "3", "guard": "watchdog", "release_grace": "1ms"}
    monitor = {"interval": "200ms", "max_failures": "1"}
    words = ("interval 50 ms, max_fail 3, guard watchdog; release_grace is raised to 114 ms by that; monitor 200 ms, "
             "max_failures 1")


KEEPALIVED = """global_defs {{
    vrrp_garp_master_refresh 0
    script_user root
    enable_script_security
}}
vrrp_script application {{
    script "/usr/bin/{watch}"
}}
vrrp_instance bench {{
    state {state}
    interface eth0
    virtual_router_id 51
    priority {priority}
    advert_int {advert}
    track_script {{
        application
    }}
    virtual_ipaddress {{
        {vip}/24 dev eth0
    }}
}}
"""


class Keepalived(System):
    """Not track_process: the kernel tells it of processes in the machine's own network namespace only."""
    name, advert = "keepalived", 1
    words = ("defaults: advert_int 1 s, so a backup waits 3 of them and its skew; preempts; vrrp_script each 1 s, fall 1, "
             "no weight")

    def run(self, name):
        state, priority = ("MASTER", 150) if name == "alpha" else ("BACKUP", 100)
        host = self.lab[name]
        host.run("cat >/data/keepalived.conf", stdin=KEEPALIVED.format(state=state, priority=priority, vip=VIP,
                                                                       advert=self.advert, watch=WATCH))
        self.daemons[name] = host.start(
            ["keepalived", "--dont-fork", "--log-console", "--use-file=/data/keepalived.conf"], log="keepalived.log")

    def settle(self, patience=90):
        time.sleep(4)  # alpha takes the address back when it is up again
        super().settle(patience)


class KeepalivedFast(Keepalived):
    name, advert, words = "keepalived, fastest", 0.05, "advert_int 50 ms; a vrrp_script has no shorter interval than 1 s"


COROSYNC = """totem {{
    version: 2
    cluster_name: bench
    transport: knet
    crypto_cipher: none
    crypto_hash: none
}}
nodelist {{
    node {{
        ring0_addr: {alpha}
        name: alpha
        nodeid: 1
    }}
    node {{
        ring0_addr: {beta}
        name: beta
        nodeid: 2
    }}
}}
quorum {{
    provider: corosync_votequorum
    two_node: 1
}}
logging {{
    to_syslog: no
    to_logfile: yes
    logfile: /data/corosync.log
}}
"""
PROVIDER = "/usr/lib/ocf/resource.d/bench"
# Does what a resource agent must, for an application that runs on both hosts anyway.
AGENT = f"""#!/bin/sh
started=/run/{APPLICATION}
case $1 in
start) touch $started ;;
stop) rm -f $started ;;
monitor) test -e $started || exit 7; {WATCH} >/dev/null || exit 1 ;;
meta-data) cat <<END
<?xml version="1.0"?>
<resource-agent name="application" version="1"><version>1.1</version><shortdesc lang="en">application</shortdesc>
<longdesc lang="en">application</longdesc><parameters/><actions><action name="start" timeout="20s"/>
<action name="stop" timeout="20s"/><action name="monitor" timeout="20s" interval="10s"/>
<action name="meta-data" timeout="5s"/></actions></resource-agent>
END
esac
"""
RESOURCES = """<group id="service">
<primitive id="application" class="ocf" provider="bench" type="application">
<meta_attributes id="application-meta"><nvpair id="application-once" name="migration-threshold" value="1"/>
</meta_attributes>
<operations><op id="application-monitor" name="monitor" interval="{monitor}"/></operations></primitive>
<primitive id="vip" class="ocf" provider="heartbeat" type="IPaddr2">
<instance_attributes id="vip-with"><nvpair id="vip-ip" name="ip" value="{vip}"/>
<nvpair id="vip-nic" name="nic" value="eth0"/><nvpair id="vip-mask" name="cidr_netmask" value="24"/></instance_attributes>
<operations><op id="vip-monitor" name="monitor" interval="10s"/></operations></primitive></group>"""


class Pacemaker(System):
    """No fencing device: most clusters of two hosts that people build in an hour have none. So that it works at all then,
    stonith-enabled is off; all else is as Debian has it."""
    name, monitor = "pacemaker", "10s"
    words = ("corosync and pacemaker, defaults: token 3 s, consensus 3.6 s, two_node; stonith-enabled false; monitor 10 s, "
             "as its agents advise, migration-threshold 1")

    def run(self, name):
        host = self.lab[name]
        host.run("mkdir -p /etc/corosync /var/lib/corosync /var/log/pacemaker /var/lib/pacemaker /run/crm && "
                 "cat >/etc/corosync/corosync.conf",
                 stdin=COROSYNC.format(**{member: self.lab[member].address for member in MEMBERS}))
        host.run(f"mkdir -p {PROVIDER} && cat >{PROVIDER}/application && chmod 755 {PROVIDER}/application", stdin=AGENT)
        self.daemons[name] = host.start(["corosync", "-f"], log="corosync.log")
        end = time.monotonic() + 20
        while host.run("corosync-cfgtool -s", check=False).returncode and time.monotonic() < end:
            time.sleep(0.1)
        host.start(["pacemakerd", "-f"], log="pacemaker.log")

    def is_ready(self):
        return all("Online: [ alpha beta ]" in self.lab[name].run("crm_mon -1", check=False).stdout for name in MEMBERS)

    def start(self):
        for name in MEMBERS:
            self.run(name)
        end = time.monotonic() + 90
        while not self.is_ready():
            if time.monotonic() > end:
                raise LabError("pacemaker: the two hosts do not find each other")
            time.sleep(0.5)
        self.lab["alpha"].run("crm_attribute -t crm_config -n stonith-enabled -v false && "
                              f"cibadmin -C -o resources -X '{RESOURCES.format(vip=VIP, monitor=self.monitor)}'")
        self.settle()

    def after_application_killed(self, name):
        super().after_application_killed(name)
        self.lab[name].run("crm_resource --cleanup")  # the failure counts until a person says otherwise


class PacemakerFast(Pacemaker):
    name, monitor, words = "pacemaker, fastest", "200ms", "monitor 200 ms"
