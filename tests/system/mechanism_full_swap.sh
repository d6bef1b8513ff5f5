#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# A swap disk far smaller than memory: full at the k-th page, and no room left at all.
. tests/system/common/functions
[ $# -gt 0 ] || set -- A1 A4 A25 B8
run_mechanism "--mem 16 --swap 4 --append kmem=2048" with-swap "$@"
