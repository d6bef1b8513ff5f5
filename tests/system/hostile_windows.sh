#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The same on a machine of 8 MiB where windows leave for the Segment Map: whoever makes windows, or
# has them come back, pays for what segmap does.
. tests/system/common/hostile
physmem_words=asm=256
run_hostile 8 attacks "$@"
