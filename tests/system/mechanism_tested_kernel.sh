#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The mechanisms on a machine of 64 MiB, with the kernel that has all assertions.
. tests/system/common/functions
run_mechanism "$counted --mem 64 --swap 320 --kernel $build/kernel-ktest.elf" with-swap "$@"
