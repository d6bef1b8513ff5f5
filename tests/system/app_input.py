#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Standard input: every byte arrives, and then the end, however fast it is sent and however slowly
it is read.  At a terminal ^D and ^C do what they do everywhere, and two runs at once have nothing
in common."""
import os
import pty
import random
import signal
import subprocess
import sys
import time
import zlib

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), "common"))
from app import BUILD, PATIENCE, TOOL, check, compile_program, own_time, plan, results, run, write

SEED, MEGABYTES = int(os.environ.get("SEED", "20261128")), int(os.environ.get("MEGABYTES", "2"))
chance = random.Random(SEED)

# Reads to the end (asking once more there) in pieces of a size, with a rest of so many milliseconds
# now and then.
count = compile_program("count", r"""
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
int main(int argc, char **argv)
{
    static unsigned char bytes[65536];
    size_t piece = argc > 1 ? (size_t)atoi(argv[1]) : sizeof bytes;
    unsigned rest = argc > 2 ? (unsigned)atoi(argv[2]) * 1000 : 0;
    unsigned long size = 0, crc = 0xffffffff, reads = 0;
    ssize_t n;
    while ((n = read(0, bytes, piece)) > 0) {
        for (ssize_t i = 0; i < n; i++) {
            crc ^= bytes[i];
            for (int k = 0; k < 8; k++)
                crc = crc & 1 ? crc >> 1 ^ 0xedb88320 : crc >> 1;
        }
        size += (unsigned long)n;
        if (rest && reads++ % 50 == 0)
            usleep(rest);
    }
    printf("%lu %08lx %d\n", size, crc ^ 0xffffffff, (int)read(0, bytes, 1));
    return n != 0;
}
""")
# Reads so many bytes (none, some), sleeps, and ends.
lazy = compile_program("lazy", r"""
#include <stdlib.h>
#include <unistd.h>
int main(int argc, char **argv)
{
    char byte;
    for (int i = 0; argc > 1 && i < atoi(argv[1]); i++)
        if (read(0, &byte, 1) != 1)
            return 1;
    sleep(1);
    return 9;
}
""")
shout = compile_program("shout", r"""
#include <stdio.h>
int main(void)
{
    char line[300];
    puts("ready");
    fflush(stdout);
    while (fgets(line, sizeof line, stdin)) {
        printf("<%s>", line);
        fflush(stdout);
    }
    puts("end");
    clearerr(stdin);
    return fgets(line, sizeof line, stdin) ? line[0] : 3;
}
""")

# Forty threads read at once: says how many were refused while nobody typed, and ends with what the first got.
crowd = compile_program("crowd", r"""
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include "pilotfish/thread.h"
enum { THREADS = 40, PLACES = 4 };
static volatile int refused;
static void reader(void *argument)
{
    char c;
    (void)argument;
    if (read(0, &c, 1) == 1) {
        if (c != '\n')
            exit(c);
        return;
    }
    __atomic_add_fetch(&refused, 1, __ATOMIC_SEQ_CST);
}
int main(void)
{
    struct thread *thread;
    for (int i = 0; i < THREADS; i++)
        if (thread_start(reader, NULL, 4, &thread) != 0)
            return 1;
    while (refused < THREADS - PLACES)
        usleep(1000);
    usleep(100000);
    printf("%d refused\n", refused);
    fflush(stdout);
    for (;;)
        usleep(1000000);
}
""")


def line_of(data):
    return b"%d %08x 0\n" % (len(data), zlib.crc32(data))


def counted(name, data, *words):
    status, output, said = run(TOOL, count, "--", *words, data=data)
    check(name, status == 0 and output == line_of(data), (status, output, line_of(data), said))


class Terminal:
    """A command at a terminal of its own."""

    def __init__(self, *words):
        self.text = b""
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            os.execvp(words[0], words)

    def until(self, wanted):
        """True as soon as the text has come; what is before it is forgotten."""
        own = own_time.OwnTime(PATIENCE)
        while wanted not in self.text:
            data = self.read() if own.readable(self.fd) else b""
            if not data:
                return False
            self.text += data
        self.text = self.text[self.text.index(wanted) + len(wanted):]
        return True

    def read(self):
        try:
            return os.read(self.fd, 65536)
        except OSError:
            return b""  # nobody has the terminal any more

    def type(self, text):
        os.write(self.fd, text)

    def end(self):
        """(status, what else was shown); negative: the signal."""
        own = own_time.OwnTime(PATIENCE)
        while own.readable(self.fd) and (data := self.read()):
            self.text += data
        if own.left <= 0:
            os.kill(self.pid, signal.SIGKILL)
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1]), self.text


def test_pipes():
    counted("no input", b"")
    counted("one byte", b"\x04")
    counted("all bytes, each behind each", bytes(b for i in range(256) for k in range(256) for b in (i, k)))
    counted("input that ends without a newline", b"one\ntwo")
    counted("only what means something to consoles", b"\x04\x16\x19\x16\x16\x04\x03\x1c\x11\x13\x7f\x08\x15\r\n\0" * 500)
    counted(f"{MEGABYTES} MiB of random bytes", chance.randbytes(MEGABYTES << 20))
    counted("a reader that is slow and takes 7 bytes a time", chance.randbytes(20000), "7", "5")
    counted("a reader that sleeps at first", chance.randbytes(30000), "4096", "1000")
    status, output, said = run(TOOL, lazy, data=b"x" * 300000)
    check("a program that does not read ends all the same", status == 9 and output == said == b"", (status, output, said))
    status, output, said = run(TOOL, lazy, "--", "10", data=b"y" * 300000)
    check("so does one that reads a little", status == 9 and output == said == b"", (status, output, said))
    status, output, said = run("sh", "-c", f"(printf a; sleep 2; printf b) | {TOOL} {count}")
    check("what comes late comes", output == line_of(b"ab"), (status, output, said))
    status, output, said = run("sh", "-c", f"{TOOL} {count} <&-")
    check("a closed standard input is at its end", output == line_of(b""), (status, output, said))
    status, output, said = run("sh", "-c", f"yes | {TOOL} {lazy} --  100000")
    check("input without an end, of which a part is read", status == 9, (status, output, said))
    status, output, said = run("sh", "-c", f"make -s -j4 run APP={count} <{write('some', b'z' * 70000)}")
    check("through make as well", output == line_of(b"z" * 70000), (status, output, said))


def test_modes():
    """The console's other modes, as a manifest asks for them: 0x04 ends the input once."""
    for words, data in (("raw", b"a\rb\n"), ("", b"ax\x7fb\r")):
        manifest = write("manifest", f"quiet on\nserver console {words}\nmain shout\n".encode())
        status, output, said = run(TOOL, "--append", "quiet", "--swap", "0", "--timeout", "5", "--manifest", manifest,
                                   "--file", f"{BUILD}/console.elf", "--file", shout, data=data)
        if words == "raw":
            output = output[output.find(b"ready"):]
            check("a raw console passes bytes as they are", output == b"ready\n<a\rb\n>end\n" and status == 124, (status, output, said))
        else:
            check("a console without words echoes, erases and takes lines", b"ax\b \bb\r\n" in output and
                  b"<ab\r\n>" in output and b"end\r\n" in output, (status, output, said))


def test_terminal():
    machine = Terminal(TOOL, shout)
    ready = machine.until(b"ready")
    machine.type(b"hello\n")
    line = machine.until(b"<hello\r\n>")
    machine.type(b"wor\x7fw\n")
    erased = machine.until(b"<wow\r\n>")
    machine.type(b"\x04")
    end = machine.until(b"end")
    machine.type(b"X\n")
    status, text = machine.end()
    check("a terminal gives lines, after erasing", ready and line and erased, text)
    check("^D ends the input, and more can come behind it", end and status == ord("X"), (status, text))
    machine = Terminal(TOOL, crowd)
    ready = machine.until(b"36 refused\r\n")
    machine.type(b"C\n")
    status, text = machine.end()
    check("of forty threads four wait for what is typed", ready and status == ord("C"), (ready, status, text))
    for words in ((TOOL, shout), ("make", "-s", "run", "APP=" + shout), ("make", "run", "APP=" + shout)):
        machine = Terminal(*words)
        ready = machine.until(b"ready\r\n")
        machine.type(b"\x03")
        status, text = machine.end()
        check(f"^C ends {' '.join(words[:3])[:20]} without a word", ready and text == b"^C" and status in (130, -signal.SIGINT), (status, text))
    machine = Terminal(TOOL, shout)
    time.sleep(0.05 + chance.random() / 10)  # while Python starts
    machine.type(b"\x03")
    status, text = machine.end()
    check("nor is there one when it comes at once", text == b"^C" and status in (130, -signal.SIGINT), (status, text))
    machine = Terminal("sh", "-c", f"stty -a; {TOOL} --demo; stty -a")
    machine.until(b"vmstat")
    machine.type(b"\x03")
    _, text = machine.end()
    check("^C leaves the terminal as it was", b" -echo " not in text and b"-icanon" not in text, text)


def test_at_once():
    machines = [subprocess.Popen(["make", "-s", "run", "APP=" + count, f"ARGS={100 + i}"], stdin=subprocess.PIPE,
                                 stdout=subprocess.PIPE, stderr=subprocess.PIPE) for i in range(4)]
    data = [chance.randbytes(5000 * i) for i in range(4)]
    seen = [own_time.communicate(machine, PATIENCE, piece) for machine, piece in zip(machines, data)]
    check("runs at once have their own input and output", seen == [(line_of(piece), b"") for piece in data], seen)
    number = compile_program("number", "#include <stdlib.h>\nint main(int c, char **v) { return c > 1 ? atoi(v[1]) : 0; }\n")
    machines = [subprocess.Popen(["make", "-s", "run", "APP=" + number, f"ARGS={i}"], stdin=subprocess.DEVNULL) for i in (0, 7, 99, 255)]
    seen = [own_time.wait(machine, PATIENCE) for machine in machines]
    check("and their own status", seen == [0, 7, 99, 255], seen)
    left = [name for name in os.listdir(BUILD) if name.startswith(("status", "last-status"))]
    check("and leave nothing behind", not left, left)


plan(27)
print(f"# seed {SEED}")
for test in (test_pipes, test_modes, test_terminal, test_at_once):
    test()
sys.exit(not all(results))
