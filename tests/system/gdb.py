#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The commands of tools/pilotfish-gdb.py on a machine under gdb, as `make debug` has it (docs/debugging.md)."""
import os
import re
import signal
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, "tools")
import own_time

BUILD = os.environ.get("BUILD", "build")
CONSOLE, PATIENCE = "build/debug.txt", 20
SIGMA0, ROOT = "c0001", "c8001"
results = []


def check(name, condition, context=""):
    results.append(bool(condition))
    if not condition:
        print("".join(f"# {line}\n" for line in context.split("\n")[-40:]), end="")
    print(f"{'ok' if condition else 'not ok'} {len(results)} - {name}", flush=True)


class Gdb:
    """gdb with a machine that is halted at reset; its console goes to a file."""

    def __init__(self, folder, append):
        path = os.path.join(folder, "manifest")
        with open(path, "w", encoding="ascii") as file:
            file.write("server console\n")
        # gdb's child outlives gdb when that is killed: it has a time-out of its own
        machine = f"tools/own_time.py 50 tools/run --gdb --mem 16 --swap 0 --append '{append}' --manifest {path} --file {BUILD}/console.elf"
        with open(CONSOLE, "w", encoding="ascii"):
            pass  # what an earlier machine said
        self.process = subprocess.Popen(["gdb", "-q", "-nx", "-x", "boot/debug.gdb"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT, env=dict(os.environ, DEBUG=machine))
        self.count = 0

    def write(self, line):
        self.process.stdin.write(line.encode() + b"\n")
        self.process.stdin.flush()

    def command(self, line):
        """What the command prints."""
        self.count += 1
        self.write(f"{line}\necho \\nend {self.count}\\n")
        end, said, own = f"\nend {self.count}\n", "", own_time.OwnTime(PATIENCE)
        while end not in said:
            data = os.read(self.process.stdout.fileno(), 65536) if own.readable(self.process.stdout) else b""
            if not data:
                return said + "(no more)"
            said += data.decode("ascii", "replace")
        return said[:said.index(end)].replace("(gdb) ", "")

    def run_until(self, text):
        """Lets the machine run until its console says the text, a moment longer, and interrupts it."""
        self.write("continue")
        def said():
            with open(CONSOLE, encoding="ascii", errors="replace") as file:
                return file.read()
        own_time.OwnTime(PATIENCE).until(lambda: text in said())
        own_time.sleep(2)
        self.process.send_signal(signal.SIGINT)
        return said()

    def end(self):
        try:
            own_time.communicate(self.process, PATIENCE, b"kill\nquit\n")
        except (subprocess.TimeoutExpired, BrokenPipeError):
            self.process.kill()
            self.process.wait()


def test_idle(folder):
    gdb = Gdb(folder, "trace")
    console = gdb.run_until("task 2 (console): starts")
    said = gdb.command("l4 threads")
    check("an interrupt stops the machine", "SIGINT" in said and "starts" in console, console + said)
    threads = re.findall(r"^([0-9a-f]+) +(\d+)\.(\d+) +(\d+) +(\d+) ([0-9a-f]{8}) ([0-9a-f]{8}) (.+)$", said, re.M)
    state = {thread[0]: thread[7] for thread in threads}
    check("threads: sigma0 and the root task wait for anybody",
          state.get(SIGMA0) == "waits for anybody" and state.get(ROOT) == "waits for anybody", said)
    check("threads: the console's wait, one of them for the serial line's interrupt",
          [thread[7] for thread in threads if thread[2] == "2"].count("waits for 10001") == 1 and "runs" not in state.values(), said)
    check("threads: number and task are those of the id",
          len(threads) >= 5 and all(int(thread[0], 16) == int(thread[1]) << 14 | int(thread[2]) for thread in threads), said)
    check("threads: all of them are in user code", all(int(thread[5], 16) < 0xC0000000 for thread in threads), said)
    test_spaces(gdb, threads)
    said = gdb.command(f"l4 thread {SIGMA0}")
    check("thread: the control block", f"global_id = {int(SIGMA0, 16)}," in said and "regs = {" in said and f"scheduler = {int(ROOT, 16)}," in said, said)
    said = gdb.command("l4 thread 123")
    check("thread: an id that is none is told", "123: no such thread" in said, said)
    # The pages of the root task's program are mapped one-to-one.
    frame = [int(thread[5], 16) & ~0xFFF for thread in threads if thread[0] == ROOT]
    said = gdb.command(f"l4 tree {frame[0]:#x}" if frame else "l4 tree 0")
    found = re.search(r"^sigma0\n  entry at c[0-9a-f]{7}: ([0-9a-f]{8})(?: writable)? accessed(?: dirty)?\n*\Z", said)
    check("tree: the root task has the page where it runs from sigma0", found and int(found[1], 16) & ~0xFFF == frame[0], said)
    said = gdb.command("l4 tree 0xfffff000")
    check("tree: what is no memory is told", "not a frame of memory" in said, said)
    test_trace(gdb, state)
    gdb.end()


def test_spaces(gdb, threads):
    said = gdb.command("l4 spaces")
    spaces = re.findall(r"^ *(\d+) +(\d+) ([0-9a-f]+) +(\d+)  ([0-9a-f]{8}) (\d+)$", said, re.M)
    of = {thread[0]: thread[3] for thread in threads}
    check("spaces: one each for sigma0, the root task and the console", len(spaces) == 3 == len(set(of.values())), said)
    check("spaces: first threads, and how many there are",
          all(of.get(first) == number and list(of.values()).count(number) == int(count) for number, count, first, *_ in spaces), said)
    check("spaces: kernel memory, a page directory of its own, page tables",
          all(int(kmem) > 4096 and int(tables) > 0 for _, _, _, kmem, _, tables in spaces)
          and len({directory for *_, directory, _ in spaces}) == 3, said)


def test_trace(gdb, state):
    said = gdb.command("l4 trace 5")
    events = re.findall(r"^ *(\d+) +([0-9a-f]+) (\w+) +thread ([0-9a-f]+) [0-9a-f]+ [0-9a-f]+ \(\d+\)$", said, re.M)
    check("trace COUNT: so many events, in order", len(events) == 5 and int(events[4][0]) - int(events[0][0]) == 4
          and sorted(events, key=lambda event: int(event[1], 16)) == events, said)
    said = gdb.command("l4 trace 2048")
    events = re.findall(r"^ *(\d+) +([0-9a-f]+) (\w+) +thread ([0-9a-f]+) ", said, re.M)
    check("trace: the kinds of a boot", {"switch", "ipc", "fault", "map", "control"} <= {event[2] for event in events}, said)
    check("trace: of the threads that there are", set(state) <= {event[3] for event in events}, said)
    said = gdb.command("l4 trace")
    check("trace: 20 events without a count", len(re.findall(r" thread ", said)) == 20, said)


def test_breakpoint(folder):
    gdb = Gdb(folder, "quiet")
    gdb.command("tbreak syscall_ipc")
    stopped = gdb.command("continue")
    said = gdb.command("l4 threads")
    check("at the breakpoint of a system call one thread runs",
          "syscall_ipc" in stopped and len(re.findall(r" runs$", said, re.M)) == 1, stopped + said)
    said = gdb.command("l4 trace")
    check("trace: says how to get one", "needs the word trace" in said, said)
    gdb.end()


def main():
    print("KTAP version 1")
    with tempfile.TemporaryDirectory(prefix="pilotfish-") as folder:
        test_idle(folder)
        test_breakpoint(folder)
    print(f"1..{len(results)}")
    sys.exit(not all(results))


if __name__ == "__main__":
    main()
