#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# What the kernel keeps for tasks that are out, which it tells with the word kdb alone.
. tests/system/common/functions
run_mechanism "--mem 32 --swap 64 --append kdb" with-swap A25_whole_tasks_go_out_costs_the_kernel_little
