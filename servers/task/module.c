/* SPDX-License-Identifier: BSD-2-Clause */
/* The table of boot modules, as physmem has told them. */
#include "module.h"

#include <stddef.h>

#include "base/assertion.h"
#include "client/physmem.h"
#include "log.h"
#include "table.h"
#include "text.h"

extern struct module __modules[]; /* task.ld */
extern char __threads[];          /* behind them */
static unsigned module_count;

/* The base name of the first word. */
static void set_name(struct module *m, const char *command)
{
    while (*command == ' ') {
        command++;
    }
    const char *base = command;
    size_t length = 0;
    for (const char *p = command; *p != '\0' && *p != ' '; p++) {
        length++;
        if (*p == '/') {
            base = p + 1;
            length = 0;
        }
    }
    ASSERT(base >= command && (base[length] == ' ' || base[length] == '\0'));
    text_copy(m->name, base, length + 1 < sizeof m->name ? length + 1 : sizeof m->name);
}

/* The records' place is made page by page. */
static enum error make_place(unsigned index)
{
    char *start = (char *)&__modules[index], *end = (char *)&__modules[index + 1];
    bool fresh = index == 0 || (L4_Word_t)(start - 1) >> PAGE_SHIFT != (L4_Word_t)(end - 1) >> PAGE_SHIFT;
    ASSERT(end <= __threads);
    return fresh ? page_make((char *)((L4_Word_t)(end - 1) & ~(L4_Word_t)(PAGE_SIZE - 1))) : OK;
}

void module_table_init(void)
{
    for (uint32_t i = 0; i <= MODULES_MAX; i++) {
        struct module_info info;
        enum error e = physmem_module(i, &info);
        if (e == ERR_NOT_FOUND) {
            return;
        }
        if (e != OK) {
            log_failure("boot module %u: %s", (unsigned)i, error_text(e));
            return;
        }
        e = i < MODULES_MAX ? make_place(i) : ERR_TOO_LARGE;
        if (e != OK) {
            log_failure("no place for more than %u boot modules (%s); the rest is left out", (unsigned)i,
                        error_text(e));
            return;
        }
        ASSERT(module_count == i && info.handle != HANDLE_NONE);
        struct module *m = &__modules[module_count++];
        m->handle = info.handle;
        m->bytes = info.bytes;
        set_name(m, info.command);
    }
}

const struct module *module_find(const char *name)
{
    ASSERT(module_count <= MODULES_MAX);
    for (unsigned i = 0; i < module_count; i++) {
        if (text_equal(__modules[i].name, name)) {
            return &__modules[i];
        }
    }
    return NULL;
}
