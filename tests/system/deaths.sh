#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# What the kernel must not do, it does not survive: writes to its own text and tables, a full stack,
# a broken invariant of its own, and, on processors with SMAP and SMEP, user pages read and executed by mistake
# (tests/kernel/protection_test.c).
. tests/system/common/functions

# dies CPU WORD TEXT: the kernel of the tests, told to do WORD, ends with a panic of this text.
dies() {
    tools/run --ktest --cpu "$1" --append "ktest $2" --timeout 60 >"$folder/out" 2>&1 </dev/null
    grep -q "^kernel panic: .*$3" "$folder/out"
    result $? "$1: $2"
}

plan 13
for cpu in 486 pentium3 max; do
    dies $cpu write-text "exception 14 in the kernel: error 3,"
    dies $cpu write-sealed "exception 14 in the kernel: error 3,"
    dies $cpu overflow "the kernel's stack is full"
done
dies max read-user "exception 14 in the kernel: error 1,.* cr2 5000"
dies max execute-user "exception 14 in the kernel: error 11,.* cr2 5000"
dies pentium3 miscount "kernel/l4/ipc_state.c:[0-9]*: assertion failed: t->state == THREAD_SENDING && t->partner"
dies pentium3 no-transfer "kernel/l4/ipc_suspend.c:[0-9]*: assertion failed: .*t->transfer_sender"
