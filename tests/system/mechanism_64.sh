#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The mechanisms on a machine of 64 MiB.
. tests/system/common/functions
run_mechanism "$counted --mem 64 --swap 320" with-swap "$@"
