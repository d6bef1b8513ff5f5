/* SPDX-License-Identifier: BSD-2-Clause */
#include "dies.h"

#include <stdint.h>

#include "l4/syscalls.h"
#include "log.h"

/* The first ones are those of the disk's header; then each request has four. */
enum { FIRST = 12, MORE = 64, HANGS_MORE = 2048 };

static uint32_t left; /* 0: never */
static bool hangs;

void dies_begin(bool hang)
{
    hangs = hang;
    left = FIRST + (uint32_t)(L4_SystemClock() * 2654435761u >> 8) % (hang ? HANGS_MORE : MORE);
}

void dies_at(enum dies_moment moment)
{
    if (left == 0 || --left > 0) {
        return;
    }
    log_event("%s on purpose, at moment %u of a request", hangs ? "hangs" : "ends", moment);
    while (hangs) {
        (void)L4_Receive_Timeout(L4_anylocalthread, L4_Never);
    }
    __asm__ volatile("ud2");
}
