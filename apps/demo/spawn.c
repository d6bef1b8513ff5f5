/* SPDX-License-Identifier: BSD-2-Clause */
/* A child is made from a boot module, as any task could do it: load the program, then ask the task
 * server. */
#include <stdio.h>

#include "client/physmem.h"
#include "demo.h"
#include "loader/load.h"
#include "pilotfish/startup.h"

/* The loader's window: pages of the designated container, to which bss belongs. */
static char window[LOAD_WINDOW_PAGES * PAGE_SIZE] __attribute__((aligned(PAGE_SIZE)));

enum { ARGUMENTS_MAX = 5, TEXT_BYTES = 24 };

static const char *module_of(const struct plan_entry *p)
{
    switch (p->kind) {
    case PLAN_HOG:
        return "hog";
    case PLAN_LUA:
        return "lua";
    case PLAN_HELLO:
        break;
    }
    return "hello";
}

/* Returns argc. */
static unsigned arguments_of(const struct child *c, const char **argv, char text[3][TEXT_BYTES])
{
    const struct plan_entry *p = c->plan;
    unsigned n = 0;
    argv[n++] = p->name;
    snprintf(text[0], TEXT_BYTES, "%lu", (unsigned long)c->pages);
    snprintf(text[1], TEXT_BYTES, "%lu", (unsigned long)p->seed);
    switch (p->kind) {
    case PLAN_HOG:
        snprintf(text[2], TEXT_BYTES, "expect=0x%08lx", (unsigned long)c->expected);
        argv[n++] = text[0];
        argv[n++] = p->pattern;
        argv[n++] = text[1];
        argv[n++] = text[2];
        break;
    case PLAN_LUA:
        snprintf(text[2], TEXT_BYTES, "0x%08lx", (unsigned long)c->expected);
        argv[n++] = "demo.lua";
        argv[n++] = text[1];
        argv[n++] = text[2];
        break;
    case PLAN_HELLO:
        break;
    }
    return n;
}

static enum error start(const struct child *c, L4_Word_t *task)
{
    const struct startup *self = pilotfish_startup();
    const char *argv[ARGUMENTS_MAX];
    char text[3][TEXT_BYTES];
    struct load_request load = {
        .argv = argv, .startup_flags = self->flags, .console = self->console, .window = (L4_Word_t)window};
    struct load_result loaded;
    L4_Word_t bytes;
    load.argc = arguments_of(c, argv, text);
    enum error e = task_module(module_of(c->plan), &load.program, &bytes);
    if (e != OK) {
        return e;
    }
    load.program_bytes = bytes;
    e = load_program(&load, &loaded);
    (void)physmem_close(load.program);
    if (e != OK) {
        return e;
    }
    struct task_request create = {.container = loaded.container,
                                  .ip = loaded.ip,
                                  .sp = loaded.sp,
                                  .stack_pages = loaded.stack_pages,
                                  .name = c->plan->name};
    e = task_create(&create, task, NULL);
    if (e != OK) {
        (void)physmem_destroy(loaded.container);
    }
    return e;
}

enum error spawn(struct child *c)
{
    enum error e = start(c, &c->task);
    c->state = e == OK ? CHILD_RUNS : CHILD_FAILED;
    return e;
}
