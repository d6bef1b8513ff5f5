#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The demo without a swap disk, as whoever boots the ISO on a machine of his own sees it: on every size of machine the
# tasks are as large as fits, the results are right, and it says what a swap disk would add.  A machine with no room
# for any task is told so.
. tests/system/common/functions

iso=$build/pilotfish.iso
[ -f "$iso" ] || { iso=$folder/demo.iso && tools/make-iso "$iso"; }

# The words of a run that went well: $1 of the four hogs' sizes together.
good() {
    grep -q '^Every result is right\.' "$folder/out" && ! grep -q 'WRONG' "$folder/out" &&
        grep -q '^What a swap disk would add: ' "$folder/out" && grep -q "^write $1 together" "$folder/out" &&
        [ "$(grep -c 'as computed on the host' "$folder/out")" -ge 4 ]
}

# demo NAME SIZE OPTIONS OF tools/run...
demo() {
    name=$1
    size=$2
    shift 2
    tools/run --swap 0 --timeout 120 "$@" >"$folder/console" 2>&1 </dev/null
    seen=$?
    tr -d '\r' <"$folder/console" >"$folder/out"
    echo "status $seen" >>"$folder/out"
    [ $seen -eq 0 ] && good "$size"
    result $? "$name"
}

plan 9
demo "4 MiB" "[1-9].*iB" --mem 4 --demo
demo "16 MiB" "8 MiB" --mem 16 --demo
demo "512 MiB" "64 MiB" --mem 512 --demo
demo "ISO, 3 MiB" "[1-9].*KiB" --mem 3 --iso "$iso"
demo "ISO, 8 MiB" "2 MiB" --mem 8 --iso "$iso"
demo "ISO, 64 MiB" "32 MiB" --mem 64 --iso "$iso"
demo "ISO, 3500 MiB" "64 MiB" --mem 3500 --iso "$iso"

# A swap disk that is too small for all: as much as fits, one task goes out and comes back.
tools/run --mem 6 --swap 8 --timeout 120 --demo >"$folder/out" 2>&1 </dev/null &&
    grep -q '^Every result is right: nothing was lost' "$folder/out" &&
    grep -q 'was moved out to disk as a whole' "$folder/out" &&
    grep -q 'With more memory or a larger swap disk the tasks would use 64 MiB' "$folder/out"
result $? "6 MiB and a swap disk of 8 MiB"

# Another program has taken all but a few pages before the demo looks.
compile eater <<'C'
#include <client/physmem.h>
#include <stdlib.h>
#include <unistd.h>
int main(void)
{
    struct memory_info m;
    char *page;
    while (physmem_memory_info(&m) == OK && m.pages_promised + 20 < m.pages_limit && (page = malloc(4096)) != NULL)
        *page = 1;
    sleep(100);
    return 0;
}
C
printf 'driver ata\nserver console\nstart eater\nmain demo\n' >"$folder/manifest"
set --
for program in ata console demo hello hog lua; do set -- "$@" --file "$build/$program.elf"; done
tools/run --mem 6 --swap 0 --timeout 60 --manifest "$folder/manifest" --file "$folder/eater" "$@" \
    >"$folder/out" 2>&1 </dev/null
[ $? -eq 2 ] && grep -q '^demo: this machine is too small: .* KiB are left for tasks' "$folder/out" &&
    grep -q 'Give it more memory, or a swap disk' "$folder/out"
result $? "no room for any task: it is told so, status 2"
