#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The C library against the C standard, from inside a program (tests/programs/standard).
. tests/system/common/functions
tools/run --mem 16 --swap 32 --timeout 300 "$build/standard.elf"
