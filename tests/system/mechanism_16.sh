#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The mechanisms on a machine of 16 MiB.  Kernel memory for a hundred tasks is lent by physmem.
. tests/system/common/functions
run_mechanism "$counted --mem 16 --swap 128" with-swap "$@"
