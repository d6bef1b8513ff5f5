#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Kernel memory as a root task sees it (tests/roots/kernel_memory.c): 10 000 threads within 24 MiB,
# quotas, none left.
exec tools/run --icount --cpu pentium3 --mem 64 --timeout 60 --append "quiet kmem=24576" \
    --servers "${BUILD:-build}/sigma0-minimal.elf" "${BUILD:-build}/kernel_memory.elf" </dev/null
