/* SPDX-License-Identifier: BSD-2-Clause */
/* Pages of the server's own designated container, behind its image (table.h). */
#include "client/physmem.h"
#include "l4/syscalls.h"
#include "table.h"

/* physmem may have no frame free while pages are being written. */
enum { TRIES = 10, PAUSE_US = 2000 };

enum error page_make(char *page)
{
    L4_Word_t number = (L4_Word_t)page >> PAGE_SHIFT;
    enum error e = ERR_NO_MEMORY;
    for (unsigned i = 0; e == ERR_NO_MEMORY && i < TRIES; i++) {
        uint32_t mapped;
        e = physmem_map(HANDLE_DC, number, 1, RIGHT_READ | RIGHT_WRITE, (L4_Word_t)page, &mapped);
        if (e == ERR_NO_MEMORY) {
            L4_Sleep(L4_TimePeriod(PAUSE_US));
        }
    }
    return e;
}

void page_give_back(char *page)
{
    (void)physmem_zero(HANDLE_DC, (L4_Word_t)page >> PAGE_SHIFT, 1);
}
