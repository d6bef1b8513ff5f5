#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The swap driver takes requests and ends none: it is asked to reset its disk and ends; one that does
# not listen is ended.  The programs whose pages it has notice nothing but the time.
. tests/system/common/functions

# A minute has to pass each time: while the others wait for the disk this makes it a short one, for
# time is counted in instructions, 64 nanoseconds each.
compile spins <<'C'
int main(void)
{
    for (;;) {
    }
}
C

# boot DRIVER-WORDS: until the driver has been started again twice, for which the program counts six,
# because of the tasks that were started in between; to $folder/out.
boot() {
    printf 'driver ata %s\nserver console raw\nstart spins\nstart test-driver_dies 700 5\nmain test-driver_dies 1500 7 6\n' \
        "$1" >"$folder/manifest"
    tools/run --icount --qemu=-icount --qemu=shift=6,sleep=on --mem 8 --swap 64 --timeout 400 \
        --manifest "$folder/manifest" --file "$build/ata.elf" --file "$build/console.elf" \
        --file "$build/test-driver_dies.elf" --file "$folder/spins" >"$folder/out" 2>&1
}

# said TIMES TEXT: at least so many lines of the console have it.
said() {
    [ "$(grep -c "$2" "$folder/out")" -ge "$1" ]
}

asked="has not ended a request for 6[0-9] s; it is asked to reset its disk"

plan 8
boot "hangs"
result $? "twice it hangs: all words are right"
check "it has hung" said 2 "ata: hangs on purpose"
check "it was asked to reset its disk" said 2 "physmem: the swap driver $asked"
check "and has ended for that" said 2 "ata: a request is overdue: the driver ends"
boot "hangs deaf"
result $? "twice it hangs and is deaf: all words are right"
check "it has hung" said 2 "ata: hangs on purpose"
check "it was asked, in vain" said 2 "physmem: the swap driver $asked"
check "and was taken for dead" said 2 "physmem: the swap driver does not answer; it is taken for dead"
