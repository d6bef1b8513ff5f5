/* SPDX-License-Identifier: BSD-2-Clause */
/* User registers of the pretended machine: what kernel/l4 sets and reads through arch.h. */
#pragma once

#include <stdint.h>

struct arch_regs {
    uint32_t ip, sp, flags;
    uint32_t from, tag; /* last result of an IPC */
    uint32_t general[8];
};
