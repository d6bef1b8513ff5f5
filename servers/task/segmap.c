/* SPDX-License-Identifier: BSD-2-Clause */
#include "segmap.h"

#include "log.h"
#include "protocol/segmap.h"
#include "restart.h"

static L4_Word_t calls_done(const struct memory_info *m)
{
    return m->lookups + m->stores;
}

static const char *const words[] = {"segmap"};
static struct file program;

static struct restart segmap = {
    .what = "segmap",
    .start = {.kind = KIND_SEGMAP, .program = &program, .argc = 1, .argv = words},
    .work = calls_done,
};

/* The map's container, all zero: a map without records. */
static enum error make_map(void)
{
    struct memory_info memory;
    enum error e = physmem_memory_info(&memory);
    if (e != OK) {
        return e;
    }
    L4_Word_t pages = memory.slots_total / SEGMAP_SLOTS_PER_PAGE;
    return physmem_create(pages < SEGMAP_PAGES_MAX ? pages : SEGMAP_PAGES_MAX, 0, &segmap.start.map);
}

void segmap_wanted(void)
{
    if (segmap.start.map != HANDLE_NONE) {
        return; /* it has been started, or cannot be */
    }
    enum error e = file_find_program(words[0], true, &program);
    if (e == ERR_NOT_FOUND) {
        log_info("no boot module named segmap: what describes memory that is out stays in memory");
        return;
    }
    e = e == OK ? make_map() : e;
    e = e == OK ? restart_begin(&segmap) : e;
    if (e != OK) {
        log_failure("segmap cannot be started, what describes memory that is out stays in memory: %s",
                    error_text(e));
    }
}

void segmap_ended(L4_Word_t task, bool killed)
{
    if (task == segmap.task && !restart_ended(&segmap, task, killed)) {
        (void)physmem_set_segmap(0, segmap.start.map);
        log_failure("memory that only the Segment Map knows of does not come back: boot again");
    }
}
