# SPDX-License-Identifier: BSD-2-Clause
"""The machine's console, between QEMU and our standard input and output."""
import contextlib
import json
import os
import re
import socket
import sys
import termios
import threading
import time

# servers/console/input.h: in the quoted mode these three bytes mean something, and QUOTE makes the
# next byte data.
END, QUOTE, FINISHED = b"\x04", b"\x16", b"\x19"
SPECIAL = re.compile(b"[" + END + QUOTE + FINISHED + b"]")


def quoted(data):
    return SPECIAL.sub(lambda match: QUOTE + match[0], data)


# ---- in ----

def wait_for_reader(folder):
    """Waits until the machine wants bytes of its serial line (bit 0 of port 0x3f9); what comes
    earlier would be lost."""
    monitor = socket.socket(socket.AF_UNIX)
    while monitor.connect_ex(os.path.join(folder, "qmp")) != 0:
        time.sleep(0.01)
    look = json.dumps({"execute": "human-monitor-command", "arguments": {"command-line": "i /b 0x3f9"}}) + "\n"
    with monitor, monitor.makefile("rw", encoding="utf-8") as lines:
        lines.readline()
        lines.write('{"execute": "qmp_capabilities"}\n')
        answer = ""
        while "= 0x01" not in answer and "= 0x03" not in answer:
            time.sleep(0.02)
            lines.write(look)
            lines.flush()
            answer = lines.readline()
            if not answer:
                return


def write_all(fd, data):
    while data:
        data = data[os.write(fd, data):]


class Input:
    """Gives the machine our standard input, in a thread of its own that ends with us.

    quotes: the machine's console is in the quoted mode, so every byte can go in and the end is no
    byte.  Otherwise bytes go as they are, and behind them the byte that ends the input of consoles.
    QEMU takes no more than the machine wants; what is not taken stays with whoever writes to us."""

    def __init__(self, machine, folder, quotes, at_once):
        self.fd, self.folder, self.quotes, self.at_once = machine.stdin.fileno(), folder, quotes, at_once
        threading.Thread(target=self.feed, daemon=True).start()

    def feed(self):
        try:
            if not self.at_once:
                wait_for_reader(self.folder)
            self.feed_to_end()
            while os.isatty(0):  # where more can come behind ^D
                write_all(self.fd, END)
                self.feed_to_end()
            write_all(self.fd, FINISHED if self.quotes else END)
        except (OSError, ValueError):
            pass  # the machine has ended

    def feed_to_end(self):
        while data := os.read(0, 65536):
            write_all(self.fd, quoted(data) if self.quotes else data)


@contextlib.contextmanager
def keys_as_typed(wanted):
    """The terminal gives every key as it is typed and shows none: the machine's own console does
    that."""
    if not wanted or not os.isatty(0) or os.tcgetpgrp(0) != os.getpgrp():
        yield
        return
    before = termios.tcgetattr(0)
    now = termios.tcgetattr(0)
    now[0] &= ~(termios.ICRNL | termios.INLCR | termios.IGNCR | termios.IXON)
    now[3] &= ~(termios.ECHO | termios.ECHONL | termios.ICANON | termios.IEXTEN)
    now[6][termios.VMIN], now[6][termios.VTIME] = 1, 0
    termios.tcsetattr(0, termios.TCSANOW, now)
    try:
        yield
    finally:
        termios.tcsetattr(0, termios.TCSADRAIN, before)


# ---- out ----

def pump(machine, own, until):
    """Passes the console's output through until the machine ends, our own time is over, or a line
    matches."""
    wanted = re.compile(until.encode()) if until else None
    line = b""
    while True:
        if not own.readable(machine.stdout):
            return "time-out"
        data = os.read(machine.stdout.fileno(), 65536)
        if not data:
            return "ended"
        write_all(sys.stdout.fileno(), data)
        if wanted:
            *lines, line = (line + data).split(b"\n")
            if any(wanted.search(text) for text in lines):
                return "matched"
