#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Arguments arrive in the program as data: what a POSIX shell makes of ARGS, whatever bytes there
are, up to 2 KiB."""
import os
import random
import subprocess
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), "common"))
from app import BUILD, TOOL, check, compile_program, plan, results, run, write

SEED, BOOTS = int(os.environ.get("SEED", "20261128")), int(os.environ.get("BOOTS", "12"))
show = compile_program("show", r"""
#include <stdio.h>
int main(int argc, char **argv)
{
    for (int i = 0; i < argc; i++) {
        fputs(argv[i], stdout);
        putchar(0);
    }
    return argv[argc] != NULL;
}
""")


def shell_split(text):
    done = subprocess.run(["sh", "-c", b'eval "set -- $TEXT" && [ $# -eq 0 ] || printf "%s\\0" "$@"'], capture_output=True,
                          env={b"TEXT": text, b"PATH": os.environb[b"PATH"], b"LC_ALL": b"C"}, check=True)
    return done.stdout.split(b"\0")[:-1]


def quote(chance, word):
    """One of the ways in which a shell can be given the word."""
    kind = chance.randrange(3)
    if kind == 0:
        return b"'" + word.replace(b"'", b"'\\''") + b"'"
    if kind == 1:
        return b'"' + b"".join(b"\\" + bytes([c]) if c in b'"\\$`' else bytes([c]) for c in word) + b'"'
    return b"".join(b"'\n'" if c == 10 else b"\\" + bytes([c]) for c in word) or b"''"


def random_text(chance, most):
    words = []
    while sum(map(len, words)) + len(words) < most - 60:
        word = bytes(chance.randrange(1, 256) for _ in range(chance.choice([0, 1, 3, 10])))
        words.append(quote(chance, word))
    return b" ".join(words)


def seen(status, output):
    """The words behind argv[0], or None."""
    words = output.split(b"\0")
    return words[1:-1] if status == 0 and words[0] == b"show" and words[-1] == b"" else None


plan(21)
for text, wanted in (
        (b"-v", [b"-v"]),
        (b"--help --mem 3 -- -x", [b"--help", b"--mem", b"3", b"--", b"-x"]),
        (b"a\nmain b", [b"a", b"main", b"b"]),
        (b"# no 'comment' #", [b"#", b"no", b"comment", b"#"]),
        (b"$(APP) $$x ${y} %s \\\\", [b"$(APP)", b"$$x", b"${y}", b"%s", b"\\"]),
        (b"a,b 'c, d' ,,", [b"a,b", b"c, d", b",,"])):
    status, output, said = run("make", "-s", "run", "APP=" + show, b"ARGS=" + text)
    check(f"make run ARGS={text!r}", seen(status, output) == wanted, (output, said))
status, output, said = run(TOOL, show, "--arguments", "-v '-w x'")
check("tools/run --arguments -v", seen(status, output) == [b"-v", b"-w x"], (output, said))
every = bytes(range(1, 256))
status, output, said = run(TOOL, show, "--", every, "", "--", "a b")
check("words behind -- come as they are", seen(status, output) == [every, b"", b"--", b"a b"], (output, said))

chance, wrong, boots = random.Random(SEED), [], 0
for boots in range(1, BOOTS + 1):
    text = random_text(chance, 2048)
    status, output, said = run("make", "-s", "run", "APP=" + show, environment={b"ARGS": text})
    if len(text) > 2048 or seen(status, output) != shell_split(text):
        wrong.append((text, status, output, said))
print(f"# seed {SEED}, {boots} boots")
check("random command lines of 2 KiB come as sh splits them", not wrong, wrong[:1])
status, output, said = run("make", "-s", "run", "APP=" + show, "ARGS=" + "x " * 1024)
check("1 024 words of one letter", seen(status, output) == [b"x"] * 1024, (output, said))
status, output, said = run("make", "-s", "run", "APP=" + show, "ARGS=" + "y" * 2048)
check("one word of 2 048 letters", seen(status, output) == [b"y" * 2048], (output, said))


def refused(name, pattern, *words):
    """One line that says what is wrong, nothing on standard output, status 2."""
    status, output, said = run(*words)
    check(name, status == 2 and output == b"" and said.count(b"\n") == 1 and pattern in said, (status, output, said))


refused("too long: a clear line", b"ARGS: too long", "make", "-s", "run", "APP=" + show, "ARGS=" + "z" * 7000)
refused("too many words: a clear line", b"ARGS: too long", "make", "-s", "run", "APP=" + show, "ARGS=" + "z " * 2000)
refused("one \"", b'ARGS: a double quote (") is not closed', "make", "-s", "run", "APP=" + show, 'ARGS=a "b')
refused("one '", b"ARGS: a single quote (') is not closed", "make", "-s", "run", "APP=" + show, "ARGS=don't")
refused("one quote for tools/run", b"--arguments: a single quote", TOOL, show, "--arguments", "'")

strange = write("-a b\n'\"#$.elf", open(show, "rb").read())
status, output, said = run("make", "-s", "run", "APP=" + strange, "ARGS=1")
check("a program under a strange name", status == 0 and output == b"-a b\n'\"#$\0" + b"1\0", (status, output, said))

# The same by hand: a command beside a manifest.
command = write("args", b"show\0not show\0" + every + b"\0\0")
manifest = write("manifest", b"quiet on\nserver console raw\ncommand args\n")


def by_hand():
    return run(TOOL, "--append", "quiet", "--swap", "0", "--manifest", manifest, "--file", f"{BUILD}/console.elf",
               "--file", show, "--file", command)


status, output, said = by_hand()
check("a command module of one's own", status == 0 and output.endswith(b"not show\0" + every + b"\0\0"), (status, output, said))
for name, data in (("no end", b"show\0show"), ("no name", b"\0"), ("one that is too long", b"a\0" * 4000)):
    write("args", data)
    status, output, said = by_hand()
    check(f"a command with {name} ends the machine and says so", status == 127 and b"boot module args: the command" in output, (status, output, said))
sys.exit(not all(results))
