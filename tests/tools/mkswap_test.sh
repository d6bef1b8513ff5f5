#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# mkswap writes the header and never over something else.
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
count=0
# expect NAME STATUS COMMAND...
expect() {
    count=$((count + 1))
    name=$1 status=$2
    shift 2
    "$@" >"$folder/output" 2>&1
    code=$?
    if [ $code = "$status" ]; then echo "ok $count - $name"; else
        sed 's/^/# /' "$folder/output"
        echo "not ok $count - $name (status $code)"
    fi
}
filled() { # OFFSET TEXT: a file of 1 MiB with the text there
    rm -f "$folder/disk"
    truncate -s 1M "$folder/disk"
    # shellcheck disable=SC2059 # the text holds escapes
    printf "$2" | dd of="$folder/disk" bs=1 seek="$1" conv=notrunc status=none
}
refuses() {
    filled "$2" "$3"
    cp "$folder/disk" "$folder/before"
    expect "refuses $1" 1 tools/mkswap "$folder/disk"
    expect "leaves $1 as it was" 0 cmp "$folder/disk" "$folder/before"
}

echo "KTAP version 1"
echo "1..22"
expect "makes a file" 0 tools/mkswap --uuid 000102030405060708090a0b0c0d0e0f "$folder/swap" 2
expect "of the size asked for" 0 test "$(stat -c %s "$folder/swap")" = 2097152
expect "with the signature" 0 test "$(head -c 16 "$folder/swap")" = PILOTFISH-SWAP-1
expect "with pages, uuid and checksum" 0 test "$(od -An -tx1 -j16 -N28 "$folder/swap" | tr -d ' \n')" = \
    0010000000020000000102030405060708090a0b0c0d0e0fcdc3493e
expect "writes over its own" 0 tools/mkswap "$folder/swap"
refuses "an ext file system" 1080 '\123\357'
refuses "a partition table" 510 '\125\252'
refuses "an ISO" 32769 'CD001'
refuses "a Linux swap area" 4086 'SWAPSPACE2'
refuses "a GPT" 512 'EFI PART'
expect "unless forced" 0 tools/mkswap --force "$folder/disk"
expect "no file, no size" 1 tools/mkswap "$folder/nothing"
expect "size 0" 1 tools/mkswap "$folder/nothing" 0
expect "size with letters" 1 tools/mkswap "$folder/nothing" 12x
truncate -s 4096 "$folder/small"
expect "a disk too small" 1 tools/mkswap "$folder/small"
expect "no argument" 2 tools/mkswap
expect "a folder" 1 tools/mkswap "$folder"
