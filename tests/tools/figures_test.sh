#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# tools/check figures takes a good table and sees each fault of a bad one; tools/figures.py sees what differs from
# its figures; tools/bench has a name for each of its lines.
. tests/system/common/functions

plan 14
tools/bench --names | sort -u >"$folder/names"
check "tools/bench has names, each in the form of a line's" \
    [ "$(grep -c '^[a-z][a-z0-9_]*$' "$folder/names")" -gt 100 ]
grep -ohE '\breport\("[a-z0-9_]+"' tests/perf/*.c | cut -d '"' -f 2 | sort -u | comm -23 - "$folder/names" >"$folder/out"
check "what the programs of tests/perf report is among them" [ ! -s "$folder/out" ]

mkdir -p "$folder/tree/tools" "$folder/tree/docs"
cp tools/check tools/references.py tools/figures.py "$folder/tree/tools/"
cd "$folder/tree" || exit 1
printf '#!/bin/sh\nprintf "%%s\\n" fault pair_4m pair_64m path path_entries\n' >tools/bench
chmod +x tools/bench
git init -q .
git -c user.name=x -c user.email=x@x commit -q --allow-empty -m start
commit=$(git rev-parse --short=7 HEAD)

# The document of a small tree that has nothing wrong; the arguments are a script for sed.
document() {
    sed "$@" >docs/measurements.md <<TEXT
# Measurements

## Faults

At commit $commit.

| figure | what | Pilotfish | Linux |
|---|---|--:|--:|
| \`fault\` | a fault | **4 127** | 9 |
| \`pair_4m\`, \`pair_64m\` | two figures | 3 128 B, 73 | 7 |

A fault (\`fault\`, 4 127 instructions) is 3 % longer than elsewhere; \`pair_4m\` is not. \`fault\` 32 areas.

## Paths

| figure | what | instructions | must |
|---|---|--:|--:|
| \`path\` | a path | 12 | 20 |

| figure | entries |
|---|--:|
| \`path\` | 2 |

At commit $commit.

| commit | calls |
|---|--:|
| $commit | 5 |
TEXT
}
# finds NAME TEXT [SCRIPT]: the check complains so of the document that the script makes.
finds() {
    document -e "$3"
    ! tools/check figures >"$folder/out" 2>&1 && grep -q "^# $2\$" "$folder/out"
    result $? "$1"
}

document ''
check "a good document is taken" tools/check figures
finds "a table without a commit" "the table of line 7 names no commit" '0,/^At commit.*/s///'
finds "a commit that is not in the history" "commit 0123456 is not in the history" 's/^At commit.*/At commit 0123456./'
finds "the same in a column" "commit 0123456 is not in the history" 's/^| [0-9a-f]* | 5/| 0123456 | 5/'
# shellcheck disable=SC2016 # Markdown's backquotes
finds "a name that nothing prints" "nothing prints fallt" 's/^| `fault`/| `fallt`/'
# shellcheck disable=SC2016
finds "a line without a row" "fault has no figure" '/^| `fault`/d'
finds "a row without a figure" "the table of line 7 has no figure for pair_64m" 's/, 73//'
# shellcheck disable=SC2016
finds "a row that stands twice" "fault has two figures" 's/^| `fault`.*/&\n&/'
finds "another figure in the text" "fault is 4 100 here, 4127 in docs/measurements.md" 's/4 127 inst/4 100 inst/'
document ''
# shellcheck disable=SC2016 # Markdown's backquotes
echo 'There `pair_64m` is 74 bytes.' >README.md
! tools/check figures >"$folder/out" 2>&1 && grep -q '^# pair_64m is 74 here, 73 in' "$folder/out"
result $? "another figure in another text"

compare() {
    printf 'bench %s\n' "$@" | python3 tools/figures.py docs/measurements.md
}
check "what differs by less than 3 % is the same" compare "fault 4200 instructions" "path_entries 2 entries" "pair_4m 999 ms"
! compare "fault 4300 instructions" "path 12 instructions" "new 5 bytes" >"$folder/out" 2>&1 &&
    grep -q 'fault is 4300 instructions, and 4127 there' "$folder/out" && grep -q 'new is not there' "$folder/out" &&
    ! grep -q 'path' "$folder/out"
result $? "what differs by more, or has no figure, is named"
