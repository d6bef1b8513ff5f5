#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The swap driver without DMA.
. tests/system/common/functions
driver="driver ata pio"
[ $# -gt 0 ] || set -- A1 A15 B6 B8
run_mechanism "--mem 16 --swap 64" with-swap "$@"
