#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Row B2: the goals of what serves faults, in their order: least of it stays in memory, then it is
# least complicated, then it is fast.  Each has a bound, so that what an earlier one loses cannot be
# made up for by a later one.  Who gets below a bound by more than is said here lowers it.
. tests/system/common/functions

# KiB on 16 MiB that are never paged (4 frames more or less are the kernel's loan); lines of physmem
# and the swap driver that are not blank; instructions of a first touch, all the way.
most_kib=724
most_lines=14800
most_instructions=2950

# gate KIB LINES INSTRUCTIONS: the first goal that is missed.
gate() {
    if [ "$1" -gt "$most_kib" ]; then
        echo residency
    elif [ "$2" -gt "$most_lines" ]; then
        echo complexity
    elif [ "$3" -gt "$most_instructions" ]; then
        echo overhead
    fi
}

# of NAME: its figure, from the lines of tools/bench.
of() {
    sed -n "s/^bench $1 \([0-9]*\) .*/\1/p" "$folder/out"
}

plan 6
tools/run --mem 16 --swap 128 --timeout 60 --arguments wired "$build/bench-paging.elf" >"$folder/out" 2>&1 </dev/null
kib=$(of wired_kib)
check "B2: ${kib:-?} KiB are never paged, at most $most_kib" [ "${kib:-999999}" -le $most_kib ]
lines=$(find servers/physmem servers/drivers/ata -name '*.[chS]' -exec cat {} + | grep -c .)
check "B2: $lines lines of what stays, at most $most_lines" [ "$lines" -le $most_lines ]
tools/bench faults >"$folder/out" 2>&1
fault=$(of anon_fault)
check "B2: a first touch takes ${fault:-?} instructions, at most $most_instructions" \
    [ "${fault:-999999}" -le $most_instructions ]
check "B2: nothing is missed" [ -z "$(gate "${kib:-999999}" "$lines" "${fault:-999999}")" ]
check "B2: what more stays in memory is not paid for by speed" [ "$(gate $((most_kib + 1)) 1 1)" = residency ]
check "B2: nor is what is more complicated" [ "$(gate 1 $((most_lines + 1)) 1)" = complexity ]
