#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The conformance tests on the kernel that has all assertions.
KERNEL=${BUILD:-build}/kernel-ktest.elf exec tests/system/conformance.sh
