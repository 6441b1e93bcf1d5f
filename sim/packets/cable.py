#!/usr/bin/env python3
"""The real kernel's side of a packet script: a machine in namespaces of its own, and the far ends of its cables here.

Usage: unshare -n -- cable.py ROOT CABLE...    (root needed; ROOT is the oracle's root folder)
Requests are lines of JSON on stdin, answers lines of JSON on stdout; times are microseconds:
  {"do": "run", "command": TEXT}                 {"time": T, "output": TEXT}
  {"do": "inject", "device": D, "frame": HEX}    {"time": T}
  {"do": "wait", "during": N}                    {"time": T}
  {"do": "next", "during": N}                    {"time": T} or {"time": T, "sent": {"device": D, "frame": HEX}}
"""
import json, os, select, socket, struct, sys, time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "oracle"))
from record import Host, sh

SO_TIMESTAMPNS = 35
PACKET_OUTGOING = 4


def now():
    return int(time.time() * 1e6)


class Cable:
    def __init__(self, name, number, host):
        here, there = (f"02:00:00:00:0{number + 1}:0{end}" for end in (1, 2))
        sh(f"ip link add far{number} address {there} type veth peer name {name} address {here} netns {host.p.pid}")
        sh(f"ip link set far{number} up")
        host.run([f"ip link set {name} up", f"ethtool -K {name} tx off tso off gso off gro off >/dev/null 2>&1"])
        self.name = name
        self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
        self.socket.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        self.socket.bind((f"far{number}", 0))
        self.socket.setblocking(False)

    def received(self):
        """The frames that have come, each with its time."""
        while True:
            try:
                frame, control, _, address = self.socket.recvmsg(65600, 256)
            except BlockingIOError:
                return
            if address[2] == PACKET_OUTGOING:
                continue
            seconds, nanoseconds = struct.unpack("qq", control[0][2][:16])
            yield seconds * 1_000_000 + nanoseconds // 1000, self.name, frame.hex()


class Machine:
    def __init__(self, root, cables):
        for path in ("all", "default"):
            with open(f"/proc/sys/net/ipv6/conf/{path}/disable_ipv6", "w") as f:
                f.write("1")
        self.host = Host("host1", root, dict(os.environ))
        self.host.run(["sysctl -qw net.ipv6.conf.default.disable_ipv6=1 net.ipv4.ip_forward=0 net.ipv4.tcp_congestion_control=reno"])
        self.cables = {name: Cable(name, n, self.host) for n, name in enumerate(cables)}
        self.waiting = []
        time.sleep(0.2)
        self.collect()
        self.waiting.clear()

    def collect(self):
        for cable in self.cables.values():
            self.waiting += cable.received()
        self.waiting.sort()

    def next(self, during):
        deadline = time.monotonic() + during / 1e6
        while True:
            self.collect()
            left = deadline - time.monotonic()
            if self.waiting or left <= 0:
                break
            select.select([cable.socket for cable in self.cables.values()], [], [], left)
        if not self.waiting:
            return {"time": now()}
        moment, device, frame = self.waiting.pop(0)
        return {"time": moment, "sent": {"device": device, "frame": frame}}

    def answer(self, request):
        what = request["do"]
        if what == "run":
            output = self.host.run([request["command"]])
            return {"time": now(), "output": output}
        if what == "next":
            return self.next(request["during"])
        if what == "wait":
            time.sleep(request["during"] / 1e6)
            return {"time": now()}
        moment = now()
        self.cables[request["device"]].socket.send(bytes.fromhex(request["frame"]))
        return {"time": moment}


if __name__ == "__main__":
    machine = Machine(sys.argv[1], sys.argv[2:])
    try:
        print(json.dumps({"time": now()}), flush=True)
        for line in sys.stdin:
            print(json.dumps(machine.answer(json.loads(line))), flush=True)
    finally:
        machine.host.close()
