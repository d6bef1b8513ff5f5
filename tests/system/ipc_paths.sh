#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The IPC fast path and the general path leave the same registers and the same state behind; the general one also on the
# kernel that has all assertions.
. tests/system/common/functions
plan 5

# run_paths WORDS [KERNEL]
run_paths() {
    tools/run --kernel "${2:-$build/kernel.elf}" --icount --cpu pentium3 --mem 64 --timeout 120 --append "$1" \
        --servers "$build/sigma0-minimal.elf" "$build/ipc_paths.elf"
}
run_paths "quiet slowipc" >"$folder/slow" 2>&1
cp "$folder/slow" "$folder/out"
check "the general path runs all cases" [ "$(grep -c 'thread 4 hash' "$folder/slow")" -eq 16 ]
run_paths "quiet" >"$folder/fast" 2>&1
cp "$folder/fast" "$folder/out"
check "the fast path runs all cases" [ "$(grep -c 'thread 4 hash' "$folder/fast")" -eq 16 ]
check "both leave the same registers and words" cmp "$folder/slow" "$folder/fast"
for words in "quiet slowipc" "quiet"; do
    run_paths "$words" "$build/kernel-ktest.elf" >"$folder/tested" 2>&1
    cp "$folder/tested" "$folder/out"
    check "no assertion fails, and the same is left ($words)" cmp "$folder/slow" "$folder/tested"
done
