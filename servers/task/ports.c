/* SPDX-License-Identifier: BSD-2-Clause */
/* A table of who was given which range; it has room for 32, and a machine has fewer. */
#include "ports.h"

#include <stddef.h>

#include "base/assertion.h"
#include "client/physmem.h"
#include "log.h"
#include "request.h"

enum { PORT_COUNT = 0x10000, GIVEN_MAX = 32 };

struct range {
    L4_Word_t first, last;
};

/* The ports of the kernel's own devices: interrupt controllers and timer. */
static const struct range kernels[] = {{0x20, 0x21}, {0xa0, 0xa1}, {0x40, 0x43}, {0x61, 0x61}};

static struct {
    L4_Word_t task; /* 0 if the entry is free */
    struct range ports;
} given[GIVEN_MAX];

static bool overlap(const struct range *a, const struct range *b)
{
    return a->first <= b->last && b->first <= a->last;
}

void ports_init(void)
{
    enum error e = physmem_ports();
    if (e != OK) {
        log_failure("no ports from physmem: %s", error_text(e));
    }
}

void ports_forget(const struct task *task)
{
    for (unsigned i = 0; i < GIVEN_MAX; i++) {
        if (given[i].task == task->id) {
            given[i].task = 0;
        }
    }
}

/* Notes that the task has the ports.  It may ask again for what it has already. */
static enum error note(const struct task *task, struct range ports)
{
    unsigned place = GIVEN_MAX;
    ASSERT(ports.first <= ports.last && ports.last < PORT_COUNT);
    for (unsigned i = 0; i < GIVEN_MAX; i++) {
        if (given[i].task == 0) {
            place = i;
        } else if (given[i].task != task->id && overlap(&given[i].ports, &ports)) {
            return ERR_BUSY;
        } else if (given[i].task == task->id && given[i].ports.first == ports.first &&
                   given[i].ports.last == ports.last) {
            return OK;
        }
    }
    if (place == GIVEN_MAX) {
        return ERR_NO_MEMORY;
    }
    given[place].task = task->id;
    given[place].ports = ports;
    return OK;
}

enum error on_ports(struct request *r)
{
    L4_Word_t first = r->in[0], log2 = r->in[1];
    if (r->task->kind != KIND_DRIVER && r->task->kind != KIND_SERVER) {
        return ERR_PERMISSION;
    }
    if (first >= PORT_COUNT || log2 > 15 || first % (1u << log2) != 0) {
        return ERR_ARGUMENT;
    }
    struct range ports = {first, first + (1u << log2) - 1};
    for (unsigned i = 0; i < sizeof kernels / sizeof kernels[0]; i++) {
        if (overlap(&kernels[i], &ports)) {
            return ERR_PERMISSION;
        }
    }
    enum error e = note(r->task, ports);
    if (e == OK) {
        r->map = L4_FpageAddRights(L4_IoFpage(first, (unsigned)log2), L4_FullyAccessible);
    }
    return e;
}
