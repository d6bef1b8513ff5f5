#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The collector of test results tells good from bad.
count=0

# judge NAME EXPECTED-LAST-LINE OUTPUT [STATUS]: a program that prints OUTPUT is judged so.
judge() {
    count=$((count + 1))
    folder=$(mktemp -d)
    printf '#!/bin/sh\ncat <<EOF\n%s\nEOF\nexit %s\n' "$3" "${4:-0}" >"$folder/program"
    chmod +x "$folder/program"
    seen=$(tools/ktap-collect "$folder/program" | tail -n 1)
    if [ "$seen" = "$2" ]; then echo "ok $count - $1"; else echo "# $seen"; echo "not ok $count - $1"; fi
    rm -rf "$folder"
}

echo "KTAP version 1"
echo "1..13"
judge "all good" "2 passed, 0 failed" "KTAP version 1
1..2
ok 1 - a
noise of the machine
ok 2 b"
judge "one bad" "1 passed, 1 failed" "1..2
ok 1 - a
not ok 2 - b"
judge "plan at the end" "1 passed, 0 failed" "ok 1 - a
1..1"
judge "no output" "0 passed, 1 failed" ""
judge "no plan" "1 passed, 1 failed" "ok 1 - a"
judge "ends early" "1 passed, 1 failed" "1..2
ok 1 - a"
judge "too many" "2 passed, 1 failed" "1..1
ok 1 - a
ok 2 - b"
judge "bad status" "1 passed, 1 failed" "1..1
ok 1 - a" 3
judge "skip for the machine's sake" "1 passed, 0 failed" "1..2
ok 1 - a
ok 2 - b # SKIP machine: has no KVM"
judge "skip for no reason" "1 passed, 1 failed" "1..2
ok 1 - a
ok 2 - b # SKIP later"
judge "subtests" "2 passed, 0 failed" "1..1
  1..2
  ok 1 - a
  ok 2 - b
ok 1 - group"
judge "a bad subtest counts once" "1 passed, 1 failed" "1..1
  1..2
  ok 1 - a
  not ok 2 - b
not ok 1 - group"
judge "wrong number" "1 passed, 1 failed" "1..1
ok 7 - a"
