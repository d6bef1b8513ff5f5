/* SPDX-License-Identifier: BSD-2-Clause */
/* The manifest is read twice: first for what is wrong and for the switches, then for what is
 * started. */
#include "boot.h"

#include <stddef.h>

#include "base/assertion.h"
#include "client/physmem.h"
#include "command.h"
#include "create.h"
#include "file.h"
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

static bool has_main, has_driver;
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

/* From now on programs find a server, before it has said anything; its first thread serves. */
static void publish(const char *name, L4_Word_t task, L4_ThreadId_t first)
{
    ASSERT(L4_Version(first) == task);
    enum error e = name_set(name, first);
    if (e != OK) {
        log_failure("server %s: nobody finds it: %s", name, error_text(e));
    } else if (text_equal(name, "console")) {
        console = first;
    }
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
    ASSERT(kind != KIND_CHILD && loaded->container != HANDLE_NONE);
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
    L4_ThreadId_t first = task->first_thread;
    L4_Word_t id = task->id;
    e = task_start(task, loaded->ip, loaded->sp);
    if (e == OK && kind == KIND_SERVER) {
        publish(name, id, first);
    }
    return e;
}

/* Loads the program of that name and starts it as argv[0].  False: it has been said why not. */
static bool start_program(enum task_kind kind, const char *name, bool modules_first, unsigned argc,
                          const char *const *argv)
{
    struct file program;
    struct load_result loaded = {.problem = ELF_OK};
    ASSERT(argc > 0);
    enum error found = file_find_program(name, modules_first, &program), e = found;
    if (e == OK) {
        struct load_request request = {
            .program = program.handle,
            .program_bytes = program.bytes,
            .argc = argc,
            .argv = argv,
            .startup_flags = log_quiet ? STARTUP_QUIET : 0,
            .console = console,
            .stack_pages = kind == KIND_DRIVER ? DRIVER_STACK_PAGES : 0,
            .free_pages = kind == KIND_DRIVER ? DRIVER_FREE_PAGES : 0,
            .window = (L4_Word_t)window,
        };
        e = load_program(&request, &loaded);
    }
    if (e == OK) {
        e = start_loaded(kind, argv[0], &loaded);
    }
    if (loaded.problem != ELF_OK && loaded.problem != ELF_UNREADABLE) {
        log_failure("cannot start %s: not an ELF program for this machine (%s)", name,
                    elf_problem_text(loaded.problem));
    } else if (e != OK) {
        log_failure("cannot start %s: %s", name,
                    found == ERR_NOT_FOUND ? "no boot module of that name" : error_text(e));
    }
    return e == OK;
}

/* ---- the manifest and what it names ---- */

/* A module's contents from the start, at most `most` bytes, through the window; returns how
 * many. */
static size_t read_module(const struct module *module, char *text, size_t most)
{
    uint32_t window_page = (L4_Word_t)window >> PAGE_SHIFT;
    size_t bytes = module->bytes < most ? module->bytes : most;
    uint32_t pages = (uint32_t)(bytes + PAGE_SIZE - 1) >> PAGE_SHIFT;
    ASSERT(pages <= LOAD_WINDOW_PAGES);
    enum error e = pages > 0 ? physmem_copy(module->handle, 0, HANDLE_DC, window_page, pages, NULL) : OK;
    if (e != OK) {
        log_failure("boot module %s: %s", module->name, error_text(e));
        return 0;
    }
    for (size_t i = 0; i < bytes; i++) {
        text[i] = ((volatile char *)window)[i];
    }
    (void)physmem_zero(HANDLE_DC, window_page, LOAD_WINDOW_PAGES);
    return bytes;
}

static void open_files(const char *name)
{
    const struct module *module = module_find(name);
    enum error e = module ? file_open_bundle(module) : ERR_NOT_FOUND;
    if (e != OK) {
        log_failure("manifest, line %u: files %s: %s", manifest.number, name,
                    e == ERR_FORMAT ? "not a bundle of files, or damaged" : error_text(e));
    }
}

/* First pass: bad lines are reported, and the switches and files hold for all that follows. */
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
        has_main = has_main || kind == MANIFEST_MAIN || kind == MANIFEST_COMMAND;
        if (kind == MANIFEST_FILES) {
            open_files(manifest.argv[0]);
        }
    }
}

/* The main program, whose name and arguments are a module's contents. */
static bool start_command(const char *name)
{
    static char text[COMMAND_BYTES_MAX + 1]; /* one more than allowed, to see that there are more */
    static const char *words[COMMAND_WORDS_MAX];
    unsigned count;
    const struct module *module = module_find(name);
    ASSERT(has_main); /* the first pass has seen this line */
    if (!module) {
        log_failure("manifest, line %u: no boot module named %s", manifest.number, name);
        return false;
    }
    size_t bytes = read_module(module, text, sizeof text);
    const char *problem = command_split(text, bytes, words, &count);
    if (problem) {
        log_failure("boot module %s: the command %s", name, problem);
        return false;
    }
    return start_program(KIND_MAIN, words[0], false, count - 1, words + 1);
}

/* A line of the manifest that is a program's. */
static bool start_line(enum task_kind kind)
{
    return start_program(kind, manifest.argv[0], true, manifest.argc, manifest.argv);
}

/* Second pass. */
static void start_programs(size_t bytes)
{
    manifest_open(&manifest, manifest_text, bytes);
    for (enum manifest_kind kind = manifest_next(&manifest); kind != MANIFEST_END;
         kind = manifest_next(&manifest)) {
        if (kind == MANIFEST_DRIVER) {
            has_driver = start_line(KIND_DRIVER) || has_driver;
        } else if (kind == MANIFEST_SERVER) {
            (void)start_line(KIND_SERVER);
        } else if (kind == MANIFEST_START) {
            (void)start_line(KIND_START);
        } else if (kind == MANIFEST_MAIN && !start_line(KIND_MAIN)) {
            machine_end(STATUS_NO_MAIN);
        } else if (kind == MANIFEST_COMMAND && !start_command(manifest.argv[0])) {
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
    size_t bytes = read_module(module, manifest_text, sizeof manifest_text);
    if (module->bytes > sizeof manifest_text) {
        log_failure("manifest: only its first %u bytes are read", (unsigned)sizeof manifest_text);
    }
    read_switches(bytes);
    start_programs(bytes);
    if (!has_driver) {
        (void)physmem_set_driver(0); /* nobody waits for a swap disk */
    }
}
