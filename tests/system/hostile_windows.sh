#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The same on a machine of 8 MiB where windows leave for the Segment Map: whoever makes windows, or
# has them come back, pays for what segmap does; all of the attacks that are named, or those that
# make the most windows.
. tests/system/common/hostile
physmem_words=asm=256
[ $# -gt 0 ] || set -- copy_zeros make_windows punch_huge share_flood handles_of_the_dead fill full_for_all
run_hostile 8 attacks "$@"
