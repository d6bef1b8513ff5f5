#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# tools/references.py sees each kind of name that does not exist, and takes those that do.
. tests/system/common/functions

tools=$PWD/tools
mkdir -p "$folder/docs" "$folder/lib/base" "$folder/tests/mechanism"
printf '# I\n\n## 4. Calls\n\n### 4.2 Ipc\n' >"$folder/docs/interface.md"
printf '# P\n\n**22. Moved only if it waits.** Why.\n' >"$folder/docs/protocol.md"
# shellcheck disable=SC2016 # Markdown's backquotes
printf '| row | says | test |\n|---|---|---|\n| A9 | x | `A9_page.c` |\n' >"$folder/docs/mechanisms.md"
printf '| law |\n|---|\n| 1. Faults end. |\n' >"$folder/docs/architecture.md"
echo 'int list_find(int LIST_MAX);' >"$folder/lib/base/list.h"
echo 'int row;' >"$folder/tests/mechanism/A9_page.c"

# finds NAME TEXT COMPLAINT: a comment with this text is complained of so; without COMPLAINT, not at all.
finds() {
    printf '/* %s */\nint x;\n' "$2" >"$folder/lib/base/try.c"
    (cd "$folder" && PYTHONDONTWRITEBYTECODE=1 PYTHONPATH="$tools" python3 -c '
import glob, references
files = [name for pattern in ("docs/*", "lib/base/*", "tests/mechanism/*") for name in glob.glob(pattern)]
print("\n".join(problem for _, problem in references.problems(sorted(files)) if problem))') >"$folder/out" 2>&1
    if [ -n "$3" ]; then
        grep -q "try.c:1: $3\$" "$folder/out"
    else
        ! grep -q . "$folder/out"
    fi
    result $? "$1"
}

plan 22
finds "what exists is taken" "list.h, lib/base/list.h, list_find(), LIST_MAX, interface.md 4.2, protocol.md 22, A9"
finds "a file" "see lost.c" "no file lost.c"
finds "a file in a folder" "see lib/base/lost.h" "no file lib/base/lost.h"
finds "a folder" "see lib/lost/" "no file or folder lib/lost/"
finds "files by a pattern" "see the lost_*.c" "no file lost_\*.c"
finds "a function" "list_lost() finds it" "no function list_lost"
finds "a name with underscores" "list_lost finds it" "nothing is called list_lost"
finds "a constant" "up to LOST_MAX" "nothing is called LOST_MAX"
finds "a section" "interface.md 4.2, 4.3" "docs/interface.md has no section 4.3"
finds "a rule" "protocol.md 23" "docs/protocol.md has no rule 23"
finds "a row" "as A10 says" "docs/mechanisms.md has no row A10"
finds "a law" "laws 1 and 2 hold" "docs/architecture.md has no law 2"
finds "a switch" "fails with -DLOST" "no switch -DLOST"
finds "what only some have" "as part 3 will do" "a reader has no part 3"
finds "a constant without its prefix is taken" "MAX items"

# also NAME COMPLAINT: the last run complained of this as well.
also() {
    grep -q "$2" "$folder/out"
    result $? "$1"
}

printf '[a](lost.md) [b](interface.md#42-ipc) [c](interface.md#43-lost)\n' >"$folder/docs/links.md"
echo 'int row;' >"$folder/tests/mechanism/B3_depth.c"
finds "two kinds at once" "see lost.c, list_lost()" "no file lost.c"
also "both are told" "no function list_lost"
also "a link" "links.md:1: a link to lost.md, which is not there"
also "a heading" "links.md:1: no heading for #43-lost in docs/interface.md"
also "a test that no row names" "B3_depth.c is not in the table"

# wide FILE: prints the wide lines that are complained of.
wide() {
    (cd "$folder" && PYTHONDONTWRITEBYTECODE=1 PYTHONPATH="$tools" python3 -c '
import sys, references
print("\n".join(references.wide_lines(sys.argv[1])))' "$1")
}
long=$(printf '%0101d' 0)
printf '/* short */\nint a; /* %s */\nchar b[] = "%s";\n' "$long" "$long" >"$folder/lib/base/try.c"
check "a wide comment, not wide code" test "$(wide lib/base/try.c)" = "lib/base/try.c:2: 114 columns"
printf '%s\n| %s |\n' "$long" "$long" >"$folder/docs/wide.md"
check "a wide line, not a wide table" test "$(wide docs/wide.md)" = "docs/wide.md:1: 101 columns"
