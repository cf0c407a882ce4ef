#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""guest.py PLAN: what runs inside the guest. Loads lists into op25b and its
peers one after the other, lets the stopwatch time packets, times the tools,
and appends one JSON object a line to $OP25B_OUT/results.

Every figure has its oracle: a round whose packets were not all accepted, or
not all dropped, as the row says, is an error and no figure.
"""
import collections
import ctypes
import json
import os
import resource
import subprocess
import sys
import tempfile
import time

WATCH = "/proc/op25b_bench"
COUNT = 50000           # packets a round
PS_AN_INSTRUCTION = 2000    # where `qemu-run -s` keeps the clock
CLONE_NEWNET = 0x40000000
LEGACY = {4: "iptables-legacy", 6: "ip6tables-legacy"}
libc = ctypes.CDLL(None, use_errno=True)


class Bench:
    def __init__(self, plan):
        self.plan = plan
        self.folder = plan["folder"]
        self.results = open(os.environ["OP25B_OUT"] + "/results", "a",
                            buffering=1)
        self.start = time.monotonic()

    def say(self, text):
        at = int(time.monotonic() - self.start)
        print(f"bench: {at // 60}:{at % 60:02} {text}", file=sys.stderr,
              flush=True)

    def put(self, **result):
        self.results.write(json.dumps(result) + "\n")

    def path(self, lst, suffix):
        return f"{self.folder}/{lst['name']}.{suffix}"


def command(text):
    with open(WATCH, "w") as f:
        f.write(text)


def answer():
    with open(WATCH) as f:
        return [int(word) for word in f.read().split()]


# What a command took: by the clock on the wall, of the kernel's CPU (its own
# time and that of system calls; other work of the machine does not show), peak
# resident memory, and whether it ended in time.
Took = collections.namedtuple("Took", "seconds kernel peak_kib done")


def kernel_clock():
    command("clock")
    return answer()[0] / 1e9


def run(*argv, timeout=None, stdin=None):
    start, kernel = time.monotonic(), kernel_clock()
    child = subprocess.Popen(argv, stdout=subprocess.DEVNULL, stdin=stdin)
    peak = 0
    try:
        if timeout:
            child.wait(timeout)
        else:
            _, status, usage = os.wait4(child.pid, 0)
            child.returncode = os.waitstatus_to_exitcode(status)
            peak = usage.ru_maxrss
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
        return Took(time.monotonic() - start, kernel_clock() - kernel, 0,
                    False)
    took = Took(time.monotonic() - start, kernel_clock() - kernel, peak, True)
    if child.returncode:
        raise SystemExit(f"{' '.join(argv)}: status {child.returncode}")
    return took


def warm(path):
    """The file comes from the page cache, whoever reads it first."""
    with open(path, "rb") as f:
        while f.read(1 << 20):
            pass


def new_namespace():
    """The old one dies with all that was in it."""
    if libc.unshare(CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), "unshare")


def free_bytes():
    """Memory that nothing uses, caches emptied."""
    os.sync()
    with open("/proc/sys/vm/drop_caches", "w") as f:
        f.write("3")
    with open("/proc/meminfo") as f:
        for line in f:
            if line.startswith("MemFree:"):
                return int(line.split()[1]) * 1024
    raise SystemExit("no MemFree")


def settled_free():
    """The same, once it has not grown for a second: freeing is done by workers
    and after grace periods."""
    most, still = free_bytes(), 0
    for _ in range(300):
        time.sleep(0.1)
        now = free_bytes()
        still = still + 1 if now - most < 64 * 1024 else 0
        most = max(most, now)
        if still == 10:
            break
    return most


# --- who is measured

class Floor:
    """A hook of the stopwatch's own."""
    name = "floor"
    suffix = None
    nests = True

    def load(self, path, lst):
        command("hook accept")

    def unload(self, lst):
        command("hook none")


class Op25b:
    nests = True
    tool = None             # its path, from the plan

    def __init__(self, name="op25b", *knobs):
        self.name, self.knobs = name, knobs
        self.suffix = "conf"

    def load(self, path, lst):
        took = run(self.tool, "conf", "apply", path)
        for knob in self.knobs:
            run(self.tool, "set", knob, "on")
        return took

    def replace(self, path, lst):
        return run(self.tool, "conf", "apply", path)

    def list(self, lst):
        return run(self.tool, "prefix", "show")

    def unload(self, lst):
        run(self.tool, "set", "mode", "off")
        run(self.tool, "prefix", "flush")


class Op25bTwice(Op25b):
    """BGP has @most of the configuration's prefixes too: a second lookup."""

    def __init__(self, name, most):
        super().__init__(name)
        self.most = most

    def load(self, path, lst):
        took = super().load(path, lst)
        with open(path, encoding="ascii") as conf:
            lines = [line for line in conf if line.startswith("prefix ")]
        with tempfile.NamedTemporaryFile("w", encoding="ascii") as again:
            again.writelines(lines[::max(1, len(lines) // self.most)])
            again.flush()
            run(self.tool, "prefix", "sync", again.name, "origin", "bgp",
                "force")
        return took

    def unload(self, lst):
        run(self.tool, "prefix", "flush", "origin", "bgp", "force")
        super().unload(lst)


class Nft:
    nests = False

    def __init__(self, counters=False):
        self.name = "nftables, counters" if counters else "nftables"
        self.suffix = "nftc" if counters else "nft"

    def load(self, path, lst):
        return run("nft", "-f", path)

    def replace(self, path, lst):
        """In one transaction."""
        kind = "ip" if lst["family"] == 4 else "ip6"
        with open(path, encoding="ascii") as f, \
                tempfile.NamedTemporaryFile("w", encoding="ascii") as both:
            both.write(f"delete table {kind} bench\n" + f.read())
            both.flush()
            return run("nft", "-f", both.name)

    def list(self, lst):
        return run("nft", "list", "ruleset")

    def unload(self, lst):
        run("nft", "flush", "ruleset")


class Ipset:
    nests = True            # by its flag nomatch

    def __init__(self, counters=False):
        self.name = "ipset, counters" if counters else "ipset"
        self.suffix = "ipsetc" if counters else "ipset"

    def load(self, path, lst):
        took = run("ipset", "restore", "-f", path)
        run(LEGACY[lst["family"]], "-A", "FORWARD", "-p", "tcp", "--dport",
            "25", "-m", "set", "--match-set", "subs", "src", "-m", "set", "!",
            "--match-set", "relays", "dst", "-j", "DROP")
        return took

    def replace(self, path, lst):
        """A second set, then swap: as ipset(8) has it."""
        with open(path, encoding="ascii") as f, \
                tempfile.NamedTemporaryFile("w", encoding="ascii") as second:
            second.writelines(line.replace(" subs ", " next ", 1)
                              for line in f if " relays " not in line)
            second.write("swap next subs\ndestroy next\n")
            second.flush()
            return run("ipset", "restore", "-f", second.name)

    def list(self, lst):
        return run("ipset", "save", "subs")

    def unload(self, lst):
        run(LEGACY[lst["family"]], "-F", "FORWARD")
        run("ipset", "destroy")


class Bpf:
    """A netfilter program with a trie and a hash: peer.bpf.c. The list is
    op25b's."""
    name = "eBPF"
    suffix = "conf"
    nests = True
    pin = "/sys/fs/bpf/op25b_bench"
    folder = None           # where it was built, from the plan

    def load(self, path, lst):
        if not os.path.ismount("/sys/fs/bpf"):
            run("mount", "-t", "bpf", "bpf", "/sys/fs/bpf")
        self.unload(lst)
        return run(self.folder + "/peer", self.folder + "/peer.bpf.o", path,
                   self.pin)

    def unload(self, lst):
        for pin in (self.pin, self.pin + "6"):
            if os.path.exists(pin):
                os.unlink(pin)


WHO = {w.name: w for w in (
    Floor(), Op25b("op25b, as it comes", "counters", "watch-offenders"),
    Op25b(), Op25b("op25b, counters", "counters"),
    Op25bTwice("op25b, two origins", 1000),
    Op25bTwice("op25b, the list twice", 1 << 30), Nft(),
    Nft(True), Ipset(), Ipset(True), Bpf())}

# --- what is measured

DST = {4: "198.51.100.7", 6: "2001:db8:ffff::7:7"}
# Row: port, destination, sources, whether a filter drops it.
ROWS = {
    "other": (443, None, "blocked", False),
    "blocked": (25, None, "blocked", True),
    "relay": (25, "relay", "blocked", False),
    "unlisted": (25, None, "unlisted", False),
    "exempt": (25, None, "exempt", False),
}


class Row:
    """A row of one list in one filter: what its fastest round took, and the
    loop around the packets alone, ps."""

    def __init__(self, bench, lst, who, row, blocked):
        self.bench, self.lst, self.who, self.row = bench, lst, who, row
        self.port, dst, self.sources, drops = ROWS[row]
        self.drops = drops and blocked
        self.dst = lst["relay"] if dst else DST[lst["family"]]
        self.took, self.loop, self.count = [], [], 0

    def rounds(self, n):
        family, bench = self.lst["family"], self.bench
        command(f"sources {family} {bench.path(self.lst, self.sources)}")
        command(f"time {family} {self.port} {self.dst} {COUNT} {n}")
        took, loop, accepted, dropped = answer()
        wrong = accepted if self.drops else dropped
        if wrong:
            raise SystemExit(f"{self.who}, {self.lst['name']}, {self.row}: "
                             f"{wrong} of {accepted + dropped} packets judged "
                             "wrongly")
        self.took.append(took)
        self.loop.append(loop)
        self.count += n

    def turn(self):
        plan = self.bench.plan
        share = plan["seconds"] / plan["turns"] * 1e12 / COUNT
        self.rounds(max(plan["rounds"], int(share / min(self.took))))

    def put(self):
        """The result, also for who looks on: ns, or instructions."""
        loop = min(self.loop)
        took = min(self.took) - loop
        result = {"who": self.who, "table": self.lst["name"], "row": self.row}
        if self.bench.plan["insns"]:
            took /= PS_AN_INSTRUCTION
            self.bench.put(what="instructions", **result, insns=round(took, 1))
            return took
        self.bench.put(what="packet", **result, family=self.lst["family"],
                       prefixes=self.lst["prefixes"], rounds=self.count,
                       count=COUNT, ns=round(took / 1000, 2),
                       loop_ns=round(loop / 1000, 2))
        return took / 1000


def time_rows(bench, lst, who, names, blocked=True):
    """All rows in turns, so that other work of the machine, which comes and
    goes in seconds, has no row to itself."""
    rows = [Row(bench, lst, who, name, blocked) for name in names]
    for row in rows:
        row.rounds(2)
    for _ in range(bench.plan["turns"]):
        for row in rows:
            row.turn()
    return [f"{row.row} {row.put():.1f}" for row in rows]


def measure(bench, lst, name):
    """One list in one filter: load, memory, the rows."""
    who = WHO[name]
    new_namespace()
    memory = bench.plan["memory"] and who.suffix
    if memory:
        before = settled_free()
    if who.suffix:
        warm(bench.path(lst, who.suffix))
    took = who.load(who.suffix and bench.path(lst, who.suffix), lst)
    if took and not bench.plan["insns"]:
        bench.put(what="load", who=name, table=lst["name"],
                  prefixes=lst["prefixes"], seconds=round(took.seconds, 4),
                  kernel=round(took.kernel, 4), peak_kib=took.peak_kib)
    if memory:
        held = before - settled_free()
        bench.put(what="memory", who=name, table=lst["name"],
                  prefixes=lst["prefixes"], bytes=held)
    if bench.plan["real"]:
        real_times(bench, lst, who, took, held)
        who.unload(lst)
        return
    rows = [row for row in lst["rows"]
            if row != "exempt" or lst["exempt"] and who.nests]
    said = time_rows(bench, lst, name, rows, name != "floor")
    if name == "floor":
        command("hook drop")
        [drop] = time_rows(bench, lst, "floor, drop", ["blocked"])
        said.append("dropped: " + drop)
    bench.say(f"{lst['name']}: {name}: {', '.join(said)}"
              + (f"; loaded in {took.seconds:.2f} s" if took else ""))
    if not bench.plan["tools"]:
        pass
    elif name == "op25b":
        tool_times(bench, lst)
    elif name in ("nftables", "ipset"):
        peer_times(bench, lst, name)
    who.unload(lst)


def real_times(bench, lst, who, load, held):
    """What an operator waits for, on a kernel as a router has it."""
    steps = {"load": load}
    if hasattr(who, "replace"):
        steps["replace"] = who.replace(bench.path(lst, who.suffix), lst)
        steps["list"] = who.list(lst)
    for step, took in steps.items():
        bench.put(what="real", who=who.name, table=lst["name"], step=step,
                  prefixes=lst["prefixes"], seconds=round(took.seconds, 4),
                  bytes=held)
    bench.say(f"{lst['name']}: {who.name}: " + ", ".join(
        f"{step} {took.seconds:.2f} s" for step, took in steps.items()))


# --- the tools

NEW = {4: "100.64.{}.{}/32", 6: "2001:db9:{:x}:{:x}::/64"}


def median(tooks):
    """Of each part by itself."""
    return Took(*(sorted(part)[len(tooks) // 2] for part in zip(*tooks)))


def batch(tool, lines):
    with tempfile.TemporaryFile("w+") as script:
        script.writelines(line + "\n" for line in lines)
        script.flush()
        script.seek(0)
        return run(tool, "-b", "-", stdin=script)


def put_tool(bench, lst, who, step, took, per=1):
    """One step of a tool; @per: what it did that many times."""
    bench.put(what="tool", who=who, table=lst["name"], step=step,
              prefixes=lst["prefixes"], seconds=round(took.seconds / per, 7),
              kernel=round(took.kernel / per, 7), peak_kib=took.peak_kib,
              done=took.done)
    return f"{step} {took.seconds / per * 1000:.3g} ms"


def tool_times(bench, lst):
    """What an operator does to a list of this size, with op25bctl."""
    tool = bench.plan["tool"]
    new = [NEW[lst["family"]].format(i >> 8, i & 255) for i in range(2000)]
    stats = subprocess.run([tool, "stats"], check=True, capture_output=True,
                           text=True).stdout.split()
    bench.put(what="held", table=lst["name"], prefixes=lst["prefixes"],
              bytes=int(stats[stats.index("memory") + 1]))

    def step(name, took, per=1):
        said.append(put_tool(bench, lst, "op25b", name, took, per))

    said = []
    step("list", run(tool, "prefix", "show"))
    step("list json", run(tool, "-j", "prefix", "show"))
    # What any process costs in user-mode Linux, what this one does, and what
    # it does besides starting: in turn, since only differences count.
    rounds = [(run("/bin/true"), run(tool, "version"),
               run(tool, "prefix", "add", p, "block"),
               run(tool, "prefix", "del", p)) for p in new[:15]]
    for name, each in zip(("true", "start", "add", "del"), zip(*rounds)):
        step(name, median(each))
    step("add in a batch",
         batch(tool, [f"prefix add {p} block" for p in new]), len(new))
    step("show in a batch",     # what a system call costs that changes nothing
         batch(tool, [f"prefix show {p}" for p in new]), len(new))
    step("del in a batch",
         batch(tool, [f"prefix del {p}" for p in new]), len(new))
    step("replace", run(tool, "conf", "apply", bench.path(lst, "conf")))
    if lst.get("flush"):
        step("flush", run(tool, "prefix", "flush", "force"))
        run(tool, "conf", "apply", bench.path(lst, "conf"))
        step("unload", run("rmmod", "op25b"))
        run("insmod", os.environ["OP25B_KO"])
    bench.say(f"{lst['name']}: op25bctl: {', '.join(said)}")


def peer_times(bench, lst, name):
    """The same with the peers' tools, each bounded."""
    new = NEW[lst["family"]].format(1, 1)
    kind = "ip" if lst["family"] == 4 else "ip6"
    steps = {"ipset": {"start": ("ipset", "version"),
                       "add": ("ipset", "add", "subs", new),
                       "del": ("ipset", "del", "subs", new),
                       "list": ("ipset", "list", "subs")},
             "nftables": {"start": ("nft", "-v"),
                          "add": ("nft", "add", "element", kind, "bench",
                                  "subs", f"{{ {new} }}"),
                          "list": ("nft", "list", "set", kind, "bench",
                                   "subs")}}[name]
    if name == "nftables" and lst["prefixes"] > bench.plan["nft_tool_limit"]:
        return
    said = []
    for step, argv in steps.items():
        took = run(*argv, timeout=bench.plan["bound"])
        said.append(put_tool(bench, lst, name, step, took))
        if not took.done:
            said.append("and not done")
            break
    bench.say(f"{lst['name']}: {name}: {', '.join(said)}")


# --- the machine, and a namespace that does nothing

def chase(bench):
    for size in bench.plan["chase"]:
        command(f"chase {size} 100000 20")
        ns = answer()[0] / 1000
        bench.put(what="memory access", bytes=size, ns=round(ns, 2))
        bench.say(f"one random access in {size >> 20} MB: {ns:.1f} ns")


def idle_namespace(bench, many=200):
    """What the module takes when it arrives among many namespaces, less what
    it takes among one."""
    def loaded(count):
        held = []
        for _ in range(count):
            new_namespace()
            held.append(os.open("/proc/self/ns/net", os.O_RDONLY))
        before = settled_free()
        run("insmod", os.environ["OP25B_KO"])
        took = before - settled_free()
        run("rmmod", "op25b")
        for fd in held:
            os.close(fd)
        new_namespace()
        return took

    run("rmmod", "op25b")
    loaded(1)
    one, all_of_them = loaded(1), loaded(many + 1)
    run("insmod", os.environ["OP25B_KO"])
    each = (all_of_them - one) / many
    bench.put(what="idle namespace", bytes=round(each))
    bench.say(f"an idle namespace: {each:.0f} bytes")


def main():
    with open(sys.argv[1]) as f:
        plan = json.load(f)
    bench = Bench(plan)
    Op25b.tool = plan["tool"]
    Bpf.folder = plan["folder"]
    resource.setrlimit(resource.RLIMIT_NOFILE, (4096, 4096))
    subprocess.run(["insmod", plan["stopwatch"]], check=True)
    run(plan["tool"], "version")    # read from the disk, the first time
    run("insmod", os.environ["OP25B_KO"])
    chase(bench)
    if plan["idle"]:
        idle_namespace(bench)
    for lst in plan["lists"]:
        for name in lst["who"]:
            measure(bench, lst, name)
    new_namespace()
    run("rmmod", "op25b")
    subprocess.run(["rmmod", "op25b_bench"], check=True)


if __name__ == "__main__":
    main()
