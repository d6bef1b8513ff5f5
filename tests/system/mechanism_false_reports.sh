#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# A swap driver that reports each completion twice, and completions of requests that never were.
. tests/system/common/functions
driver="driver ata repeat-reports"
[ $# -gt 0 ] || set -- A1 B6 B8_swap_finish_completions B8_swap_finish_false B19 B21
run_mechanism "--mem 16 --swap 64" with-swap "$@"
