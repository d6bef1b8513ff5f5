#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""A page of a program's text is on the swap disk twice: where the first copy is damaged the program
goes on, where both are it ends with a line that says so."""
import os
import subprocess
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), "common"))
from app import PATIENCE, TOOL, check, compile_program, own_time, place, plan, results

PAGE, MARK = 4096, b"a page of text: "

# Fills more memory than there is, says so, and looks at its page when a line comes.
program = compile_program("damaged", r"""
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
enum { BYTES = 24 << 20, PAGE = 4096 };
#define TIMES_4(x) x x x x
__attribute__((aligned(PAGE))) static const char page[PAGE + 1] =
    TIMES_4(TIMES_4(TIMES_4(TIMES_4("a page of text: "))));
int main(void)
{
    const char *volatile text = page;
    char line[8], *memory = malloc(BYTES);
    for (int i = 0; i < BYTES; i += PAGE)
        memory[i] = 1;
    puts("ready");
    fflush(stdout);
    fgets(line, sizeof line, stdin);
    for (int i = 0; i < PAGE; i++)
        if (text[i] != page[i % 16])
            return 2;
    puts("it is as it was");
    return 7;
}
""")


def damage(disk, most):
    """The first pages that hold the text; returns how many there were."""
    with open(disk, "r+b") as file:
        data = file.read()
        found = [i for i in range(0, len(data), PAGE) if data[i:i + PAGE] == MARK * (PAGE // len(MARK))]
        for i in found[:most]:
            file.seek(i + 1000)
            file.write(b"X")
    return len(found)


def run_damaged(copies):
    """(copies there were, status, output) of a run with so many of them damaged."""
    disk = place("disk")
    subprocess.run(["tools/mkswap", disk, "64"], check=True, stdout=subprocess.DEVNULL)
    machine = subprocess.Popen([TOOL, program, "--mem", "8", "--disk", disk], stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    own = own_time.OwnTime(PATIENCE)
    try:
        text = b""
        while b"ready" not in text and own.readable(machine.stdout) and (data := os.read(machine.stdout.fileno(), 4096)):
            text += data
        found = damage(disk, copies)
        output, _ = own_time.communicate(machine, PATIENCE, b"\n")
    finally:
        machine.kill()
    return found, machine.returncode, text + (output or b"")


plan(3)
found, status, text = run_damaged(1)
check("a page of text is on the disk twice", found == 2, (found, text))
check("a program whose text is damaged once goes on", status == 7 and b"it is as it was" in text, (status, text))
found, status, text = run_damaged(2)
check("one whose text is damaged twice ends", found == 2 and status not in (0, 2, 7) and b"damaged" in text, (status, text))
sys.exit(not all(results))
