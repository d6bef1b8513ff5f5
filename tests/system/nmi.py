#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""NMIs at any instruction, in the kernel's entry and exit paths too, while the fuzzer's tasks call the kernel: each leaves
a line, and nothing else changes."""
import os
import re
import socket
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
sys.path.insert(0, "tools")
import own_time

BUILD = os.environ.get("BUILD", "build")
SECONDS_BETWEEN, WANTED, PATIENCE = 0.003, 50, 60


def has_begun(console):
    """The kernel has its tables: the root task says something."""
    with open(console, "rb") as file:
        return b"fuzz:" in file.read()


def storm(path, console, machine):
    """Injects NMIs until the machine ends; gives their number."""
    control = socket.socket(socket.AF_UNIX)
    while control.connect_ex(path) != 0 and machine.poll() is None:
        time.sleep(0.01)
    count = 0
    try:
        control.recv(4096)
        control.sendall(b'{"execute": "qmp_capabilities"}')
        control.recv(4096)
        own_time.OwnTime(PATIENCE).until(lambda: machine.poll() is not None or has_begun(console))
        while machine.poll() is None:
            control.sendall(b'{"execute": "inject-nmi"}')
            if not control.recv(4096):
                break
            count += 1
            time.sleep(SECONDS_BETWEEN)
    except OSError:
        pass
    control.close()
    return count


def main():
    print("KTAP version 1\n1..3")
    with tempfile.TemporaryDirectory(prefix="pilotfish-") as folder:
        path, console = os.path.join(folder, "qmp"), os.path.join(folder, "console")
        with open(console, "wb") as output:
            machine = subprocess.Popen(["tools/run", "--icount", "--cpu", "pentium3", "--mem", "64", "--timeout", "100",
                                        "--qemu=-qmp", f"--qemu=unix:{path},server=on,wait=off", "--servers",
                                        f"{BUILD}/sigma0-minimal.elf", f"{BUILD}/fuzz.elf"],
                                       stdin=subprocess.DEVNULL, stdout=output)
            count = storm(path, console, machine)
            status = machine.wait()
        with open(console, encoding="ascii", errors="replace") as file:
            said = file.read()
    seen = re.findall(r"^--- NMI at ([0-9a-f]+)", said, re.M)
    kernel = sum(int(place, 16) >= 0xc0000000 for place in seen)
    good = [status == 0 and "panic" not in said, len(seen) >= max(WANTED, count // 2), kernel > 0]
    if not all(good):
        print("".join(f"# {line}\n" for line in said.replace("\r", "").split("\n")[-30:]), end="")
    print(f"# {count} injected (one may meet another that still waits), {len(seen)} seen, {kernel} of them in the kernel, status {status}")
    names = ("the fuzzer ends well", "the NMIs are seen", "some of them in the kernel")
    for number, (name, passed) in enumerate(zip(names, good), 1):
        print(f"{'ok' if passed else 'not ok'} {number} - {name}")
    sys.exit(not all(good))


if __name__ == "__main__":
    main()
