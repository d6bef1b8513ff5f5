#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The kernel's own tests on a machine of 8 MiB with an old processor.
exec tools/run --ktest --mem 8 --cpu 486 --timeout 200
