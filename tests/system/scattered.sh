#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# What a space needs for its mappings is a cache: programs whose places need more page tables than
# their bound of kernel memory allows run to a good end.
. tests/system/common/functions

# runs NAME MIB-OF-RAM MIB-OF-SWAP MIB TIMES
runs() {
    tools/run --mem "$2" --swap "$3" --timeout 300 --arguments "$4 $5" "$build/test-scattered.elf" \
        >"$folder/out" 2>&1 </dev/null
    status=$?
    [ $status -eq 0 ] && grep -q "^$5 places, all right" "$folder/out"
    result $? "$1"
}

plan 2
runs "300 MiB at random on 8 MiB" 8 512 300 8000
runs "600 MiB at random on 16 MiB" 16 1024 600 8000
