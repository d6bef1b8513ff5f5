/* SPDX-License-Identifier: BSD-2-Clause */
#include "boot.h"

#include <stddef.h>

#include "client/physmem.h"
#include "create.h"
#include "l4/syscalls.h"
#include "loader/load.h"
#include "log.h"
#include "machine.h"
#include "manifest.h"
#include "module.h"
#include "name.h"
#include "protocol/startup.h"
#include "text.h"

enum {
    MANIFEST_BYTES_MAX = 8 * 1024,
    STATUS_NO_MAIN = 127,
    DRIVER_FREE_PAGES = 16, /* all pages of a driver are wired */
    DRIVER_STACK_PAGES = 16,
    WIRE_TRIES = 10000,
    WIRE_PAUSE_US = 1000,
};

bool boot_debug;

static bool has_main;
static L4_ThreadId_t console;
static char manifest_text[MANIFEST_BYTES_MAX];
static struct manifest manifest;
static char window[LOAD_WINDOW_PAGES * PAGE_SIZE] __attribute__((aligned(PAGE_SIZE)));

bool boot_has_main(void)
{
    return has_main;
}

/* Brings every page of a driver in for good. */
static enum error wire(const struct task *task)
{
    enum error e = ERR_BUSY;
    for (unsigned i = 0; e == ERR_BUSY && i < WIRE_TRIES; i++) {
        e = physmem_wire(task->id);
        if (e == ERR_BUSY) {
            L4_Sleep(L4_TimePeriod(WIRE_PAUSE_US));
        }
    }
    return e == OK ? physmem_set_driver(task->id) : e;
}

static enum error start_loaded(enum task_kind kind, const char *name, const struct load_result *loaded)
{
    static const uint8_t priorities[] = {
        [KIND_DRIVER] = PRIORITY_DRIVER,
        [KIND_SERVER] = PRIORITY_SERVER,
        [KIND_START] = PRIORITY_DEFAULT,
        [KIND_MAIN] = PRIORITY_DEFAULT,
    };
    struct create_request request = {
        .name = name,
        .parent = TASK_ID_SYSTEM,
        .holder = TASK_ID_SYSTEM,
        .container = loaded->container,
        .stack_start = loaded->sp - (loaded->stack_pages << PAGE_SHIFT),
        .stack_pages = loaded->stack_pages,
        .kind = kind,
        .priority = priorities[kind],
    };
    struct task *task;
    enum error e = task_prepare(&request, &task);
    if (e != OK) {
        (void)physmem_destroy(loaded->container);
        return e;
    }
    e = kind == KIND_DRIVER ? wire(task) : OK;
    if (e != OK) {
        task_discard(task);
        return e;
    }
    log_task_info(task, "starts");
    if (kind == KIND_SERVER) {
        /* Programs find it before it has said anything; its first thread serves. */
        (void)name_set(name, task->first_thread);
        if (text_equal(name, "console")) {
            console = task->first_thread;
        }
    }
    return task_start(task, loaded->ip, loaded->sp);
}

static bool start_program(enum task_kind kind)
{
    const char *name = manifest.argv[0];
    const struct module *module = module_find(name);
    struct load_result loaded = {.problem = ELF_OK};
    enum error e = ERR_NOT_FOUND;
    if (module) {
        struct load_request request = {
            .program = module->handle,
            .program_bytes = module->bytes,
            .argc = manifest.argc,
            .argv = manifest.argv,
            .startup_flags = log_quiet ? STARTUP_QUIET : 0,
            .console = console,
            .stack_pages = kind == KIND_DRIVER ? DRIVER_STACK_PAGES : 0,
            .free_pages = kind == KIND_DRIVER ? DRIVER_FREE_PAGES : 0,
            .window = (L4_Word_t)window,
        };
        e = load_program(&request, &loaded);
    }
    if (e == OK) {
        e = start_loaded(kind, name, &loaded);
    }
    if (loaded.problem != ELF_OK && loaded.problem != ELF_UNREADABLE) {
        log_failure("cannot start %s: not an ELF program for this machine (%s)", name,
                    elf_problem_text(loaded.problem));
    } else if (e != OK) {
        log_failure("cannot start %s: %s", name, module ? error_text(e) : "no boot module of that name");
    }
    return e == OK;
}

/* The manifest's text, through the window; returns its length. */
static size_t read_manifest(const struct module *module)
{
    uint32_t window_page = (L4_Word_t)window >> PAGE_SHIFT;
    size_t bytes = module->bytes;
    if (bytes > MANIFEST_BYTES_MAX) {
        log_failure("manifest: only its first %u bytes are read", MANIFEST_BYTES_MAX);
        bytes = MANIFEST_BYTES_MAX;
    }
    uint32_t pages = (uint32_t)(bytes + PAGE_SIZE - 1) >> PAGE_SHIFT;
    enum error e = pages > 0 ? physmem_copy(module->handle, 0, HANDLE_DC, window_page, pages, NULL) : OK;
    if (e != OK) {
        log_failure("manifest: %s", error_text(e));
        return 0;
    }
    for (size_t i = 0; i < bytes; i++) {
        manifest_text[i] = ((volatile char *)window)[i];
    }
    (void)physmem_zero(HANDLE_DC, window_page, LOAD_WINDOW_PAGES);
    return bytes;
}

/* First pass: bad lines are reported, and the switches hold for all that follows. */
static void read_switches(size_t bytes)
{
    manifest_open(&manifest, manifest_text, bytes);
    for (enum manifest_kind kind = manifest_next(&manifest); kind != MANIFEST_END;
         kind = manifest_next(&manifest)) {
        if (kind == MANIFEST_BAD) {
            log_failure("manifest, line %u: %s", manifest.number, manifest.problem);
            if (manifest_is_bad_main(&manifest) && !manifest.main_seen) {
                machine_end(STATUS_NO_MAIN);
            }
        }
        boot_debug = kind == MANIFEST_DEBUG ? manifest.on : boot_debug;
        log_quiet = kind == MANIFEST_QUIET ? manifest.on : log_quiet;
        has_main = has_main || kind == MANIFEST_MAIN;
    }
}

static void start_programs(size_t bytes)
{
    manifest_open(&manifest, manifest_text, bytes);
    for (enum manifest_kind kind = manifest_next(&manifest); kind != MANIFEST_END;
         kind = manifest_next(&manifest)) {
        if (kind == MANIFEST_DRIVER) {
            (void)start_program(KIND_DRIVER);
        } else if (kind == MANIFEST_SERVER) {
            (void)start_program(KIND_SERVER);
        } else if (kind == MANIFEST_START) {
            (void)start_program(KIND_START);
        } else if (kind == MANIFEST_MAIN && !start_program(KIND_MAIN)) {
            machine_end(STATUS_NO_MAIN);
        }
    }
}

void boot(void)
{
    const struct module *module = module_find("manifest");
    if (!module) {
        log_failure("no boot module named manifest: nothing to start");
        machine_end(STATUS_NO_MAIN);
    }
    size_t bytes = read_manifest(module);
    read_switches(bytes);
    start_programs(bytes);
}
