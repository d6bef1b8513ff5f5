#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Programs that end badly on purpose: each status says how.
. tests/system/common/functions
plan 8

# ends HOW STATUS: the test program, told to end that way.
ends() {
    tools/run --mem 8 --swap 32 --timeout 120 --arguments "$1" "$build/test-libc.elf" >"$folder/out" 2>&1
    found=$?
    echo "status $found, should be $2" >>"$folder/out"
    [ "$found" -eq "$2" ]
    result $? "$1 ends with status $2"
}
ends fault 139
ends text 139
ends divide 136
ends abort 134
ends assert 134
ends overflow 139
ends nested 139
ends exit 7
