#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The conformance tests as root task, on a machine with 4 MiB pages and SSE.  $CPU and $APPEND
# choose others, and $KERNEL another kernel than the shipped one.  Words as arguments go to the tests:
# only=FILE runs those of one file.
exec tools/run --icount --qemu=-rtc --qemu=clock=vm --cpu "${CPU:-pentium3}" --mem 64 --timeout 400 \
    --kernel "${KERNEL:-${BUILD:-build}/kernel.elf}" \
    --append "${APPEND:-}" --servers "${BUILD:-build}/sigma0-minimal.elf" "${BUILD:-build}/conformance.elf" \
    --arguments "$*" </dev/null
