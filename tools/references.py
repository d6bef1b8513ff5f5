#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""What comments and documents name must exist: files, functions, sections, rules, rows, links.  And they are
wrapped at 100 columns.

Used by `tools/check references` and `tools/check wrap`.  A name is known if it is an identifier of the code (comments left out), or
the name of a file or folder of the tree.  Words that are nobody's here stand in FOREIGN.
"""
import fnmatch
import os
import re

C_LIKE = (".c", ".h", ".S", ".pml", ".ld")
SUFFIXES = "c|h|S|md|sh|py|pml|ld|rc|cfg"
# Names that belong to the C language, to processors, to tools, or to other systems.
FOREIGN = set("""
    dev_t SIZE_MAX PT_GNU_STACK
    SYSENTER_ESP pusha
    wortel
    display_library reset_on_triple_fault plugin_ctrl
""".split())
HEADERS = set("assert ctype errno fcntl float inttypes limits locale math search setjmp signal stdarg stdbool "
              "stddef stdint stdio stdlib string time unistd wchar wctype pthread dirent complex fenv "
              "stdatomic tgmath uchar regex spawn glob pwd threads".split())
TOP = "kernel|servers|lib|tests|tools|docs|apps|boot"

COMMENT = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)
HASH_COMMENT = re.compile(r'(?:^|(?<=\s))#(?= |$)[^\n]*|"{3}(?:.|\n)*?"{3}', re.M)
WORD = re.compile(r"[A-Za-z_]\w*")
FILE = re.compile(r"(?<![\w./<>{}\[\]*,$~-])[\w.*<>{}\[\],/-]*[\w\]}*>]\.(?:" + SUFFIXES + r"|\[\w+\])(?![\w/])")
PATH = re.compile(r"(?<![\w./$)-])(?:" + TOP + r")/[\w.*<>{},\[\]/-]*")
SNAKE = re.compile(r"(?<![\w.$/{-])[a-z][a-z0-9]*(?:_[a-z0-9]*)+(?:\*|(?![\w]))|(?<![\w.$/-])[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+(?![\w.])")
CALL = re.compile(r"(?<![\w.-])([a-z_]\w*)\(\)")
QUOTED = re.compile(r"`([a-z]\w+)`")
SECTION = re.compile(r"interface\.md((?:(?:,| to| and| -|;)? \d+(?:\.\d+)?)+)")
RULE = re.compile(r"protocol\.md((?:(?:,| to| and| -)? \d+)+)")
LAW = re.compile(r"\blaws?((?:(?:,| to| and)? \d+)+)")
ROW = re.compile(r"(?<![\w./#%-])([ABCH])([1-9]\d?)(?![\w.'-])")
SWITCH = re.compile(r"(?<!\w)-D([A-Z]\w+)")
# What only those have who were there.
ELSEWHERE = re.compile(r"\bpart \d\b|\bthe issue\b|\bfact sheet\b|\bl4-x2\b", re.I)
LINK = re.compile(r"\[[^\]\n]*\]\(([^)\s]+)\)")


def read(name):
    with open(name, encoding="utf-8", errors="replace") as file:
        return file.read()


def blank(text):
    return re.sub(r"[^\n]", " ", text)


def split(name, text):
    """(code with comments blanked out, comments with code blanked out): same length, same lines."""
    if name.endswith(".md"):
        # Indented and fenced blocks are code of the reader's, not names of ours.
        prose = re.sub(r"^```.*?^```|^    [^\n]*", lambda m: blank(m[0]), text, flags=re.S | re.M)
        return blank(text), prose
    pattern = COMMENT if name.endswith(C_LIKE) else HASH_COMMENT
    code, comments, at = [], [], 0
    for match in pattern.finditer(text):
        is_comment = match[0].startswith(("/", "#"))
        if pattern is HASH_COMMENT and match[0].startswith('"'):  # a docstring stands by itself
            is_comment = not text[text.rfind("\n", 0, match.start()) + 1:match.start()].strip()
        before = text[at:match.start()]
        code += [before, blank(match[0]) if is_comment else match[0]]
        comments += [blank(before), match[0] if is_comment else blank(match[0])]
        at = match.end()
    return "".join(code) + text[at:], "".join(comments) + blank(text[at:])


def slug(heading):
    words = re.sub(r"[^\w\- ]", "", heading.strip().lower())
    return words.replace(" ", "-")


class Tree:
    """The names that there are."""

    def __init__(self, files):
        self.files = [name for name in files if not name.startswith("build/")]
        self.paths = set(self.files)
        self.folders = set()
        for name in self.files:
            while "/" in name:
                name = os.path.dirname(name)
                self.folders.add(name)
        self.bases = {os.path.basename(name) for name in self.paths | self.folders}
        self.stems = {base.split(".")[0] for base in self.bases}
        self.parts = {}
        self.words = set(FOREIGN)
        for name in self.files:
            if name.endswith(C_LIKE + (".md", ".sh", ".py")) or "." not in os.path.basename(name):
                self.parts[name] = split(name, read(name))
                self.words.update(WORD.findall(self.parts[name][0]))
        self.prefixes = None
        interface = read("docs/interface.md")
        self.sections = set(re.findall(r"^#+ (\d+(?:\.\d+)?)\.? ", interface, re.M))
        self.rules = set(re.findall(r"^\*\*(\d+)\. ", read("docs/protocol.md"), re.M))
        self.laws = set(re.findall(r"^\| (\d+)\. ", read("docs/architecture.md"), re.M))
        self.rows = set(re.findall(r"^\| ([ABCH]\d+) \|", read("docs/mechanisms.md"), re.M))

    def has_file(self, name, where):
        """A file or folder: its path, the end of its path, or what it is called from the folder of `where`."""
        name = re.sub(r"<[^>]*>|NAME", "*", name).rstrip("/")
        for one in braces(name):
            here = os.path.normpath(os.path.join(os.path.dirname(where), one))
            if one in self.bases or here in self.paths or here in self.folders:
                continue
            if not any(fnmatch.fnmatchcase("/" + path, pattern)
                       for path in self.paths | self.folders for pattern in ("*/" + one, "*/" + one + ".*")):
                return False
        return True

    def has_word(self, word):
        if word in self.words or word in self.stems or word in self.bases:
            return True
        if word.isupper() and any(known.endswith("_" + word) for known in self.words):
            return True  # the states of a drawing stand there without their prefix
        if word.endswith(("_", "*")):
            start = word.rstrip("*")
            return any(known.startswith(start) for known in self.words | self.stems)
        return False


def braces(name):
    match = re.search(r"\{([^{}]*)\}", name)
    if not match:
        return [name]
    return [one for part in match[1].split(",") for one in braces(name[:match.start()] + part + name[match.end():])]


def numbers(text):
    """The numbers in `1.3, 4.2` or `5.1 - 5.3`; ends of ranges stand for what lies between."""
    return re.findall(r"\d+(?:\.\d+)?", text)


def in_comments(tree, name, text):
    """(position, what is wrong) for all that a comment or document names."""
    for match in FILE.finditer(text):
        word = match[0].lstrip("<[")
        if word.endswith(".h") and os.path.basename(word)[:-2] in HEADERS:
            continue
        if not tree.has_file(word.removeprefix("./"), name):
            yield match.start(), f"no file {word}"
    for match in PATH.finditer(text):
        word = match[0].rstrip(".,[]")
        if not FILE.fullmatch(word) and not tree.has_file(word, name):
            yield match.start(), f"no file or folder {word}"
    for match in list(SNAKE.finditer(text)):
        if not tree.has_word(match[0]) and not text[match.end():].startswith(("." , "/")):
            yield match.start(), f"nothing is called {match[0]}"
    for match in CALL.finditer(text):
        if not tree.has_word(match[1]):
            yield match.start(), f"no function {match[1]}"
    for match in QUOTED.finditer(text):
        if not tree.has_word(match[1]) and not re.fullmatch(r"[0-9a-f]+", match[1]):
            yield match.start(), f"nothing is called {match[0]}"
    for match in SECTION.finditer(text):
        for number in numbers(match[1]):
            if number not in tree.sections:
                yield match.start(), f"docs/interface.md has no section {number}"
    for match in RULE.finditer(text):
        for number in numbers(match[1]):
            if number not in tree.rules:
                yield match.start(), f"docs/protocol.md has no rule {number}"
    for match in LAW.finditer(text):
        for number in numbers(match[1]):
            if number not in tree.laws:
                yield match.start(), f"docs/architecture.md has no law {number}"
    for match in ROW.finditer(text):
        if match[1] + match[2] not in tree.rows:
            yield match.start(), f"docs/mechanisms.md has no row {match[0]}"
    for match in ELSEWHERE.finditer(text):
        yield match.start(), f"a reader has no {match[0]}"
    for match in SWITCH.finditer(text):
        if match[1] not in tree.words:
            yield match.start(), f"no switch {match[0]}"


def in_links(name, text):
    for match in LINK.finditer(text):
        path, _, anchor = match[1].partition("#")
        if re.match(r"\w+:", path):
            continue
        target = os.path.normpath(os.path.join(os.path.dirname(name), path)) if path else name
        if not os.path.exists(target):
            yield match.start(), f"a link to {path}, which is not there"
        elif anchor and anchor not in {slug(line) for line in re.findall(r"^#+ (.*)$", read(target), re.M)}:
            yield match.start(), f"no heading for #{anchor} in {target}"


def problems(files):
    """[(file, what is wrong, a line each)] for every file that names something, and for the table of rows."""
    tree = Tree(files)
    results = []
    for name, (_, comments) in sorted(tree.parts.items()):
        bare = LINK.sub(lambda m: m[0].split("]")[0].replace("[", " ") + blank("]" + m[0].split("]", 1)[1]), comments)
        found = list(in_comments(tree, name, bare if name.endswith(".md") else comments))
        if name.endswith(".md"):
            found += in_links(name, comments)
        lines = {f"{name}:{comments.count(chr(10), 0, at) + 1}: {what}": at for at, what in found}
        results.append((name, "\n".join(sorted(lines, key=lines.get))))
    listed = set(re.findall(r"[ABCH]\d+_\w+\.c", read("docs/mechanisms.md")))
    there = {os.path.basename(name) for name in tree.files if re.match(r"tests/mechanism/[ABCH]\d+_", name)}
    missing = "\n".join(f"{name} is not in the table" for name in sorted(there - listed))
    results.append(("every mechanism test is in docs/mechanisms.md", missing))
    return results


def wide_lines(name):
    """Lines of more than 100 columns that hold a comment, or are a document's; tables, links that cannot be
    broken, and the list of sources of a unit test may be wider."""
    text = read(name)
    marked = text if name.endswith(".md") else split(name, text)[1]
    for number, (line, comment) in enumerate(zip(text.split("\n"), marked.split("\n")), 1):
        link = name.endswith(".md") and "](" in line and " " not in line.strip()
        if len(line) > 100 and comment.strip() and not line.startswith(("|", "// sources:")) and not link:
            yield f"{name}:{number}: {len(line)} columns"
