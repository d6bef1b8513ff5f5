/* SPDX-License-Identifier: BSD-2-Clause */
/* Attacks on the console server, which everybody needs. */
#include "attack.h"
#include "attacks.h"

#include "client/console.h"
#include "l4/syscalls.h"
#include "pilotfish/startup.h"

enum { READERS = 40, PAUSE_US = 10 * 1000 };

static volatile enum error refusal; /* of one of the readers */

static void read_for_ever(void *argument)
{
    char byte;
    uint32_t got;
    (void)argument;
    for (;;) {
        enum error e = console_read(pilotfish_startup()->console, &byte, 1, &got);
        if (e != OK) {
            refusal = e;
            L4_Sleep(L4_TimePeriod(PAUSE_US));
        }
    }
}

void console_readers(void)
{
    (void)attack_threads(read_for_ever, READERS);
    attack_begins();
    attack_waits();
    (void)attack_got(refusal);
}

void console_flood(void)
{
    static const char line[] = "# flood\n";
    uint32_t written;
    while (attack_goes_on()) {
        (void)attack_got(console_write(pilotfish_startup()->console, line, sizeof(line) - 1, &written));
    }
}
