/* SPDX-License-Identifier: BSD-2-Clause */
/* The whole-state checker: counts everything again and compares.  For tests; takes time. */
#pragma once

#include <stdint.h>

struct check_result {
    uint32_t violations;
    uint32_t line; /* in check.c, of the first one */
};

struct check_result check_everything(void);
