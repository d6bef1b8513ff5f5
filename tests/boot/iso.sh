#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The demo's ISO: the same bytes every time; boots as CD and as disk in QEMU, as CD in Bochs.
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
iso=$BUILD/pilotfish.iso
count=0
result() {
    count=$((count + 1))
    if [ "$1" = 0 ]; then echo "ok $count - $2"; else echo "not ok $count - $2"; fi
}
# boots COMMAND...: the console shows the demo at work; the console is shown if not.
boots() {
    "$@" >"$folder/console" 2>&1 </dev/null
    status=$?
    [ $status = 0 ] || tail -n 20 "$folder/console" | sed 's/^/# /'
    return $status
}
progress='^demo: task [0-9]+ is'

echo "KTAP version 1"
echo "1..5"
tools/make-iso "$folder/again.iso" && cmp "$iso" "$folder/again.iso"
result $? "made twice, the same bytes"
boots tools/run --iso "$iso" --mem 32 --swap 128 --timeout 120 --until "$progress"
result $? "boots as CD in QEMU"
boots tools/run --iso "$iso" --as-disk --mem 32 --swap 0 --timeout 120 --until "$progress"
result $? "boots as disk in QEMU"
tools/mkswap "$folder/swap" 128
boots tools/boot-bochs --disk "$folder/swap" --mem 32 --timeout 200 --until "$progress" --fail 'kernel panic' "$iso"
result $? "boots as CD in Bochs"
tr -d '\r' <"$folder/console" | grep -q '^ata: .*DMA'
result $? "the driver finds the disk in Bochs"
