#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Calls that give the kernel as much to do as they can (tests/roots/long_calls) do it right, and
# nothing keeps interrupts off for longer than 25 000 instructions.
. tests/system/common/functions
plan 4
machine() {
    tools/run "$@" >"$folder/out" 2>&1 </dev/null
}
for words in "" " ioports=mapped"; do
    check "every call does what it should${words:+ ($words )}" \
        machine --icount --mem 64 --timeout 60 --kernel "$build/kernel-irqoff.elf" \
        --append "quiet kmem=20480$words" --servers "$build/sigma0-minimal.elf" "$build/long_calls.elf"
    longest=$(tr -d '\r' <"$folder/out" | sed -n 's/.*irqoff [a-z_]* \([0-9]*\).*/\1/p' | sort -n | tail -n 1)
    echo "# the longest: ${longest:-no figure}"
    check "interrupts are off for at most 25 000 instructions${words:+ ($words )}" [ "${longest:-999999}" -le 25000 ]
done
