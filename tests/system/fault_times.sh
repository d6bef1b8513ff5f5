#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# How long faults take whose window is here, the slowest ones too: row B23.
. tests/system/common/functions
tools/run --icount --mem 16 --swap 0 --timeout 60 "$build/test-fault_times.elf"
