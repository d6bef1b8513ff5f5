#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Drives the kernel debugger over the serial line, as a person would (docs/debugging.md)."""
import json
import os
import re
import socket
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, "tools")
import own_time

BUILD = os.environ.get("BUILD", "build")
PROMPT, PATIENCE = "kdb> ", 60
results = []


def check(name, condition, context=""):
    results.append(bool(condition))
    if not condition:
        print("".join(f"# {line}\n" for line in context.replace("\r", "").split("\n")[-40:]), end="")
    print(f"{'ok' if condition else 'not ok'} {len(results)} - {name}", flush=True)


class Machine:
    """A machine with its console on a pipe; without a manifest, the kernel of the tests, or a root task of theirs."""

    def __init__(self, append, manifest, files=(), qemu=(), root=None):
        self.folder = tempfile.TemporaryDirectory()
        path = os.path.join(self.folder.name, "manifest")
        with open(path, "w", encoding="ascii") as file:
            file.write(manifest or "")
        boot = ["--servers", f"{BUILD}/sigma0-minimal.elf", f"{BUILD}/{root}.elf"] if root else ["--ktest"] if manifest is None else ["--manifest", path]
        words = ["tools/run", *boot, "--append", append, "--swap", "0", "--timeout", "100"]
        words += [word for name in files for word in ("--file", f"{BUILD}/{name}.elf")]
        words += [f"--qemu={word}" for word in qemu]
        self.process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.text = ""

    def until(self, pattern):
        """What comes up to the pattern, and with it; all there is if it does not come in time."""
        own = own_time.OwnTime(PATIENCE)
        while not (found := re.search(pattern, self.text)):
            data = os.read(self.process.stdout.fileno(), 65536) if own.readable(self.process.stdout) else b""
            if not data:
                said, self.text = self.text, ""
                return said
            self.text += data.decode("ascii", "replace").replace("\r", "")
        said, self.text = self.text[:found.end()], self.text[found.end():]
        return said

    def write(self, text):
        self.process.stdin.write(text.encode())
        self.process.stdin.flush()

    def command(self, line):
        self.write(line + "\r")
        return self.until(re.escape(PROMPT))

    def wait(self):
        said = self.until(r"\Z(?!)")
        return said, self.process.wait()

    def end(self):
        self.process.terminate()
        self.process.wait()
        self.folder.cleanup()


def test_breakpoints():
    machine = Machine("kdb trace quiet", "quiet on\nserver console raw\nmain test-breakpoint\n", ("console", "test-breakpoint"))
    said = machine.until(re.escape(PROMPT))
    check("a string that is not mapped is told, not read", "<unmapped>" in said, said)
    check("a yield is one kernel entry, reading the counter another", "breakpoint: 2 entries" in said, said)
    check("int3 with a message enters the debugger", '"a message by address" ---' in said, said)
    page, thread = re.search(r"page at ([0-9a-f]+), my id ([0-9a-f]+)", said).groups()
    said = machine.command("help")
    commands = re.findall(r"^([a-z]+) ", said, re.M)
    check("help has a line for each command", len(commands) >= 13 and {"map", "continue"} <= set(commands), said)
    said = machine.command("threads")
    check("threads: the running one is the program", re.search(rf"^{thread} .* runs$", said, re.M), said)
    check("threads: what others wait for, in words", "waits for a message from any thread" in said, said)
    said = machine.command("thread")
    pager = re.search(r"pager ([0-9a-f]+)", said)
    check("thread: registers and pager of the running one", pager and "eax" in said and "last entry by vector 3" in said, said)
    said = machine.command("thread " + (pager[1] if pager else "0"))
    check("thread ID: the pager waits", "waits for a message" in said, said)
    said = machine.command("thread 123")
    check("thread: an id that is none is told", "no such thread" in said, said)
    said = machine.command("spaces")
    check("spaces: sigma0, root and the programs", "sigma0" in said and "root" in said and said.count("\n") >= 5, said)
    said = machine.command(f"threads {thread}")
    check("threads SPACE: only its own", said.count("\n") == 4 and thread in said, said)
    said = machine.command(f"map {thread} {page}")
    check("map: the page comes from sigma0", re.search(rf"^frame .*\nsigma0\n  space . .* at 0*{page} rwx.* depth 1  <--$", said, re.M), said)
    said = machine.command(f"map {thread} 0x9000000")
    check("map: nothing is there", "nothing is mapped" in said, said)
    said = machine.command(f"dump {page} {thread}")
    check("dump: bytes of the program", said.count("78787878") == 32 and "xxxxxxxxxxxxxxxx" in said, said)
    said = machine.command("dump 9000000") + machine.command("dump ff400000")
    check("dump: nothing there is told", said.count("--------") == 64, said)
    said = machine.command("layout")
    check("layout: no page of the kernel is writable and executed, one is the users'",
          "0 rules broken" in said and re.search(r" r- kernel.* kernel text", said) and said.count(" user ") == 1, said)
    text = re.search(r"^([0-9a-f]+)-[0-9a-f]+ r- kernel", said, re.M)
    said = machine.command("dump " + (text[1] if text else "0"))
    check("dump: the kernel", "--------" not in said and said.count("\n") >= 8, said)
    said = machine.command("ready")
    check("ready: who runs", f"runs: {thread}" in said, said)
    said = machine.command("memory")
    check("memory by owner", "pool" in said and "mappings of 16 bytes" in said and "page tables" in said, said)
    said = machine.command("counters")
    check("counters: entries and messages", re.search(r"^ *[1-9]\d* kernel entries$", said, re.M) and re.search(r"^ *[1-9]\d* messages$", said, re.M), said)
    said = machine.command("trace 5")
    check("trace: the last event is the program's mark", re.search(rf"mark thread={thread} word=4d41524b", said) and said.count("\ntrace ") == 5, said)
    test_dump(machine.command("trace dump"))
    said = machine.command("nonsense") + machine.command("t") + machine.command("dump xyz") + machine.command("map 1")
    check("mistakes are told", said.count("no such command") == 2 and "not a hexadecimal" in said and "missing" in said, said)
    said = machine.command("coun\x7f\x7f\x7f\x7f\x15timers")
    check("the line can be edited", "tick " in said and "no such" not in said, said)
    said = machine.command("continue")
    check("a message at a bad address", '"<unmapped>" ---' in said, said)
    said = machine.command("c" + "ontinue")
    check("text in the code", '"text in the code" ---' in said, said)
    said = machine.command("continue")
    check("a bare breakpoint", '"" ---' in said, said)
    machine.write("continue\r")
    said, status = machine.wait()
    check("and the program goes on to its end", "breakpoint: over" in said and status == 0, said)
    machine.end()


def test_dump(log):
    done = subprocess.run(["tools/trace2json"], input=log.encode(), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
    try:
        events = json.loads(done.stdout)["traceEvents"]
    except ValueError:
        events = []
    names = {event["name"].split()[0] for event in events}
    check("trace dump becomes a timeline", {"runs", "fault", "receive", "mark"} <= names, log)
    last = max((event.get("ts", 0) for event in events), default=0)
    check("its times are those of the machine", 1000 < last < 60e6, str(last))


def test_without_word():
    machine = Machine("quiet", "quiet on\nserver console raw\nmain test-breakpoint\n", ("console", "test-breakpoint"))
    said, status = machine.wait()
    check("without the word kdb the program runs through its breakpoints", status == 0 and "breakpoint: over" in said, said)
    check("and leaves no note, nor is a string printed or a counter told", "---" not in said and "<unmapped>" not in said
          and "breakpoint: 0 entries" in said and PROMPT not in said, said)
    machine.end()


def test_key():
    machine = Machine("kdb", "# nothing\n")
    machine.until("physmem: .*\n")
    own_time.sleep(0.5)
    machine.write("xy\x0b")
    said = machine.until(re.escape(PROMPT))
    check("Ctrl-K enters the debugger of an idle machine", "entered by Ctrl-K" in said, said)
    said = machine.command("ready")
    check("ready: idle", "idle" in said, said)
    said = machine.command("trace")
    check("trace: says how to get one", "the word trace" in said, said)
    machine.write("continue\r")
    own_time.sleep(0.3)
    machine.write("\x0b")
    said = machine.until(re.escape(PROMPT))
    check("and again", "entered by Ctrl-K" in said, said)
    machine.write("reboot\r")
    machine.wait()
    check("reboot resets the machine", machine.process.returncode is not None)
    machine.end()


def test_stripped(machine):
    """Beside thread 104001, the only one of a space that is stripped."""
    machine.until(re.escape(PROMPT))
    said = machine.command("threads 104001")
    check("a stripped space: its thread is listed", re.search(r"^104001 .*waits for", said, re.M), said)
    said = machine.command("thread 104001")
    check("a stripped space: registers and pager of its thread", "pager c8001" in said and "eax" in said, said)
    said = machine.command("memory")
    check("a stripped space: what is left of it", re.search(r" 1 KiB  space .* 0 page tables, stripped$", said, re.M)
          and "1 UTCBs of stripped spaces of 512 bytes" in said, said)
    said = machine.command("map 104001 b0000000") + machine.command("dump b0000000 104001")
    check("a stripped space: nothing is mapped", "nothing is mapped" in said and said.count("--------") == 32, said)


def test_read_char_blocked():
    """tests/roots/read_key.c counts while its other thread waits for a key."""
    machine = Machine("kdb", None, root="read_key")
    for name, key in (("int3", "q"), ("int $3", "7")):
        said = machine.until(re.escape(name) + ": type\n")
        own_time.sleep(0.2)
        check(f"{name}: while a thread waits for a key another one runs", said.endswith(": type\n"), said)
        machine.write(key)
        said = machine.until(re.escape(name) + ": .*\n")
        check(f"{name}: the key that was typed comes back", said.endswith(f": key {key}\n"), said)
    test_stripped(machine)
    machine.write("continue\r")
    said, status = machine.wait()
    check("and the machine ends", status == 0, said)
    machine.end()


def test_nmi():
    path = os.path.join(tempfile.mkdtemp(), "qmp")
    machine = Machine("kdb quiet", "server console\n", ("console",), ("-qmp", f"unix:{path},server,nowait"))
    machine.until("physmem: ")
    own_time.sleep(1)
    control = socket.socket(socket.AF_UNIX)
    control.connect(path)
    for command in ("qmp_capabilities", "inject-nmi"):
        control.sendall(json.dumps({"execute": command}).encode())
        own_time.sleep(0.2)
    said = machine.until(re.escape(PROMPT))
    check("an NMI enters while a program has the serial line", "--- NMI at" in said and "entered by NMI" in said, said)
    said = machine.command("threads")
    check("and sees the threads", "waits for" in said, said)
    machine.end()
    os.unlink(path)
    os.rmdir(os.path.dirname(path))


def test_panic():
    machine = Machine("ktest kdb trace panic", None)
    said = machine.until(re.escape(PROMPT))
    check("a panic tells its cause", "kernel panic: as the word panic says" in said, said)
    check("and where, with names", re.search(r"return addresses on the stack:\n(  c0[0-9a-f]+ \w+\+.*\n)*  c0[0-9a-f]+ kernel_main\+", said), said)
    said = machine.command("threads") + machine.command("spaces") + machine.command("dump c0100000") + machine.command("memory") + machine.command("ready")
    check("the debugger works before there is anything to see", "idle" in said, said)
    said = machine.command("continue")
    check("after a panic there is no continue", "only reboot" in said, said)
    machine.end()


def test_panic_exception():
    """One that tests/kernel/protection_test.c has: the kernel reads a page of the current thread's, and SMAP is on."""
    machine = Machine("ktest kdb trace read-user", None, (), ("-cpu", "max"))
    said = machine.until(re.escape(PROMPT))
    cause = re.search(r"^kernel panic: exception 14 in the kernel: error 1, ip ([0-9a-f]+), cr2 5000\ncurrent thread ([0-9a-f]+), ip 0\n", said, re.M)
    check("an exception's panic tells the cause and the thread", cause, said)
    ip, thread = cause.groups() if cause else ("none", "none")
    row = "".join(rf"{name} [0-9a-f]{{8}}[ \n]" for name in "eax ebx ecx edx esi edi ebp esp".split())
    check("the registers", re.search(rf"^{row}ip {ip} flags [0-9a-f]{{8}} cs 8\n", said, re.M), said)
    places = re.findall(r"^  ([0-9a-f]{8}) (\w+)\+[0-9a-f]+$", said.partition("return addresses on the stack:\n")[2], re.M)
    check("where it was, and who had called, with names",
          places and places[0] == (ip, "read_user") and "kernel_main" in [name for _, name in places], said)
    events = re.findall(r"^trace (\d+) [0-9a-f]+ 0 (.*)$", said.partition("last events:\n")[2], re.M)
    check("the last events, with the word trace", [number for number, _ in events] == ["0", "1", "2"]
          and events[2][1] == f"switch from=0 to={thread} partner=0 state=idle", said)
    check("and the debugger", "entered by panic" in said and "trace begin" not in said, said)
    machine.end()


def main():
    print("KTAP version 1")
    test_breakpoints()
    test_without_word()
    test_key()
    test_read_char_blocked()
    test_nmi()
    test_panic()
    test_panic_exception()
    print(f"1..{len(results)}")
    sys.exit(not all(results))


if __name__ == "__main__":
    main()
