#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Random calls of printf, strtod and scanf: the host's C library says what must come out of ours.
# With arguments: tests/system/random_cases.sh SEED COUNT
. tests/system/common/functions
i686-linux-gnu-gcc -std=gnu11 -O1 -fno-builtin -static -o "$folder/make" tests/programs/random_cases.c -lm ||
    { echo "Bail out! the host's side does not compile"; exit 1; }
tools/host32 "$folder/make" make "${1-1}" "${2-20000}" >"$folder/cases.txt" ||
    { echo "Bail out! the host's side does not run"; exit 1; }
tools/run --mem 32 --swap 32 --timeout 600 --file "$folder/cases.txt" --arguments "check cases.txt" \
    "$build/test-random_cases.elf"
