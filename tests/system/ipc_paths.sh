#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The IPC fast path and the general path leave the same registers and the same state behind.
. tests/system/common/functions
plan 3

run_paths() {
    tools/run --icount --cpu pentium3 --mem 64 --timeout 120 --append "$1" \
        --servers "$build/sigma0-minimal.elf" "$build/ipc_paths.elf"
}
run_paths "quiet slowipc" >"$folder/slow" 2>&1
cp "$folder/slow" "$folder/out"
check "the general path runs all cases" [ "$(grep -c 'thread 4 hash' "$folder/slow")" -eq 16 ]
run_paths "quiet" >"$folder/fast" 2>&1
cp "$folder/fast" "$folder/out"
check "the fast path runs all cases" [ "$(grep -c 'thread 4 hash' "$folder/fast")" -eq 16 ]
check "both leave the same registers and words" cmp "$folder/slow" "$folder/fast"
