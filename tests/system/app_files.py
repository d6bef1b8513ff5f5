#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""FILES: any name, any number, any size.  What fits can be opened and read byte for byte, what does
not is refused in a line that says what would do; nothing a user names ends in a panic."""
import os
import random
import re
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), "common"))
from app import BUILD, TOOL, check, compile_program, place, plan, results, run, write

SEED = int(os.environ.get("SEED", "20261128"))
show = compile_program("show", r"""
#include <stdio.h>
/* Each argument is a file; standard input names more, each name ended by a NUL. */
static int show(const char *name)
{
    static unsigned char bytes[4096];
    struct stat st;
    FILE *f = fopen(name, "rb");
    unsigned long size = 0;
    unsigned sum = 1;
    if (!f) {
        printf("%s: cannot be opened\n", name);
        return 1;
    }
    for (size_t n; (n = fread(bytes, 1, sizeof bytes, f)) > 0; size += n)
        for (size_t i = 0; i < n; i++)
            sum = sum * 31 + bytes[i];
    fclose(f);
    printf("%lu %u\n", size, sum);
    return stat(name, &st) != 0 || (unsigned long)st.st_size != size;
}
int main(int argc, char **argv)
{
    char name[300];
    size_t length = 0;
    int bad = 0;
    for (int i = 1; i < argc; i++)
        bad += show(argv[i]);
    for (int c; (c = fgetc(stdin)) != EOF; length = c ? length + 1 : 0) {
        name[length] = (char)c;
        if (!c)
            bad += show(name);
    }
    return bad > 100 ? 100 : bad;
}
""", "-include", "sys/stat.h")


def line_of(data):
    total = 1
    for byte in data:
        total = (total * 31 + byte) & 0xffffffff
    return b"%d %d\n" % (len(data), total)


def opened(name, *words, files, names=None, data=b""):
    """The files, bytes by name, are given to the program, which opens them by those names."""
    paths = [write(os.fsdecode(file), contents) for file, contents in files.items()]
    options = [word for path in paths for word in ("--file", path)]
    status, output, said = run(TOOL, *words, *options, show, "--", *(names or files), data=data)
    wanted = b"".join(line_of(contents) for contents in files.values())
    check(name, status == 0 and output == wanted, (status, output[-300:], wanted[-300:], said))


def refused(name, pattern, *words):
    status, output, said = run(*words)
    check(name, status == 2 and output == b"" and said.count(b"\n") == 1 and re.search(pattern, said), (status, output, said))


chance = random.Random(SEED)
plan(30)
names = [b"a b.txt", b"new\nline", b"quotes\"'`", b"a,b,,c", b"-v", b"\xff\xfe", "größe.lua".encode(), b"$(x)#%s\\", b" ", b"...",
         b"console", b"manifest", b"x" * 252]
opened("files of any name", files={name: b"contents of " + name for name in names})
opened("./name, .//name and /boot/name are name", files={b"some file": b"abc"}, names=["./some file"])
opened("with a slash or two", files={b"some file": b"abc"}, names=[".//././some file"])
opened("in the folder /boot", files={b"some file": b"abc"}, names=["/boot/./some file"])
simple = place("simple")
run("tools/pilotfish-cc", "--no-pager", "-O2", "-include", "sys/stat.h", "-o", simple, place("show.c"))
write("two pages", b"z" * 5000)
status, output, said = run(TOOL, "--file", place("two pages"), simple, "--", "./two pages")
check("in a program without a pager thread too", status == 0 and output == line_of(b"z" * 5000), (status, output, said))
script = write("main.lua", b'local m = require("part") print(m.name, arg[0]) print(io.open("./part.lua"):read("l")) dofile(".//part.lua")')
part = write("part.lua", b'return { name = "a part" }\n')
status, output, said = run(TOOL, f"{BUILD}/lua.elf", "--file", script, "--file", part, "--", "./main.lua")
check("Lua's require, io.open and dofile", status == 0 and output == b'a part\t./main.lua\nreturn { name = "a part" }\n', (status, output, said))
make = ["make", "-s", "run", "APP=" + show]
write("a b.txt", b"blank")
write("c", b"plain")
status, output, said = run(*make, f"FILES='{place('a b.txt')}' {place('c')}", "ARGS='a b.txt' c")
check("make run FILES=\"'a b.txt' c\"", status == 0 and output == line_of(b"blank") + line_of(b"plain"), (status, output, said))
status, output, said = run(TOOL, "--file", show, show, "--", "show")
check("a program that is a file too comes as it is", output == line_of(open(show, "rb").read()), (status, output, said))
status, output, said = run(TOOL, show, "--", "nothing", "show", "c")
check("what was not given is not there", status == 2 and output.count(b"cannot be opened") == 2, (status, output, said))

for count, memory in ((1, 4), (27, 4), (100, 4), (1000, 8)):
    files = {b"file %d" % i: b"%d" % i * (i % 7) for i in range(count)}
    paths = [write(os.fsdecode(file), contents) for file, contents in files.items()]
    options = [word for path in paths for word in ("--file", path)]
    status, output, said = run(TOOL, "--mem", str(memory), *options, show, data=b"".join(name + b"\0" for name in files))
    wanted = b"".join(line_of(contents) for contents in files.values())
    check(f"{count} files on a machine of {memory} MiB", status == 0 and output == wanted, (status, output[-200:], said))
refused("1 000 files are too much for 4 MiB", rb"too large: .* room for .*; --mem 7 would do", TOOL, "--mem", "4", *options, show)
status, output, said = run(TOOL, "--mem", "7", *options, show, "--", "file 999")
check("what would do does", status == 0 and output == line_of(files[b"file 999"]), (status, output, said))
opened("a large file, and an empty one", "--mem", "32", "--swap", "0", files={b"large": chance.randbytes(20 << 20), b"empty": b""})

# With a manifest of one's own: as many as can be are modules, the others come in a bundle.
manifest = write("manifest", b"quiet on\nserver console raw\nmain show 'file 1' \"file 99\" ./plain7\n".replace(b"'", b'"'))
plain = [write(f"plain{i}", b"p" * i) for i in range(100)]
options = [word for path in paths[:100] + plain for word in ("--file", path)]
status, output, said = run(TOOL, "--append", "quiet", "--swap", "0", "--manifest", manifest, "--file", f"{BUILD}/console.elf",
                           "--file", show, *options)
check("200 files with a manifest", status == 0 and output.endswith(b"".join(map(line_of, (b"1", b"99", b"p" * 7)))), (status, output, said))
programs = [write(f"p{i}.elf", b"") for i in range(4100)]  # nothing to be stripped, which takes time
refused("more programs than modules there can be", rb"too many boot modules; at most 4098", TOOL, "--manifest", manifest,
        *[word for path in programs for word in ("--file", path)])

# The largest file that is accepted works, with and without a swap disk.
for memory in (3, 5, 16):
    least, most = 0, memory << 20
    while most - least > 4096:
        middle = (least + most) // 2 // 4096 * 4096
        os.truncate(write("edge", b""), middle)
        if run(TOOL, "--dry-run", "--mem", str(memory), "--swap", "0", "--file", place("edge"), show)[0] == 0:
            least = middle
        else:
            most = middle
    os.truncate(place("edge"), least)
    for swap in ("0", "32"):
        status, output, said = run(TOOL, "--mem", str(memory), "--swap", swap, "--file", place("edge"), show, "--", "edge")
        check(f"{memory} MiB take a file of {least >> 10} KiB, swap {swap}", least > 0 and status == 0 and
              output.startswith(b"%d " % least), (status, output, said))
os.truncate(place("edge"), 30 << 20)
refused("a file larger than memory", rb"too large: .* a machine of 16 MiB has room for .*; MEM=3\d would do", *make, "FILES=" + place("edge"), "MEM=16")
refused("a machine too small for anything", rb"a machine of 2 MiB .*; MEM=[34] would do", *make, "MEM=2")
refused("a file without an end", rb"too large: ", *make, "FILES=/dev/zero", "MEM=8")
refused("a folder", rb"a folder; FILES takes files", *make, "FILES=/tmp")
refused("a file that is not there", rb"none: No such file", *make, "FILES=none")
refused("a quote that is not closed", rb"FILES: a single quote", *make, "FILES=it's")
sys.exit(not all(results))
