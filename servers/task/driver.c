/* SPDX-License-Identifier: BSD-2-Clause */
/* What is known of the driver is copied here, since the manifest is not kept. */
#include "driver.h"

#include <stddef.h>

#include "base/assertion.h"
#include "client/physmem.h"
#include "l4/syscalls.h"
#include "log.h"
#include "program.h"
#include "text.h"

enum {
    WORDS_MAX = 16,
    WORDS_BYTES = 256,
    FUTILE_MAX = 8, /* ends in a row between which the disk has moved nothing */
    KEEP_TRIES = 1000,
    START_TRIES = 50,
    PAUSE_US = 10 * 1000,
    SECOND_US = 1000 * 1000,
};

extern char __executable_start[], __scratch_start[], __scratch_end[]; /* task.ld */

static struct {
    L4_Word_t task; /* 0: there is no driver */
    struct file program;
    uint32_t file_pages;
    unsigned argc;
    const char *argv[WORDS_MAX];
    char words[WORDS_BYTES];
    unsigned futile;
    L4_Word_t moved;      /* pages, when it ended last */
    L4_Word64_t said;     /* when its end was reported last */
    unsigned ends_unsaid; /* since then */
} driver;

static void copy_words(unsigned argc, const char *const *argv)
{
    size_t used = 0;
    driver.argc = 0;
    for (unsigned i = 0; i < argc && i < WORDS_MAX && used < WORDS_BYTES; i++) {
        text_copy(driver.words + used, argv[i], WORDS_BYTES - used);
        driver.argv[driver.argc++] = driver.words + used;
        while (driver.words[used] != '\0') {
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

void driver_started(L4_Word_t task, const struct file *program, uint32_t file_pages, unsigned argc,
                    const char *const *argv)
{
    ASSERT(task != 0 && argc > 0);
    driver.task = task;
    driver.program = *program;
    driver.file_pages = file_pages;
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
    keep(driver.program.handle, driver.program.first_page, driver.file_pages);
    if (e == OK && physmem_task_info(TASK_ID_SYSTEM, &memory) == OK) {
        log_info("%u frames stay in memory, so that the swap driver can be started again",
                 (unsigned)memory.wired_frames);
    }
}

/* ---- its end ---- */

static bool is_futile(void)
{
    struct memory_info memory;
    if (physmem_memory_info(&memory) != OK) {
        return true;
    }
    L4_Word_t moved = memory.pages_read + memory.pages_written;
    bool same = moved == driver.moved;
    driver.moved = moved;
    return same;
}

static void say(void)
{
    L4_Word64_t now = L4_SystemClock();
    if (driver.said != 0 && now - driver.said < SECOND_US) {
        driver.ends_unsaid++;
        return;
    }
    log_failure("the swap driver is started again (%u times since this was said last)",
                driver.ends_unsaid + 1);
    driver.said = now;
    driver.ends_unsaid = 0;
}

static enum error start_again(void)
{
    struct program_start start = {
        .kind = KIND_DRIVER,
        .program = &driver.program,
        .argc = driver.argc,
        .argv = driver.argv,
    };
    struct program_started started;
    enum error e = ERR_BUSY;
    for (unsigned i = 0; e != OK && i < START_TRIES; i++) {
        e = program_start(&start, &started);
        if (e != OK) {
            L4_Sleep(L4_TimePeriod(PAUSE_US)); /* memory is short just now */
        }
    }
    driver.task = e == OK ? started.task : 0;
    return e;
}

bool driver_ended(L4_Word_t task)
{
    if (task != driver.task || task == 0) {
        return false;
    }
    driver.futile = is_futile() ? driver.futile + 1 : 0;
    if (driver.futile > FUTILE_MAX) {
        log_failure("the swap driver has ended %u times in a row and moved nothing", driver.futile);
        driver.task = 0;
    } else {
        say();
        enum error e = start_again();
        if (e != OK) {
            log_failure("the swap driver cannot be started again: %s", error_text(e));
        }
    }
    if (driver.task == 0) {
        (void)physmem_set_driver(0);
    }
    return driver.task != 0;
}
