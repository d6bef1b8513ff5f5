#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# What handled faults and exceptions leave as it was, on a processor with XMM registers and on one
# without.
. tests/system/common/functions
plan 2
for cpu in pentium3 486; do
    tools/run --mem 8 --swap 0 --cpu $cpu --timeout 120 "$build/test-handlers.elf" >"$folder/out" 2>&1
    result $? "handlers on $cpu"
done
