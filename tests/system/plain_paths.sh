#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The plain paths of IPC and the general one do the same with the same faults, exceptions and
# messages; and the plain ones are taken where they should be: each kind of case takes less than
# five sixths of the time.
. tests/system/common/functions
plan 6

# run_paths WORDS FILE [KERNEL]
run_paths() {
    tools/run --kernel "${3:-$build/kernel.elf}" --icount --cpu pentium3 --mem 64 --timeout 120 --append "$1" \
        --servers "$build/sigma0-minimal.elf" "$build/plain_paths.elf" </dev/null >"$folder/console" 2>&1
    paths_status=$?
    tail -n 20 "$folder/console" >"$folder/out"
    grep -v '^time' "$folder/console" >"$2"
    grep '^time' "$folder/console" >"$2.times"
    return $paths_status
}
run_paths "quiet slowipc" "$folder/slow"
result $? "the general path runs all cases, and the kernel is sound behind each tenth of them"
run_paths "quiet" "$folder/fast"
result $? "so do the plain paths"
check "both leave the same registers, words and pages" cmp "$folder/slow" "$folder/fast"
for words in "quiet slowipc" "quiet"; do
    run_paths "$words" "$folder/tested" "$build/kernel-ktest.elf"
    check "no assertion fails, and the same is left ($words)" cmp "$folder/slow" "$folder/tested"
done
paste -d ' ' "$folder/slow.times" "$folder/fast.times" >"$folder/out"
awk '{ n = NF / 2; if ($NF * 6 > $n * 5) bad = 1 } END { exit bad || NR != 6 }' "$folder/out"
result $? "six kinds of cases are faster on the plain paths"
