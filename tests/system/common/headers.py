# SPDX-License-Identifier: BSD-2-Clause
"""Prints KTAP: each installed header compiles as C11, alone; each function that one declares links;
the libraries keep to the instructions of a 486.

headers.py BUILD-FOLDER     what is declared and does not link belongs on the list tools/newlib/undeclared

gcc's -aux-info says what a header declares; a program that takes the address of every function is linked.
"""
import os
import re
import subprocess
import sys
import tempfile

NEWLIB = "newlib/i686-pilotfish/include"
# Parts of other headers, which say so or cannot stand alone.
PARTS = re.compile(r"^(machine|sys|bits|ssp|pilotfish)/|^(_|elf\.h)")
# What a 486 may not have.
LATER = re.compile(r"\t(cpuid|rdtsc|f?cmov\w*|fu?comip?|\w+mxcsr|prefetch\w*)\b|%[xy]?mm\d")
# What is there under another name than its declaration has, and what the start of a program brings.
ELSEWHERE = {"main", "_init", "_fini", "__xpg_basename"}


def compile_header(header, folder, options):
    """The functions that the header declares, or None and what the compiler says."""
    infos = os.path.join(folder, "infos")
    done = subprocess.run(["tools/pilotfish-cc", "-std=gnu11", *options, "-fsyntax-only", "-aux-info", infos,
                           "-x", "c", "-"], input=f"#include <{header}>\n", text=True, check=False,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode != 0:
        return None, done.stdout
    names = set()
    with open(infos, encoding="utf-8") as file:
        for line in file:
            match = re.match(r"/\* .*?:\d+:\w\w \*/ extern (.*)", line)
            name = match and (re.match(r"[^()]*?\b(\w+) \(", match[1]) or re.search(r"\(\*\(?(\w+) \(", match[1]))
            if name:
                names.add(name[1])
    return names, ""


def unlinked(names, folder):
    """Those of the functions that the linker does not find, with all that they need."""
    program = os.path.join(folder, "all.c")
    with open(program, "w", encoding="utf-8") as file:
        for name in names:
            file.write(f"extern char {name}[];\n")
        file.write("void *volatile addresses[] = {" + ", ".join(names) + "};\n")
        file.write("int main(void)\n{\n    return addresses[0] == 0;\n}\n")
    done = subprocess.run(["tools/pilotfish-cc", "-fno-builtin", "-w", "-o", os.path.join(folder, "all"), program],
                          text=True, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    missing = set(re.findall(r"undefined reference to `(\w+)'", done.stdout))
    return missing or ({"the program: " + done.stdout[-300:]} if done.returncode != 0 else set())


def later_instructions():
    """Lines of the libraries' code that a 486 without CPUID could not run."""
    libraries = [os.path.join(sys.argv[1], "newlib/i686-pilotfish/lib", name) for name in ("libc.a", "libm.a")]
    done = subprocess.run(["i686-linux-gnu-objdump", "-d", "--no-show-raw-insn", *libraries], text=True, check=True,
                          stdout=subprocess.PIPE)
    return [line.strip() for line in done.stdout.splitlines() if LATER.search(line)]


def main():
    include = os.path.join(sys.argv[1], NEWLIB)
    headers = sorted(os.path.relpath(os.path.join(folder, name), top)
                     for top in (include, "lib/newlib/include")
                     for folder, _, names in os.walk(top) for name in names if name.endswith(".h"))
    declared, broken = {}, []
    with tempfile.TemporaryDirectory() as folder:
        for header in headers:
            for options in ([], ["-D_GNU_SOURCE"]):
                names, text = compile_header(header, folder, options)
                if names is None and not PARTS.match(header):
                    broken.append((header, text))
                for name in (names or set()) - ELSEWHERE:
                    declared.setdefault(name, header)
        missing = unlinked(sorted(name for name in declared if not name.startswith("__builtin")), folder)
    print("KTAP version 1\n1..3")
    for header, text in broken:
        print(f"# {header}: {text.splitlines()[0]}")
    print("not ok" if broken else "ok", "1 - each header compiles alone")
    for name in sorted(missing):
        print(f"# {declared.get(name, 'needed by another function')}: {name}")
    print("not ok" if missing or len(declared) < 500 else "ok", f"2 - {len(declared)} functions are declared, all link")
    later = later_instructions()
    for line in later[:10]:
        print(f"# {line}")
    print("not ok" if later else "ok", "3 - no instruction of a later processor than the 486")


if __name__ == "__main__":
    main()
