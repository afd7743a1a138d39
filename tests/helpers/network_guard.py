"""Runs a program where nothing can leave the machine, and tells what tried to.

`python -m tests.helpers.network_guard REPORT -- PROGRAM ARGUMENT...`. Below the process: the program and all that it
starts, Java and C libraries included, live in a network namespace of their own (Linux), whose only way out is a tunnel
that we read. Loopback works as ever. REPORT gets one line for each packet that would have left, and for each name that
was looked up; the exit code is the program's. Nothing of Isopath is imported here: a package of ours that turned
telemetry off in this process would turn it off in the program too.
"""

from __future__ import annotations

import ctypes
import fcntl
import ipaddress
import os
import select
import socket
import struct
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

_ROOT = Path(__file__).parents[2]
_NEW_USER, _NEW_NETWORK = 0x10000000, 0x40000000
_SET_FLAGS, _SET_ADDRESS, _ADD_ROUTE, _SET_TUNNEL = 0x8914, 0x8916, 0x890B, 0x400454CA
_UP_AND_RUNNING = 0x41
_TUNNEL_WITHOUT_HEADER = 0x1001
_USABLE = 1
_TUNNEL = b"way-out"
_DNS = 53
_GRACE_SECONDS = 1.0
"""How long what was sent last may take to arrive after the program's end."""


@dataclass(frozen=True, slots=True)
class Guarded:
    """What a guarded program did."""

    code: int
    output: str
    left: tuple[str, ...]
    """What tried to leave, such as `udp 192.0.2.1:53`; each thing once."""


def run_guarded(
    command: Sequence[str | Path], environment: Mapping[str, str], report: Path, seconds: float = 900
) -> Guarded:
    """Runs a command under the guard with exactly this environment."""
    whole = [sys.executable, "-m", "tests.helpers.network_guard", str(report), "--", *map(str, command)]
    done = subprocess.run(whole, cwd=_ROOT, env=dict(environment), capture_output=True, text=True, timeout=seconds)
    left = report.read_text("utf-8").splitlines() if report.exists() else ["the guard did not start"]
    return Guarded(done.returncode, done.stdout + done.stderr, tuple(dict.fromkeys(left)))


@contextmanager
def only_loopback() -> Iterator[list[int | socket.socket]]:
    """Puts this process into a network of its own; the handles to read what would leave it from."""
    user, group = os.getuid(), os.getgid()
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(_NEW_USER | _NEW_NETWORK):
        raise OSError(ctypes.get_errno(), "this system does not let a process have a network of its own")
    for name, text in (("setgroups", "deny"), ("uid_map", f"{user} {user} 1"), ("gid_map", f"{group} {group} 1")):
        Path(f"/proc/self/{name}").write_text(text)
    tunnel = os.open("/dev/net/tun", os.O_RDWR)
    fcntl.ioctl(tunnel, _SET_TUNNEL, struct.pack("16sH22x", _TUNNEL, _TUNNEL_WITHOUT_HEADER))
    device = ctypes.create_string_buffer(_TUNNEL)
    with suppress(OSError):
        # Else nothing is sent over IPv6 in the first second, and what was to be sent is not seen.
        Path(f"/proc/sys/net/ipv6/conf/{_TUNNEL.decode()}/accept_dad").write_text("0")
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as four,
        socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as six,
    ):
        fcntl.ioctl(four, _SET_FLAGS, struct.pack("16sH14x", b"lo", _UP_AND_RUNNING))
        fcntl.ioctl(four, _SET_ADDRESS, struct.pack("16sHH4s16x", _TUNNEL, socket.AF_INET, 0, bytes([192, 0, 2, 1])))
        fcntl.ioctl(four, _SET_FLAGS, struct.pack("16sH14x", _TUNNEL, _UP_AND_RUNNING))
        anywhere = struct.pack("H14x", socket.AF_INET)
        route = struct.pack(
            "@L16s16s16sHhLPhPLLH", 0, *[anywhere] * 3, _USABLE, 0, 0, 0, 0, ctypes.addressof(device), 0, 0, 0
        )
        fcntl.ioctl(four, _ADD_ROUTE, route)
        index = socket.if_nametoindex(_TUNNEL.decode())
        own = socket.inet_pton(socket.AF_INET6, "2001:db8::2")
        fcntl.ioctl(six, _SET_ADDRESS, struct.pack("@16sIi", own, 64, index))
        fcntl.ioctl(six, _ADD_ROUTE, struct.pack("@16s16s16sIHHILIi", *[b""] * 3, 0, 0, 0, 1, 0, _USABLE, index))
    # A resolver of the machine itself would look a name up for the program.
    resolver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    resolver.bind(("", _DNS))
    try:
        yield [tunnel, resolver]
    finally:
        resolver.close()
        os.close(tunnel)


def described(packet: bytes) -> str | None:
    """Protocol, address and port of an IP packet; None for what a kernel sends by itself when a network comes up."""
    version = packet[0] >> 4
    header, protocol, target = (
        (4 * (packet[0] & 15), packet[9], packet[16:20]) if version == 4 else (40, packet[6], packet[24:40])
    )
    address = ipaddress.ip_address(target)
    kinds = {socket.IPPROTO_TCP: "tcp", socket.IPPROTO_UDP: "udp"}
    if protocol not in kinds:
        return None if address.is_multicast else f"protocol {protocol} {address}"
    port = int.from_bytes(packet[header + 2 : header + 4])
    return f"{kinds[protocol]} {address}:{port}"


def main(report: Path, command: Sequence[str]) -> int:
    """Runs the command under the guard; its exit code."""
    with only_loopback() as handles, report.open("w", encoding="utf-8", buffering=1) as told:
        child = subprocess.Popen(command)
        last = False
        while not last:
            last = child.poll() is not None
            ready, _, _ = select.select(handles, [], [], _GRACE_SECONDS if last else 0.1)
            for handle in ready:
                line = described(os.read(handle, 65_536)) if isinstance(handle, int) else looked_up(handle)
                if line:
                    told.write(f"{line}\n")
            last = last and not ready
        return child.returncode


def looked_up(resolver: socket.socket) -> str:
    resolver.recv(4096)
    return "a name was looked up by the machine's own resolver"


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[3:]))
