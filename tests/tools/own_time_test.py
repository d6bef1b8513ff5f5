#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Time-outs count the time in which what they wait for could go on (tools/own_time.py): with a clock
of our own, with real processes, and with tools/run, whose QEMU is a program of ours."""
import os
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
sys.path.insert(0, "tools")
from own_time import LEAST, OwnTime, communicate, run_delays, sleep

BUILD = os.environ.get("BUILD", "build")
results = []

# What tools/run starts as QEMU: hangs idle, hangs in a loop, prints for ever, or works for two
# seconds and ends with status 7.
FAKE = """#!/usr/bin/env python3
import os, time
kind = os.environ["FAKE"]
while kind == "idle":
    time.sleep(1)
while kind == "loop":
    pass
while kind == "chatter":
    os.write(1, b"and so on\\n" * 100)
    time.sleep(0.01)
while time.process_time() < 2:
    pass
with open("status", "w") as file:
    file.write("7\\n")
"""


def check(name, good, context=""):
    results.append(bool(good))
    if not good:
        print(f"# {context}")
    print(f"{'ok' if good else 'not ok'} {len(results)} - {name}", flush=True)


class Pretended:
    """A clock, and threads that get a share of the processor's time."""

    def __init__(self, *shares):
        self.now, self.shares, self.waited = 100.0, shares, [5.0] * len(shares)

    def clock(self):
        return self.now

    def delays(self, _):
        return dict(enumerate(self.waited))

    def seconds_until_over(self, seconds):
        own = OwnTime(seconds, 1, self.clock, self.delays)
        begin = self.now
        while not own.over():
            self.now += 0.25
            self.waited = [waited + 0.25 * (1 - share) for waited, share in zip(self.waited, self.shares)]
        return self.now - begin


def test_counting():
    for name, shares, expected in (("one that idles, or works alone, has its time by the clock", (1, 1), 10),
                                   ("one that gets a quarter of the processor has four times as long", (0.25,), 40),
                                   ("so has one of two threads", (1, 0.25), 40),
                                   ("one that gets nothing does not wait for ever", (0,), 10 / LEAST)):
        seen = Pretended(*shares).seconds_until_over(10)
        check(name, abs(seen - expected) <= 0.5, f"{seen} s instead of {expected}")
    machine = Pretended(1, 0)
    own = OwnTime(10, 1, machine.clock, machine.delays)
    machine.now, machine.waited = machine.now + 9, [0.5]  # another thread, with an old one's number
    check("threads come and go", not own.over() and 0 < own.left <= 10, own.left)


def load():
    """More loops than there are processors."""
    return [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(4 * os.cpu_count())]


def unload(loops):
    for loop in loops:
        loop.kill()
        loop.wait()


def test_processes():
    loops = load()
    begin = time.monotonic()
    own = OwnTime(1000, loops[0].pid)
    time.sleep(2)
    own.over()
    passed = time.monotonic() - begin
    check("a real process among many is given more", 1000 - own.left < 0.7 * passed, f"{1000 - own.left} of {passed} s")
    unload(loops)
    child = subprocess.Popen(["sh", "-c", "sleep 60 & sleep 60"], start_new_session=True)
    time.sleep(0.5)
    check("grandchildren count too", len(run_delays(child.pid)) == 3, run_delays(child.pid))
    try:
        begin = time.monotonic()
        communicate(child, 0.5)
        check("one that idles is given up", False)
    except subprocess.TimeoutExpired:
        check("one that idles is given up", time.monotonic() - begin >= 0.5)
    os.killpg(child.pid, 9)
    child.wait()
    data = os.urandom(1 << 20)
    slow = subprocess.Popen(["sh", "-c", "sleep 1; cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    check("what a slow one is to read gets there", communicate(slow, 60, data) == (data, None))
    lazy = subprocess.Popen(["sleep", "1"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    check("nobody minds one that does not read", communicate(lazy, 60, data) == (b"", None))
    begin = time.monotonic()
    sleep(0.3)
    check("sleep sleeps", time.monotonic() - begin >= 0.3)


def run(folder, kind, timeout):
    begin = time.monotonic()
    environment = dict(os.environ, PATH=folder + ":" + os.environ["PATH"], FAKE=kind)
    done = subprocess.run(["tools/run", "--swap", "0", "--timeout", str(timeout), f"{BUILD}/hello.elf"], env=environment,
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    return done.returncode, done.stderr, time.monotonic() - begin


def test_run():
    with tempfile.TemporaryDirectory(prefix="pilotfish-test-") as folder:
        path = os.path.join(folder, "qemu-system-i386")
        with open(path, "w", encoding="ascii") as file:
            file.write(FAKE)
        os.chmod(path, 0o755)
        for kind in ("idle", "loop", "chatter"):
            status, said, passed = run(folder, kind, 2)
            check(f"a machine that hangs is ended: {kind}", status == 124 and said.startswith("run: time-out: the machine did not end within 2 s"
                  " of its own time (") and said.count("\n") == 1, (status, said, passed))
        # How much the load takes from it is for the system to say, so there are several attempts.
        for attempt in range(5):
            loops = load()
            status, said, passed = run(folder, "work", 3)
            unload(loops)
            print(f"# attempt {attempt + 1}: two seconds of work took {passed:.1f} s")
            if status != 7 or passed > 3:
                break
        check("one that others keep from its work is waited for", status == 7 and said == "" and passed > 3, (status, said, passed))


print("KTAP version 1")
test_counting()
test_processes()
test_run()
print(f"1..{len(results)}")
sys.exit(not all(results))
