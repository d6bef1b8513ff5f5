#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Processors that refuse what their model does not have, in Bochs: the kernel's own tests on some
# that differ in what the kernel uses (sysenter, global pages, SSE), the conformance tests where
# users matter too, at last with SMAP.  (Bochs has no 486: tests/boot/ktest_qemu_8.sh,
# tests/system/conformance_486.sh.)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
count=0

# passes MODEL MIB NAME: boots $folder/NAME.iso; all its tests pass.
passes() {
    count=$((count + 1))
    tools/boot-bochs --cpu "$1" --mem "$2" --until '^# Totals:' --fail 'kernel panic' --timeout 200 \
        "$folder/$3.iso" >"$folder/console" 2>&1
    if grep -a '^# Totals: pass:[1-9][0-9]* fail:0 ' "$folder/console" >"$folder/totals"; then
        sed "s/^# Totals:/# $1:/" "$folder/totals"
        echo "ok $count - $3 on $1"
    else
        grep -a '^not ok\|panic' "$folder/console" | tail -n 20 | sed 's/^/# /'
        tail -n 5 "$folder/console" | sed 's/^/# /'
        echo "not ok $count - $3 on $1"
    fi
}

echo "KTAP version 1"
echo "1..6"
build=${BUILD:-build}
tools/make-iso "$folder/ktest.iso" --ktest || exit 1
tools/make-iso "$folder/conformance.iso" --servers "$build/sigma0-minimal.elf" "$build/conformance.elf" || exit 1
for model in amd_k6_2_chomper p2_klamath ryzen; do
    passes $model 32 ktest
done
for model in pentium p3_katmai broadwell_ult; do
    passes $model 64 conformance
done
