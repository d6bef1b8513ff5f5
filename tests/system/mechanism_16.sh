#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The mechanisms on a machine of 16 MiB, with kernel memory for a hundred tasks.
. tests/system/common/functions
run_mechanism "--mem 16 --swap 128 --append kmem=2048" with-swap
