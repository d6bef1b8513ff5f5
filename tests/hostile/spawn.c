/* SPDX-License-Identifier: BSD-2-Clause */
/* Tasks that run this program in another role. */
#include "hostile.h"

#include "client/physmem.h"
#include "client/task.h"
#include "loader/load.h"
#include "pilotfish/startup.h"

enum { WORDS_MAX = 8 };

/* The loader builds here; in the designated container, to which bss belongs. */
static char window[LOAD_WINDOW_PAGES * PAGE_SIZE] __attribute__((aligned(PAGE_SIZE)));

/* Each call costs the task server a handle of the file, so it is made once. */
static enum error program(struct load_request *load)
{
    static handle_t handle;
    static L4_Word_t bytes;
    enum error e = handle ? OK : task_module("hostile", &handle, &bytes);
    load->program = handle;
    load->program_bytes = bytes;
    return e;
}

enum error spawn(const char *const *words, unsigned count, L4_Word_t quota, L4_Word_t *task,
                 L4_ThreadId_t *thread)
{
    const char *argv[WORDS_MAX + 1] = {"hostile"};
    for (unsigned i = 0; i < count && i < WORDS_MAX; i++) {
        argv[1 + i] = words[i];
    }
    struct load_request load = {.argc = 1 + count,
                                .argv = argv,
                                .console = pilotfish_startup()->console,
                                .window = (L4_Word_t)window};
    struct load_result loaded;
    enum error e = program(&load);
    if (e == OK) {
        e = load_program(&load, &loaded);
    }
    if (e != OK) {
        return e;
    }
    struct task_request request = {.container = loaded.container,
                                   .ip = loaded.ip,
                                   .sp = loaded.sp,
                                   .stack_pages = loaded.stack_pages,
                                   .quota = quota,
                                   .name = words[0]};
    e = task_create(&request, task, thread);
    if (e != OK) {
        (void)physmem_destroy(loaded.container);
    }
    return e;
}
