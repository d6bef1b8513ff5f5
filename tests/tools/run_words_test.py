#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""How tools/run reads what a person typed: words as the shell splits them, numbers, names, standard
input; nothing boots."""
import os
import random
import re
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, "tools")
import run_boot
import run_console
import run_words

SEED = int(os.environ.get("SEED", "20261128"))
results = []


def check(name, good, context=""):
    results.append(bool(good))
    if not good:
        print(f"# {context}")
    print(f"{'ok' if good else 'not ok'} {len(results)} - {name}")


def complaint(function, *arguments):
    """The line that is complained with, or None."""
    try:
        function(*arguments)
    except run_words.Complaint as said:
        return str(said)
    return None


def shell_split(text):
    """What a shell makes of it: words, or None if it refuses."""
    done = subprocess.run(["sh", "-c", b'eval "set -- $TEXT" && [ $# -eq 0 ] || printf "%s\\0" "$@"'], capture_output=True,
                          env={b"TEXT": text, b"PATH": os.environb[b"PATH"], b"LC_ALL": b"C"}, check=False)
    return None if done.returncode != 0 or done.stderr else done.stdout.split(b"\0")[:-1]


def any_bytes(chance, most):
    return bytes(chance.randrange(1, 256) for _ in range(chance.randrange(most)))


def random_piece(chance):
    """A piece of a command line that a shell does not expand, with any byte but NUL in some kind of
    quotes."""
    kind = chance.randrange(6)
    data = any_bytes(chance, 8)
    if kind == 0:
        return b"'" + data.replace(b"'", b"") + b"'"
    if kind == 1:  # within double quotes $ and ` are the shell's unless a backslash stands before them
        return b'"' + b"".join(b"\\" + bytes([c]) if c in b'"\\$`' else bytes([c]) for c in data) + b'"'
    if kind == 2:
        return b"".join(b"\\" + bytes([c]) for c in data if c != 10)
    if kind == 3:
        return chance.choice([b" ", b"\t", b"  ", b"\\\n", b"''", b'""'])
    if kind == 4:
        return b'"' + chance.choice([b"\\a", b"\\'", b"\\\n", b"a\nb", b"\\ "]) + b'"'
    return bytes(chance.choice(b"abcXYZ0189-+=:,./@%^_") for _ in range(chance.randrange(6)))


def test_split():
    split = lambda text: run_words.split(text, "ARGS")
    check("blanks separate", split(b" a  b\tc\nd ") == [b"a", b"b", b"c", b"d"])
    check("nothing is nothing", split(b"") == [] and split(b" \n") == [])
    check("empty words", split(b"'' \"\" a''") == [b"", b"", b"a"])
    check("quotes within a word", split(b"a' b'\" c\"\\ d") == [b"a b c d"])
    check("nothing is expanded", split(b"$HOME `x` *.c ~ #a a#b ; | & > (x)") ==
          [b"$HOME", b"`x`", b"*.c", b"~", b"#a", b"a#b", b";", b"|", b"&", b">", b"(x)"])
    check("a backslash at the end stays", split(b"a\\") == [b"a\\"])
    check("a carriage return is a byte like others", split(b"a\rb") == [b"a\rb"])
    for text in (b"a 'b", b'"', b"a\\\" \"b\\\"", b"'\"", b"don't"):
        said = complaint(run_words.split, text, "ARGS")
        check(f"a quote that is not closed: {text!r}", said and said.startswith("ARGS: ") and "not closed" in said, said)


def test_random():
    chance = random.Random(SEED)
    wrong = []
    for _ in range(1500):
        text = b"".join(random_piece(chance) for _ in range(chance.randrange(12)))
        if shell_split(text) != run_words.split(text, "ARGS"):
            wrong.append((text, shell_split(text), run_words.split(text, "ARGS")))
    check("random command lines become the words that sh makes of them", not wrong, wrong[:1])
    wrong, refused = [], 0
    for _ in range(1500):
        text = bytes(chance.choice(b"aab '\"\\") for _ in range(chance.randrange(12)))
        wanted = shell_split(text)
        refused += wanted is None
        said = complaint(run_words.split, text, "ARGS")
        if (wanted is None) != (said is not None) or said is None and run_words.split(text, "ARGS") != wanted:
            wrong.append((text, wanted, said))
    check("what sh refuses is refused", not wrong and refused > 50, wrong[:1])
    print(f"# seed {SEED}, {refused} refused")


def test_numbers():
    number = lambda text: run_words.number(text, "MEM=", "MiB", 1, 3584)
    check("numbers", (number("1"), number(" 64 "), number("3584"), number("007")) == (1, 64, 3584, 7))
    for text in ("0", "4096", "abc", "", "-1", "1.5", "1e3", "0x10", "64M", "9" * 5000, "\u0661", "64\n65", "\udcff"):
        said = complaint(run_words.number, text, "MEM=", "MiB", 1, 3584)
        check(f"MEM={text[:10]!r} is complained about in a line", said and said.startswith("MEM=") and "\n" not in said and
              "MEM takes a number of MiB from 1 to 3584" in said, said)
    check("seconds", run_words.seconds("0.5", "TIMEOUT=", 1000) == 0.5)
    for text in ("0", "-1", "nan", "inf", "soon", "", "1001"):
        said = complaint(run_words.seconds, text, "TIMEOUT=", 1000)
        check(f"TIMEOUT={text} is complained about in a line", said and said.startswith("TIMEOUT="), said)


def unquoted(data):
    """What the console server makes of the bytes (servers/console/input.c), as far as there is no
    end in them."""
    result, quoting = bytearray(), False
    for byte in data:
        if not quoting and byte in (0x04, 0x19):
            return None
        if byte == 0x16 and not quoting:
            quoting = True
        else:
            result.append(byte)
            quoting = False
    return None if quoting else bytes(result)


def test_input():
    every = bytes(range(256))
    data = every + random.Random(SEED).randbytes(100000) + b"\x16\x04\x19" * 10
    check("every byte of standard input comes through the quoting", unquoted(run_console.quoted(data)) == data)
    check("only three bytes are quoted", len(run_console.quoted(every)) == 259)


def test_bundle():
    with tempfile.TemporaryDirectory() as folder:
        boot = run_boot.Boot(folder, 64 << 20, "MEM=")
        names = [b"a b", b"a\nb", b"\xff", b"'\"#\\", b"-v", b"x" * 252, b".elf"]
        for number, name in enumerate(names):
            with open(os.path.join(os.fsencode(folder), name), "wb") as file:
                file.write(bytes([number]) * number * 1000)
            boot.add_file(os.fsdecode(os.path.join(os.fsencode(folder), name)), "FILES")
        check("a bundle is written", boot.write_bundle())
        with open(boot.place("files"), "rb") as file:
            data = file.read()
        magic, count, index_bytes = run_boot.HEADER.unpack_from(data)
        records = [run_boot.RECORD.unpack_from(data, run_boot.HEADER.size + run_boot.RECORD.size * i) for i in range(count)]
        found = {data[name:name + length]: data[page * 4096:page * 4096 + size] for name, length, page, size in records}
        check("it holds what was put in, under the same names", magic == run_boot.BUNDLE_MAGIC and
              found == {name: bytes([i]) * i * 1000 for i, name in enumerate(names)})
        check("sorted, so that they are found", [data[r[0]:r[0] + r[1]] for r in records] == sorted(names) and
              len(data) % 4096 == 0 and index_bytes <= records[0][2] * 4096)
        wrong = os.path.join(folder, "y" * 253)
        with open(wrong, "wb"):
            pass
        check("too long a name", "at most 252" in str(complaint(boot.add_file, wrong, "FILES")))
        check("a folder", "a folder; FILES takes files" in str(complaint(boot.add_file, folder, "FILES")))
        check("a file that is not there", "No such file" in str(complaint(boot.add_file, folder + "/none", "FILES")))
        check("a NUL in a name", complaint(boot.add_file, "a\0b", "FILES"))
        check("an empty name", complaint(boot.add_file, "", "FILES"))
        os.mkdir(os.path.join(folder, "other"))
        with open(os.path.join(folder, "other", "-v"), "wb"):
            pass
        check("two files of one name", "a second file named -v" in str(complaint(boot.add_file, folder + "/other/-v", "FILES")))
        check("the same file twice is one", complaint(boot.add_file, folder + "/-v", "FILES") is None)
        endless = run_boot.Boot(os.path.join(folder, "other"), 16 << 20, "MEM=")
        endless.add_file("/dev/zero", "FILES")
        said = str(complaint(endless.write_bundle))
        check("a file without an end ends where memory does", "too large" in said and "16 MiB" in said, said)


def test_command():
    with tempfile.TemporaryDirectory() as folder:
        boot = run_boot.Boot(folder, 64 << 20, "MEM=")
        program = [b"p" * 252, b"p" * 252]
        boot.add_command("ARGS", program + [b"x"] * 1024)
        check("2 KiB of arguments fit, were they words of one letter", boot.names == ["command"])
        check("2 KiB in one word", complaint(boot.add_command, "ARGS", program + [b"x" * 2048]) is None)
        for words in ([b"x"] * 1600, [b"x" * 6200], [b"xyz"] * 1100):
            said = str(complaint(boot.add_command, "ARGS", program + words))
            check("more than fits is said in a line", said.startswith("ARGS: too long") and "\n" not in said, said)


def number_in(path, name):
    """The value that a C header gives the name."""
    with open(path, encoding="utf-8") as file:
        return eval(re.search(rf"\b{name} = ([0-9a-fx* ]+)", file.read())[1])  # a product of numbers


def test_bounds():
    for path, name, ours in (
            ("servers/task/bundle.h", "BUNDLE_MAGIC", run_boot.BUNDLE_MAGIC),
            ("servers/task/bundle.h", "BUNDLE_NAME_MAX", run_boot.NAME_MAX),
            ("servers/task/file.c", "INDEX_PAGES_MAX", run_boot.INDEX_MAX // run_boot.PAGE),
            ("servers/task/module.h", "MODULES_MAX", run_boot.MODULES_MAX - 2),
            ("lib/protocol/startup.h", "STARTUP_ARGS_MAX", run_boot.COMMAND_BYTES_MAX),
            ("lib/loader/startup_record.h", "STARTUP_ARGC_MAX", run_boot.COMMAND_WORDS_MAX),
            ("lib/loader/startup_record.h", "STARTUP_PAGES_MAX", run_boot.RECORD_BYTES_MAX // run_boot.PAGE),
            ("servers/console/input.h", "INPUT_END", run_console.END[0]),
            ("servers/console/input.h", "INPUT_QUOTE", run_console.QUOTE[0]),
            ("servers/console/input.h", "INPUT_FINISHED", run_console.FINISHED[0])):
        check(f"{name} is the same on both sides", number_in(path, name) == ours, f"{path}: {ours}")


print("KTAP version 1")
for test in (test_bounds, test_split, test_random, test_numbers, test_input, test_bundle, test_command):
    test()
print(f"1..{len(results)}")
sys.exit(not all(results))
