#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The swap driver ends in the middle of its work, again and again, under load: nobody notices.
# driver_dies.sh [TIMES]; `make soak' takes 1000.
. tests/system/common/functions

times=${1:-40}
limit=600

# boot MIB TIMES DRIVER: three programs that use more memory than there is; to $folder/out.
boot() {
    printf '%s\nserver console raw\nstart test-driver_dies 1500 5\nstart test-driver_dies 1500 6\nmain test-driver_dies 2000 7 %s\n' \
        "$3" "$2" >"$folder/manifest"
    tools/run --mem "$1" --swap 64 --timeout "$limit" --manifest "$folder/manifest" --file "$build/ata.elf" \
        --file "$build/console.elf" --file "$build/test-driver_dies.elf" >"$folder/out" 2>&1
}

plan 6
for driver in "driver ata dies" "driver ata pio dies"; do
    boot 8 "$times" "$driver"
    result $? "$driver: $times times"
    ended=$(grep -c "ata: ends on purpose" "$folder/out")
    [ "$ended" -ge "$times" ]
    result $? "$driver: it has ended so often"
    check "$driver: no word is wrong" sh -c "! grep -q wrong '$folder/out'"
done
