/* SPDX-License-Identifier: BSD-2-Clause */
/* The record comes first, then the argument pointers and a null, then the strings. */
#include "loader/startup_record.h"

#include "base/assertion.h"

uint32_t startup_record_bytes(unsigned argc, const char *const *argv)
{
    if (argc > STARTUP_ARGC_MAX) {
        return 0;
    }
    uint32_t text_bytes = 0;
    for (unsigned i = 0; i < argc; i++) {
        for (const char *p = argv[i];; p++) {
            if (++text_bytes > STARTUP_ARGS_MAX) {
                return 0;
            }
            if (*p == '\0') {
                break;
            }
        }
    }
    uint32_t bytes = (uint32_t)sizeof(struct startup) + (argc + 1) * (uint32_t)sizeof(L4_Word_t) + text_bytes;
    return bytes <= STARTUP_PAGES_MAX * PAGE_SIZE ? bytes : 0;
}

void startup_record_write(void *buf, L4_Word_t address, const struct startup *head, unsigned argc,
                          const char *const *argv)
{
    struct startup *record = (struct startup *)buf;
    L4_Word_t *pointers = (L4_Word_t *)(record + 1);
    char *text = (char *)(pointers + argc + 1);
    ASSERT(startup_record_bytes(argc, argv) != 0);
    *record = *head;
    record->argc = argc;
    record->argv = address + (L4_Word_t)sizeof *record;
    for (unsigned i = 0; i < argc; i++) {
        pointers[i] = address + (L4_Word_t)(text - (char *)buf);
        const char *p = argv[i];
        do {
            *text++ = *p;
        } while (*p++ != '\0');
    }
    pointers[argc] = 0;
}
