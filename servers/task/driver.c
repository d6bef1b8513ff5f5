/* SPDX-License-Identifier: BSD-2-Clause */
/* What is known of the driver is copied here, since the manifest is not kept. */
#include "driver.h"

#include <stddef.h>

#include "base/assertion.h"
#include "client/physmem.h"
#include "l4/syscalls.h"
#include "log.h"
#include "restart.h"
#include "text.h"

enum {
    WORDS_MAX = 16,
    WORDS_BYTES = 256,
    KEEP_TRIES = 1000,
    PAUSE_US = 10 * 1000,
};

extern char __executable_start[], __scratch_start[], __scratch_end[]; /* task.ld */

static struct file program;
static uint32_t file_pages;
static const char *words[WORDS_MAX];
static char text[WORDS_BYTES];

static L4_Word_t pages_moved(const struct memory_info *m)
{
    return m->pages_read + m->pages_written;
}

static struct restart driver = {
    .what = "the swap driver",
    .start = {.kind = KIND_DRIVER, .program = &program, .argv = words},
    .work = pages_moved,
};

static void copy_words(unsigned argc, const char *const *argv)
{
    size_t used = 0;
    driver.start.argc = 0;
    for (unsigned i = 0; i < argc && i < WORDS_MAX && used < WORDS_BYTES; i++) {
        text_copy(text + used, argv[i], WORDS_BYTES - used);
        words[driver.start.argc++] = text + used;
        while (text[used] != '\0') {
            used++;
        }
        used++;
    }
}

static void keep(handle_t handle, L4_Word_t first, L4_Word_t count)
{
    enum error e = ERR_BUSY;
    for (unsigned i = 0; e == ERR_BUSY && i < KEEP_TRIES; i++) {
        e = physmem_keep(handle, first, count);
        if (e == ERR_BUSY) {
            L4_Sleep(L4_TimePeriod(PAUSE_US));
        }
    }
    if (e != OK) {
        log_failure("what it takes to start the driver again does not stay in memory: %s", error_text(e));
    }
}

void driver_started(L4_Word_t task, const struct file *file, uint32_t pages, unsigned argc,
                    const char *const *argv)
{
    ASSERT(task != 0 && argc > 0);
    driver.task = task;
    program = *file;
    file_pages = pages;
    copy_words(argc, argv);
}

static L4_Word_t page_of(const char *place)
{
    return (L4_Word_t)place >> PAGE_SHIFT;
}

void driver_keep(void)
{
    struct container_stat own;
    struct task_memory memory;
    L4_Word_t first = page_of(__executable_start), scratch = page_of(__scratch_start);
    enum error e = physmem_stat(HANDLE_DC, &own);
    if (e == OK) {
        keep(HANDLE_DC, first, scratch - first);
        keep(HANDLE_DC, page_of(__scratch_end), own.pages - page_of(__scratch_end));
    }
    keep(program.handle, program.first_page, file_pages);
    if (e == OK && physmem_task_info(TASK_ID_SYSTEM, &memory) == OK) {
        log_info("%u frames stay in memory, so that the swap driver can be started again",
                 (unsigned)memory.wired_frames);
    }
}

/* ---- its end ---- */

bool driver_ended(L4_Word_t task, bool killed)
{
    bool was = task == driver.task && task != 0, again = restart_ended(&driver, task, killed);
    if (was && !again) {
        (void)physmem_set_driver(0);
    }
    return again;
}
