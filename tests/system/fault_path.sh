#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# A first touch of anonymous memory is three messages (fault, forward, answer), none of which takes
# the kernel's general way.  What else runs may add a few.
. tests/system/common/functions

# figure NAME: in thousandths of IPCs for each fault, or in instructions.
figure() {
    sed -n "s/^bench $1 \([0-9]*\) .*/\1/p" "$folder/out"
}
plan 4
tools/bench faults >"$folder/out" 2>&1
result $? "the faults are measured"
general=$(figure anon_fault_general_ipcs)
check "general ways: ${general:-no figure} thousandths, none" [ "${general:-999}" -eq 0 ]
plain=$(figure anon_fault_plain_ipcs)
check "plain ways: ${plain:-no figure} thousandths, three" [ "$((${plain:-0} / 100))" -eq 30 ]
instructions=$(figure anon_fault)
check "instructions: ${instructions:-no figure}, at most 3100" [ "${instructions:-9999}" -le 3100 ]
