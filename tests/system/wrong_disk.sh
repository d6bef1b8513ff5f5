#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# A disk without our signature is never written, whatever else it bears; the machine says so and
# runs without.
. tests/system/common/functions

# boot OPTIONS ROW...: the machine's console goes to $folder/out.
boot() {
    options=$1
    shift
    run_mechanism "--mem 16 $options" "$@" >"$folder/out" 2>&1
}

# refused NAME FILE: boots with the disk; it must be left alone.
refused() {
    before=$(sha256sum <"$2")
    boot "--disk $2" A1_task_with_pager_goes_out_without A20
    result $? "$1: the machine runs without swap"
    [ "$before" = "$(sha256sum <"$2")" ]
    result $? "$1: not one byte is written"
    check "$1: the driver says so" grep -q "ata: ide0 unit 0: not used for swap" "$folder/out"
    grep -q "without_a_disk_it_is_refused$" "$folder/out" # not skipped: there was no swap
    result $? "$1: there is no swap"
}

plan 27
head -c 4M /dev/urandom >"$folder/random"
refused "a strange disk" "$folder/random"

head -c 4M /dev/zero >"$folder/zero"
refused "an empty disk" "$folder/zero"

tools/mkswap "$folder/damaged" 4 >"$folder/out" 2>&1
printf 'x' | dd of="$folder/damaged" bs=1 seek=20 conv=notrunc 2>"$folder/out"
refused "a damaged header" "$folder/damaged"

tools/mkswap "$folder/cut" 8 >"$folder/out" 2>&1
truncate -s 4M "$folder/cut"
refused "a disk smaller than its header says" "$folder/cut"

head -c 4096 /dev/urandom >"$folder/tiny"
refused "a disk of one page" "$folder/tiny"

# A second disk is tried when the first one is none of ours.
tools/mkswap "$folder/second" 64 >"$folder/out" 2>&1
before=$(sha256sum <"$folder/random")
boot "--disk $folder/random --qemu=-drive --qemu=if=none,id=two,format=raw,cache=unsafe,file=$folder/second
    --qemu=-device --qemu=ide-hd,drive=two,bus=ide.0,unit=1" with-swap A1 A20
result $? "a second disk: the machine runs"
check "the second disk is used" grep -q "physmem: swap: " "$folder/out"
[ "$before" = "$(sha256sum <"$folder/random")" ]
result $? "the first one is not written"
boot "--swap 0 --qemu=-drive --qemu=if=none,id=two,format=raw,cache=unsafe,file=$folder/second
    --qemu=-device --qemu=ide-hd,drive=two,bus=ide.1,unit=0" with-swap A1 A20
result $? "a disk on the second channel: the machine runs"
check "it is the swap disk" grep -q "physmem: swap: " "$folder/out"
check "it is on the second channel" grep -q "ata: ide1 unit 0: QEMU HARDDISK" "$folder/out"
boot "--swap 0" A1_task_with_pager_goes_out_without A20
result $? "no disk: the machine runs without swap"
