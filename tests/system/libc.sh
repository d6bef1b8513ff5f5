#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The C library's port from inside a program, with a pager of its own, on a machine of 8 MiB.
. tests/system/common/functions
printf 'one line\nand another one\n' >"$folder/sample.txt"
tools/run --mem 8 --swap 32 --timeout 120 --file "$folder/sample.txt" "$build/test-libc.elf"
