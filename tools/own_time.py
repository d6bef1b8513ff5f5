#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Time-outs that a loaded machine does not shorten.

tools/own_time.py SECONDS COMMAND...    the command, ended with all it has started after so much of its own time

The own time of a process is the time in which it could go on: what the clock shows, less what it
and all that it has started have spent ready to run while others had the processor (the run delay of
Linux's schedstat).  A process that hangs, idle or in a loop, uses its time up as fast as the load
lets it; one that is kept from working does not.  However great the load is, a fiftieth of the
clock's time counts, so that every wait ends.  Where the system does not tell run delays, the clock
alone counts."""
import os
import select
import signal
import subprocess
import sys
import threading
import time

TICK = 0.2  # seconds between two looks
LEAST = 1 / 50  # of the clock's time that counts in any case
TIMED_OUT = 124


def run_delays(root):
    """Seconds that each thread of a process, and of all it has started, has waited for a processor."""
    delays, processes = {}, [root]
    while processes:
        folder = f"/proc/{processes.pop()}/task"
        try:
            threads = os.listdir(folder)
        except OSError:
            continue  # it has ended
        for thread in threads:
            try:
                with open(f"{folder}/{thread}/schedstat", encoding="ascii") as file:
                    delays[thread] = int(file.read().split()[1]) / 1e9
                with open(f"{folder}/{thread}/children", encoding="ascii") as file:
                    processes += file.read().split()
            except (OSError, IndexError, ValueError):
                pass
    return delays


class OwnTime:
    """So many seconds of a process's own time, from now on.  root: its id; by default we ourselves
    with all that we have started."""

    def __init__(self, seconds, root=None, clock=time.monotonic, delays=run_delays):
        self.root, self.clock, self.delays = root or os.getpid(), clock, delays
        self.seconds = self.left = seconds
        self.begin = self.last = clock()
        self.before = delays(self.root)

    def over(self):
        now, delays = self.clock(), self.delays(self.root)
        passed = now - self.last
        waited = sum(max(0, delay - self.before.get(thread, 0)) for thread, delay in delays.items())
        self.left -= max(passed - waited, passed * LEAST)
        self.last, self.before = now, delays
        return self.left <= 0

    def __str__(self):
        return f"{self.seconds:g} s of its own time ({self.last - self.begin:.0f} s by the clock)"

    def readable(self, file):
        """Waits for something to read, or the end of the file.  False: the time is over first."""
        while True:
            if self.clock() - self.last >= TICK and self.over():
                return False  # even if there is always something
            if select.select([file], [], [], TICK)[0]:
                return True

    def until(self, condition):
        """Waits for a condition.  False: the time is over first."""
        while not condition():
            if self.over():
                return False
            time.sleep(min(TICK, 0.05))
        return True


def sleep(seconds):
    """Lets pass so much of the own time of all that we have started."""
    own = OwnTime(seconds)
    while not own.over():
        time.sleep(max(0.001, min(TICK, own.left)))


def feed(file, data):
    try:
        with file:
            file.write(data)
    except OSError:
        pass  # nobody reads


def communicate(process, seconds, data=None):
    """What process.communicate() gives; raises subprocess.TimeoutExpired when its own time is over."""
    own = OwnTime(seconds, process.pid)
    if data is not None:  # process.communicate() would forget the rest when it is called again
        threading.Thread(target=feed, args=(process.stdin, data), daemon=True).start()
        process.stdin = None
    while True:
        try:
            return process.communicate(timeout=TICK)
        except subprocess.TimeoutExpired:
            if own.over():
                raise


def wait(process, seconds):
    """The same for process.wait()."""
    own = OwnTime(seconds, process.pid)
    if not own.until(lambda: process.poll() is not None):
        raise subprocess.TimeoutExpired(process.args, seconds)
    return process.returncode


class Alarm(threading.Thread):
    """Calls a function when a process's own time is over, unless it has been cancelled."""

    def __init__(self, seconds, process, function):
        super().__init__(daemon=True)
        self.own, self.function, self.cancelled, self.rang = OwnTime(seconds, process.pid), function, threading.Event(), False
        self.start()

    def run(self):
        while not self.cancelled.wait(TICK):
            if self.own.over():
                self.rang = True
                self.function()
                return

    def cancel(self):
        self.cancelled.set()


def main():
    seconds, command = float(sys.argv[1]), sys.argv[2:]
    process = subprocess.Popen(command, start_new_session=True)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # it is for whoever has the terminal
    try:
        return wait(process, seconds)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGTERM)
        return TIMED_OUT


if __name__ == "__main__":
    sys.exit(main())
