#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The kernel's paths are no longer than docs/measurements.md says they must be (its column `must').
# Instructions under -icount: the same on every machine.
. tests/system/common/functions

# "name limit" a line, from the rows of the table.
awk -F '|' '/^\| `[a-z0-9_]*` \|/ && NF > 8 { gsub(/[ `]/, "", $2); gsub(/[^0-9]/, "", $5); print $2, $5 }' \
    docs/measurements.md >"$folder/limits"
plan $(($(wc -l <"$folder/limits") + 3))
tools/bench kernel >"$folder/figures" 2>"$folder/out"
check "the table has all the paths" [ "$(wc -l <"$folder/limits")" -ge 16 ]
end=$(i686-linux-gnu-nm "$build/kernel.elf" | sed -n 's/ . kernel_end_physical$//p')
check "the image: $(((0x$end - 0x100000) / 1024)) KiB, at most 132" [ $((0x$end)) -le $((0x121000)) ]
while read -r name limit; do
    figure=$(sed -n "s/^bench $name \([0-9]*\) instructions$/\1/p" "$folder/figures")
    check "$name: ${figure:-no figure}, at most $limit" [ "${figure:-999999}" -le "$limit" ]
done <"$folder/limits"
grep -E '_(entries|switches|flushes) ' "$folder/figures" >"$folder/counts"
python3 tools/figures.py docs/measurements.md <"$folder/counts" >"$folder/out" 2>&1
result $? "entries, switches and flushes are those of docs/measurements.md"
