/* SPDX-License-Identifier: BSD-2-Clause */
/* For programs that compare what a system has before and after: segmap, which is started when there
 * are many windows, is started before. */
#pragma once

#include "let_something_happen.h"
#include "l4/syscalls.h"
#include "protocol/segmap.h"

/* Makes so many windows that some leave, if they do on this machine, and gives them back.
 * ERR_BUSY: none has left. */
static inline enum error start_segmap(void)
{
    enum { SPARE = 300, WAIT_US = 5000, WAITS = 2000 };
    struct memory_info info;
    handle_t handle;
    enum error e = physmem_memory_info(&info);
    uint32_t count = info.windows_stay + SPARE;
    if (e != OK || info.windows_stay == 0 || info.stores > 0) {
        return e;
    }
    e = physmem_create(count * WINDOW_PAGES, 0, &handle);
    if (e != OK) {
        return e;
    }
    for (uint32_t i = 0; i < count && e == OK; i++) {
        e = physmem_punch(handle, i * WINDOW_PAGES, 1);
    }
    for (unsigned i = 0; i < WAITS && e == OK && info.stores == 0; i++) {
        L4_Sleep(L4_TimePeriod(WAIT_US));
        e = let_something_happen();
        e = e == OK ? physmem_memory_info(&info) : e;
    }
    (void)physmem_destroy(handle);
    return e == OK && info.stores == 0 ? ERR_BUSY : e;
}
