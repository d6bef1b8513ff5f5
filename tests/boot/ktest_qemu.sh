#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The kernel's own tests, in QEMU.
exec tools/run --ktest --timeout 200
