#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Windows leave physmem's memory for the Segment Map and come back, and nobody notices: a program
# reckons the same with few windows and with many, while segmap is ended again and again, and with
# programs in segmap's place that are none.
. tests/system/common/functions

limit=600
all_right="all right, and all slots are back"

# boot MIB SWAP WINDOWS "PROGRAM LINES" FILE...: to $folder/out; WINDOWS may be `default`, for which
# nothing is said
boot() {
    printf 'debug on\ndriver ata\nserver console raw\n%s\n' "$4" >"$folder/manifest"
    mem=$1
    swap=$2
    words=
    [ "$3" = default ] || words=asm=$3
    shift 4
    # shellcheck disable=SC2086 # words on purpose
    tools/run $counted --mem "$mem" --swap "$swap" --timeout "$limit" ${words:+--physmem-words "$words"} \
        --manifest "$folder/manifest" --file "$build/ata.elf" --file "$build/console.elf" \
        --file "$build/test-windows.elf" "$@" >"$folder/out" 2>&1 </dev/null
}

# same NAME MIB SWAP "ARGUMENTS" FEW...: with so few windows as with many, and LOOKUPs with few only
same() {
    name=$1
    mem=$2
    swap=$3
    arguments=$4
    shift 4
    boot "$mem" "$swap" 65536 "main test-windows $arguments"
    status=$?
    many=$(grep "$all_right" "$folder/out")
    [ $status -eq 0 ] && [ -n "$many" ] && grep -q "^segmap: 0 lookups, 0 stores" "$folder/out"
    result $? "$name, many windows: no calls for segmap"
    for few in "$@"; do
        boot "$mem" "$swap" "$few" "main test-windows $arguments"
        status=$?
        [ $status -eq 0 ] && [ "$(grep "$all_right" "$folder/out")" = "$many" ] &&
            grep -q "^segmap: [1-9][0-9]* lookups, [1-9][0-9]* stores" "$folder/out"
        result $? "$name, $few windows: the same"
    done
}

plan 18
same "8 MiB, one page a window" 8 64 "32768 16 2 7" 8 64 default
same "8 MiB, whole windows" 8 64 "5000 1 2 8" 64
same "16 MiB" 16 64 "65536 16 1 9" 32
same "64 MiB" 64 128 "163840 16 1 10" 64

boot 8 64 16 "start test-windows 16384 16 500 11
start test-windows 2000 1 500 12
main test-windows 16384 16 6 13 kill 60"
status=$?
[ $status -eq 0 ] && grep -q "$all_right" "$folder/out"
result $? "segmap is ended again and again"
ends=$(sed -n 's/^segmap: .* ended \([0-9]*\) times/\1/p' "$folder/out")
[ "${ends:-0}" -ge 40 ]
result $? "it has been ended often"
check "no word is wrong" sh -c "! grep -q wrong '$folder/out'"

# Not a program; and one that ends at once.
echo "no program" >"$folder/segmap.elf"
boot 8 64 16 "main test-windows 16384 16 1 14" --file "$folder/segmap.elf"
status=$?
[ $status -eq 0 ] && grep -q "$all_right" "$folder/out" && grep -q "^task: segmap cannot be started" "$folder/out"
result $? "without a segmap windows stay"
cp "$build/hello.elf" "$folder/segmap.elf"
boot 8 64 16 "main test-windows 16384 16 1 14" --file "$folder/segmap.elf"
status=$?
[ $status -eq 0 ] && grep -q "$all_right" "$folder/out" &&
    grep -q "^task: segmap has ended 9 times in a row and done nothing" "$folder/out"
result $? "a segmap that does nothing is given up"

# Row B26: what is looked up for a set of windows that fits is nothing once they are there, though
# its pages come and go, and after the set has changed nothing again; so segmap stays out.
boot 16 64 64 "main test-working_set" --file "$build/test-working_set.elf"
result $? "B26: a working set, and another one"
for set in "first set" "shifted set"; do
    check "B26: $set: some LOOKUPs, then none, and segmap stays out" grep -q \
        "^phase $set: [1-9][0-9]* lookups, then 0 and [1-9][0-9]* pages read, segmap is out" "$folder/out"
done
