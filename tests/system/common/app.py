# SPDX-License-Identifier: BSD-2-Clause
"""For tests in Python that boot programs of their own with tools/run: KTAP results, a scratch
folder, a compiler. They run at the top of the tree."""
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, "tools")
import own_time

BUILD = os.environ.get("BUILD", "build")
TOOL, PATIENCE = "tools/run", 240
folder = tempfile.TemporaryDirectory(prefix="pilotfish-test-")
results = []


def plan(count):
    print(f"KTAP version 1\n1..{count}", flush=True)


def check(name, good, context=""):
    results.append(bool(good))
    if not good:
        lines = (context if isinstance(context, str) else repr(context)).split("\n")
        print("".join(f"# {line[:300]}\n" for line in lines[-25:]), end="")
    print(f"{'ok' if good else 'not ok'} {len(results)} - {name}", flush=True)


def place(name):
    return os.path.join(folder.name, name)


def write(name, data):
    with open(place(name), "wb") as file:
        file.write(data)
    return place(name)


def compile_program(name, text, *options):
    """The C program becomes a file in the scratch folder, like any program made outside the tree."""
    source = write(name + ".c", text.encode())
    subprocess.run(["tools/pilotfish-cc", "-O2", "-Wall", *options, "-o", place(name), source], check=True)
    return place(name)


def run(*words, data=b"", environment=None):
    """(status, output, complaints) of a command whose standard input is those bytes."""
    process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                               env={**os.environb, **(environment or {})})
    try:
        output, complaints = own_time.communicate(process, PATIENCE, data)
    finally:
        process.kill()
    return process.returncode, output, complaints
