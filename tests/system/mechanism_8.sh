#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The mechanisms on a machine of 8 MiB.
. tests/system/common/functions
run_mechanism "$counted --mem 8 --swap 64" with-swap "$@"
