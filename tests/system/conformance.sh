#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The conformance tests as root task, on a machine with 4 MiB pages and SSE.  $CPU and $APPEND
# choose others.
exec tools/run --icount --qemu=-rtc --qemu=clock=vm --cpu "${CPU:-pentium3}" --mem 64 --timeout 400 \
    --append "${APPEND:-}" --servers "${BUILD:-build}/sigma0-minimal.elf" "${BUILD:-build}/conformance.elf" </dev/null
