# SPDX-License-Identifier: BSD-2-Clause
"""The figures of docs/measurements.md: every table says at which commit it was taken, every line that tools/bench
can print has a figure, every figure is of such a line, and no other text has another figure for it.

`tools/check figures` looks for all that.  `tools/bench --compare FILE` pipes what it has measured into
`python3 tools/figures.py FILE`, which names what differs from the file's figures by more than 3 %.

A table of figures has `figure` at the head of its first column, names of lines in it, and the figures in a column
`Pilotfish` or `instructions`, or in columns whose heads are endings of those names.
"""
import re
import subprocess
import sys

DOCUMENT = "docs/measurements.md"
TOLERANCE = 0.03
NAME = re.compile(r"`([a-z][a-z0-9_]*)`")
NUMBER = re.compile(r"\d[\d \u00a0]*(?:\.\d+)?")
OURS = ("Pilotfish", "instructions")
ENDINGS = ("entries", "switches", "flushes", "fast_ipcs", "plain_ipcs", "general_ipcs")
COMMIT = re.compile(r"\bcommit ([0-9a-f]{7,40})\b")
# A name with its figure behind it: `name` is 12 instructions, `name`: 12 KiB, (`name`, 12).
SAID = re.compile(r"`([a-z][a-z0-9_]*)`(?:\s+(?:is|are|of|takes?|costs?))?[:=,]?\s+[(*]*(\d[\d \n]*(?:\.\d+)?)[*]*"
                  r"(?=\s*(?:instructions|ms|bytes|B|KiB|MiB)\b|[.;)](?!\w))")


def value(text):
    """The first number of a cell; None if there is none."""
    found = NUMBER.search(text.replace("*", ""))
    return float(re.sub(r"[ \u00a0]", "", found[0])) if found else None


def cells(line):
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def tables(text):
    """(line number, section, rows) of each table."""
    lines, section, at = text.split("\n"), [], 0
    while at < len(lines):
        if lines[at].startswith("## "):
            section = []
        section.append(lines[at])
        if not lines[at].startswith("|"):
            at += 1
            continue
        end = at
        while end < len(lines) and lines[end].startswith("|"):
            end += 1
        rest = [line for line in lines[end:]]
        stop = next((i for i, line in enumerate(rest) if line.startswith("## ")), len(rest))
        yield at + 1, "\n".join(section + rest[:stop]), [cells(line) for line in lines[at:end]]
        section += lines[at + 1:end]
        at = end


def row_figures(head, row):
    """(name, figure or None) of each figure in a row of a table of figures."""
    names = NAME.findall(row[0])
    for column, title in enumerate(head[1:], 1):
        cell = row[column] if column < len(row) else ""
        if title in ENDINGS:
            yield from ((f"{name}_{title}", value(cell)) for name in names)
        elif title in OURS:
            parts = cell.split(", ")
            yield from ((name, value(parts[i]) if i < len(parts) else None) for i, name in enumerate(names))


def read_figures(text):
    """({name: figure}, problems)"""
    known, problems = {}, []
    for line, _, rows in tables(text):
        if rows[0][0] != "figure":
            continue
        for row in rows[2:]:
            for name, figure in row_figures(rows[0], row):
                if figure is None:
                    problems.append(f"the table of line {line} has no figure for {name}")
                elif name in known:
                    problems.append(f"{name} has two figures")
                else:
                    known[name] = figure
    return known, problems


def commit_problems(text, exists):
    """exists(commit): is it in the history?"""
    for line, section, rows in tables(text):
        named = COMMIT.findall(section)
        if rows[0][0] == "commit":
            named += [row[0] for row in rows[2:]]
        if not named:
            yield f"the table of line {line} names no commit"
        yield from (f"commit {name} is not in the history" for name in named if not exists(name))


def said_problems(known, text):
    for name, figure in SAID.findall(text):
        if name in known and value(figure) != known[name]:
            yield f"{name} is {figure.strip()} here, {known[name]:g} in {DOCUMENT}"


def read(name):
    with open(name, encoding="utf-8") as file:
        return file.read()


def in_history(commit):
    return subprocess.run(["git", "merge-base", "--is-ancestor", commit, "HEAD"], stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL, check=False).returncode == 0


def is_shallow():
    return subprocess.run(["git", "rev-parse", "--is-shallow-repository"], stdout=subprocess.PIPE,
                          check=False).stdout.strip() == b"true"


def problems(names, documents):
    """What is wrong, file by file.  names: of all lines that tools/bench can print; documents: files whose text
    has no other figures than DOCUMENT."""
    text = read(DOCUMENT)
    known, found = read_figures(text)
    found += commit_problems(text, (lambda commit: True) if is_shallow() else in_history)
    found += (f"nothing prints {name}" for name in sorted(set(known) - set(names)))
    found += (f"{name} has no figure" for name in sorted(set(names) - set(known)))
    found += said_problems(known, text)
    yield DOCUMENT, "\n".join(dict.fromkeys(found))
    for name in documents:
        if name != DOCUMENT:
            yield name, "\n".join(said_problems(known, read(name)))


def main():
    known, found = read_figures(read(sys.argv[1]))
    for line in sys.stdin:
        _, name, measured, unit = line.split()
        if unit == "ms":  # of a clock on the wall
            continue
        if name not in known:
            found.append(f"{name} is not there")
        elif abs(float(measured) - known[name]) > TOLERANCE * max(known[name], 1):
            found.append(f"{name} is {measured} {unit}, and {known[name]:g} there")
    for problem in found:
        print(f"{sys.argv[1]}: {problem}", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
