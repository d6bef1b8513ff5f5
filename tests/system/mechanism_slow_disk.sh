#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# A disk of 40 operations a second: transfers last, so that faults overlap.
. tests/system/common/functions
tools/mkswap "$folder/disk" 64 >"$folder/out" || exit 1
slow="if=none,id=slow,format=raw,cache=unsafe,file=$folder/disk,throttling.iops-total=40"
[ $# -gt 0 ] || set -- A1 B1 B19 B21
run_mechanism "--mem 16 --swap 0 --qemu=-drive --qemu=$slow --qemu=-device --qemu=ide-hd,drive=slow,bus=ide.0,unit=0" with-swap "$@"
