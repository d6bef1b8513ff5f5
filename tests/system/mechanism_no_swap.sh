#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The mechanisms that work without a swap disk.
. tests/system/common/functions
run_mechanism "--mem 16 --swap 0" "$@"
