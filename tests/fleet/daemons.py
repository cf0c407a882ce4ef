# SPDX-License-Identifier: GPL-2.0
"""The reflector, and the routers with BIRD or FRR and `routes follow`. What op25b's
manual shows of BIRD and FRR is what they run."""
import json
import os
import signal
import subprocess
import time

from net import sh, until

TOOL = os.path.join(os.getcwd(), "tools/op25bctl")
PAGE = "tools/man/op25b-routes.conf.5"
TYPES = {"block": "2501", "exempt": "2502", "monitor": "2503"}
ROOT = "/run/fleet"


def example(begin):
    """The block of the manual that begins with this line."""
    blocks = open(PAGE, encoding="utf-8").read().split(".Bd -literal -offset indent\n")[1:]
    return next(b.split(".Ed\n")[0] for b in blocks if b.startswith(begin))


def write(path, text):
    with open(path, "w", encoding="utf-8") as out:
        out.write(text)


def is_over(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii") as stat:
            return stat.read().split(")")[1].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


class Process:
    """A daemon in a namespace, with a pid file."""

    def __init__(self, netns, command, pidfile):
        self.netns, self.command, self.pidfile = netns, command, pidfile

    def start(self):
        if os.path.exists(self.pidfile):
            os.unlink(self.pidfile)
        sh(f"ip netns exec {self.netns} {self.command} >>{ROOT}/{self.netns}/log 2>&1")
        until(lambda: os.path.exists(self.pidfile) and self.pid(), 30)

    def pid(self):
        try:
            return int(open(self.pidfile, encoding="ascii").read())
        except (OSError, ValueError):
            return 0

    def kill(self, how=signal.SIGKILL):
        pid = self.pid()
        os.kill(pid, how)
        until(lambda: is_over(pid), 60)


class Reflector:
    """Announces prefixes: {prefix: class}."""

    def __init__(self, routers):
        self.folder = f"{ROOT}/rr"
        os.makedirs(self.folder, exist_ok=True)
        self.routers = routers
        self.announced = {}
        self.graceful = True    # its routes stay while it is away
        self.bird = Process("rr", f"bird -c {self.folder}/conf -s {self.folder}/ctl "
                            f"-P {self.folder}/pid", f"{self.folder}/pid")
        self.write()

    def conf(self):
        lines = ["router id 10.255.0.1;", "protocol device {}"]
        for v in (4, 6):
            lines.append(f"protocol static static{v} {{ ipv{v};")
            for prefix, kind in self.announced.items():
                if (":" in prefix) == (v == 6):
                    lines.append(f"route {prefix} blackhole "
                                 f"{{ bgp_community.add((65000,{TYPES[kind]})); }};")
            lines.append("}")
        graceful = "on" if self.graceful else "off"
        for i, name in enumerate(self.routers):
            lines.append(f"""protocol bgp {name} {{
    local 10.255.0.1 as 65000; neighbor 10.255.0.{i + 2} as 65000;
    rr client; hold time 3; connect retry time 1; connect delay time 1; error wait time 1,2;
    graceful restart {graceful}; long lived graceful restart {graceful};
    ipv4 {{ import none; export all; next hop self; }};
    ipv6 {{ import none; export all; next hop address fd00::1; }};
}}""")
        return "\n".join(lines) + "\n"

    def write(self):
        write(f"{self.folder}/conf", self.conf())

    def announce(self, changes):
        """Sets classes; None withdraws. Return: when."""
        for prefix, kind in changes.items():
            if kind:
                self.announced[prefix] = kind
            else:
                self.announced.pop(prefix, None)
        self.write()
        start = time.monotonic()
        sh(f"birdc -s {self.folder}/ctl configure")
        return start


class Router:
    """What all routers have: op25b and a follower."""

    def __init__(self, name, number, buffer):
        self.name, self.number = name, number
        self.folder = f"{ROOT}/{name}"
        os.makedirs(self.folder, exist_ok=True)
        sh(f"chown frr:frr {self.folder}")
        self.routes = f"{self.folder}/routes.conf"
        tables = [line for line in self.tables().splitlines() if line.startswith("table")]
        write(self.routes, "\n".join(tables) + f"\nlinger 4s\nscan 1s\nshrink 50%\nbuffer {buffer}\n")
        self.follower = None
        self.daemons = []
        self.configure()

    def ctl(self, words, check=True, stdin=None):
        return sh(f"{TOOL} -n {self.name} {words}", check, stdin)

    def configure(self):
        self.ctl("conf apply - force", stdin="mode enforce\nreject drop\n"
                 "prefix 100.64.0.0/10 exempt\nprefix 2001:db8:64::/48 exempt\n")

    def start(self):
        for daemon in self.daemons:
            daemon.start()

    def follow(self):
        with open(f"{self.folder}/follow.log", "a", encoding="utf-8") as log:
            self.follower = subprocess.Popen(
                [TOOL, "-n", self.name, "routes", "follow", self.routes], stderr=log, stdout=log,
                env={**os.environ, "OP25B_STATE_DIR": self.folder})

    def unfollow(self, how):
        self.follower.send_signal(how)
        return self.follower.wait()

    def show(self):
        try:
            return json.loads(self.ctl("-j routes show", check=False))
        except json.JSONDecodeError:
            return {"state": "none"}

    def said(self):
        """By the follower."""
        return open(f"{self.folder}/follow.log", encoding="utf-8").read()

    def entries(self):
        """What is in force of origin bgp."""
        return {e["prefix"]: e["action"] for e in json.loads(self.ctl("-j prefix show"))
                if e["origin"] == "bgp"}


class Bird(Router):
    def tables(self):
        return example("table 25 type")

    def __init__(self, name, number, buffer):
        super().__init__(name, number, buffer)
        four = example("ipv4 table")
        common, protocols = four.split("protocol kernel", 1)
        protocols = "protocol kernel" + protocols
        own = f"10.255.0.{number + 2}"
        session = (f"local {own} as 65000", "neighbor 10.255.0.1 as 65000;\n    hold time 3; "
                   "connect retry time 1; connect delay time 1; error wait time 1,2")
        kernel, bgp = protocols.split("protocol bgp reflector")
        bgp = bgp.replace("local as 65000", session[0]).replace(
            "neighbor 192.0.2.1 as 65000", session[1].rstrip(";"))
        channel = bgp[bgp.index("    ipv4 {"):bgp.rindex("}")]
        bgp = bgp[:bgp.rindex("}")] + channel.replace("ipv4", "ipv6").replace("op25b4", "op25b6") + "}\n"
        write(f"{self.folder}/conf", f"router id {own};\nprotocol device {{}}\n"
              "ipv6 table op25b6;\n" + common + kernel +
              kernel.replace("ipv4", "ipv6").replace("op25b4", "op25b6") +
              "protocol bgp reflector" + bgp)
        self.daemons = [Process(name, f"bird -c {self.folder}/conf -s {self.folder}/ctl "
                                f"-P {self.folder}/pid", f"{self.folder}/pid")]


class Frr(Router):
    def tables(self):
        return example("table 2501 block")

    def __init__(self, name, number, buffer):
        super().__init__(name, number, buffer)
        shown = example("ip route 192.0.2.1/32").splitlines()
        clause = shown[shown.index("route-map op25b permit 10"):]
        lines = [shown[0], shown[1], "router bgp 65000",
                 f" bgp router-id 10.255.0.{number + 2}", " no bgp ebgp-requires-policy",
                 " neighbor 10.255.0.1 remote-as 65000", " neighbor 10.255.0.1 timers 1 3",
                 " neighbor 10.255.0.1 timers connect 1", " bgp graceful-restart"]
        for family in ("ipv4 unicast", "ipv6 unicast"):
            lines += [f" address-family {family}", "  neighbor 10.255.0.1 activate",
                      "  neighbor 10.255.0.1 route-map op25b in", " exit-address-family"]
        lines.append("exit")
        for seq, (kind, number_) in enumerate(TYPES.items(), 1):
            lines.append(shown[2].replace("block", kind).replace("2501", number_))
            lines += [line.replace("permit 10", f"permit {seq * 10}").replace("block", kind)
                      .replace("2501", number_) for line in clause]
            lines.append("exit")
        write(f"{self.folder}/frr.conf", "\n".join(lines) + "\n")
        common = f"-d -f {self.folder}/frr.conf -z {self.folder}/zserv.api --vty_socket {self.folder}"
        self.daemons = [Process(name, f"/usr/lib/frr/{d} {common} -i {self.folder}/{d}.pid "
                                f"--log file:{self.folder}/{d}.log", f"{self.folder}/{d}.pid")
                        for d in ("zebra", "staticd", "bgpd")]
