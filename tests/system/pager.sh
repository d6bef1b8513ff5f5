#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The pager thread of a program where the C library does not lead.
. tests/system/common/functions
plan 3
pager() {
    tools/run --mem 8 --swap 0 --timeout 120 --arguments "$1" "$build/test-pager.elf" >"$folder/out" 2>&1
}
pager ''
result $? "a local id that comes back at once, a task server that does not listen"
pager end
[ $? -eq 139 ]
result $? "the task ends as soon as the task server listens"
pager 40000
result $? "40 000 threads are started and joined, by four at once"
