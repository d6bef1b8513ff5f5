/* SPDX-License-Identifier: BSD-2-Clause */
/* The manifest is read twice: first for what is wrong and for the switches, then for what is
 * started. */
#include "boot.h"

#include <stddef.h>

#include "base/assertion.h"
#include "client/physmem.h"
#include "command.h"
#include "driver.h"
#include "file.h"
#include "log.h"
#include "machine.h"
#include "manifest.h"
#include "module.h"
#include "program.h"
#include "text.h"

enum {
    MANIFEST_BYTES_MAX = 8 * 1024,
    STATUS_NO_MAIN = 127,
};

bool boot_debug;

static bool has_main, has_driver;

/* What only the boot needs; its pages are given back. */
static struct {
    char manifest_text[MANIFEST_BYTES_MAX];
    struct manifest manifest;
    char command_text[COMMAND_BYTES_MAX + 1]; /* one more, to see whether there are too many */
    const char *command_words[COMMAND_WORDS_MAX];
} scratch __attribute__((aligned(PAGE_SIZE)));

bool boot_has_main(void)
{
    return has_main;
}

/* Finds the program of that name and starts it as argv[0].  False: it has been said why not. */
static bool start_program(enum task_kind kind, const char *name, bool modules_first, unsigned argc,
                          const char *const *argv)
{
    struct file program;
    struct program_started started = {.problem = ELF_OK};
    enum error found = file_find_program(name, modules_first, &program), e = found;
    if (e == OK) {
        struct program_start start = {.kind = kind, .program = &program, .argc = argc, .argv = argv};
        e = program_start(&start, &started);
    }
    if (e == OK && kind == KIND_DRIVER) {
        driver_started(started.task, &program, started.file_pages, argc, argv);
    }
    if (started.problem != ELF_OK && started.problem != ELF_UNREADABLE) {
        log_failure("cannot start %s: not an ELF program for this machine (%s)", name,
                    elf_problem_text(started.problem));
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
    uint32_t window_page = (L4_Word_t)program_window >> PAGE_SHIFT;
    size_t bytes = module->bytes < most ? module->bytes : most;
    uint32_t pages = (uint32_t)(bytes + PAGE_SIZE - 1) >> PAGE_SHIFT;
    ASSERT(pages <= LOAD_WINDOW_PAGES);
    enum error e = pages > 0 ? physmem_copy(module->handle, 0, HANDLE_DC, window_page, pages, NULL) : OK;
    if (e != OK) {
        log_failure("boot module %s: %s", module->name, error_text(e));
        return 0;
    }
    for (size_t i = 0; i < bytes; i++) {
        text[i] = ((volatile char *)program_window)[i];
    }
    (void)physmem_zero(HANDLE_DC, window_page, LOAD_WINDOW_PAGES);
    return bytes;
}

static void open_files(const char *name)
{
    const struct module *module = module_find(name);
    enum error e = module ? file_open_bundle(module) : ERR_NOT_FOUND;
    if (e != OK) {
        log_failure("manifest, line %u: files %s: %s", scratch.manifest.number, name,
                    e == ERR_FORMAT ? "not a bundle of files, or damaged" : error_text(e));
    }
}

/* First pass: bad lines are reported, and the switches and files hold for all that follows. */
static void read_switches(size_t bytes)
{
    manifest_open(&scratch.manifest, scratch.manifest_text, bytes);
    for (enum manifest_kind kind = manifest_next(&scratch.manifest); kind != MANIFEST_END;
         kind = manifest_next(&scratch.manifest)) {
        if (kind == MANIFEST_BAD) {
            log_failure("manifest, line %u: %s", scratch.manifest.number, scratch.manifest.problem);
            if (manifest_is_bad_main(&scratch.manifest) && !scratch.manifest.main_seen) {
                machine_end(STATUS_NO_MAIN);
            }
        }
        boot_debug = kind == MANIFEST_DEBUG ? scratch.manifest.on : boot_debug;
        log_quiet = kind == MANIFEST_QUIET ? scratch.manifest.on : log_quiet;
        has_main = has_main || kind == MANIFEST_MAIN || kind == MANIFEST_COMMAND;
        if (kind == MANIFEST_FILES) {
            open_files(scratch.manifest.argv[0]);
        }
    }
}

/* The main program, whose name and arguments are a module's contents. */
static bool start_command(const char *name)
{
    const char **words = scratch.command_words;
    unsigned count;
    const struct module *module = module_find(name);
    ASSERT(has_main); /* the first pass has seen this line */
    if (!module) {
        log_failure("manifest, line %u: no boot module named %s", scratch.manifest.number, name);
        return false;
    }
    size_t bytes = read_module(module, scratch.command_text, sizeof scratch.command_text);
    const char *problem = command_split(scratch.command_text, bytes, words, &count);
    if (problem) {
        log_failure("boot module %s: the command %s", name, problem);
        return false;
    }
    return start_program(KIND_MAIN, words[0], false, count - 1, words + 1);
}

/* A line of the manifest that is a program's. */
static bool start_line(enum task_kind kind)
{
    return start_program(kind, scratch.manifest.argv[0], true, scratch.manifest.argc, scratch.manifest.argv);
}

/* Second pass. */
static void start_programs(size_t bytes)
{
    manifest_open(&scratch.manifest, scratch.manifest_text, bytes);
    for (enum manifest_kind kind = manifest_next(&scratch.manifest); kind != MANIFEST_END;
         kind = manifest_next(&scratch.manifest)) {
        if (kind == MANIFEST_DRIVER) {
            has_driver = start_line(KIND_DRIVER) || has_driver;
        } else if (kind == MANIFEST_SERVER) {
            (void)start_line(KIND_SERVER);
        } else if (kind == MANIFEST_START) {
            (void)start_line(KIND_START);
        } else if (kind == MANIFEST_MAIN && !start_line(KIND_MAIN)) {
            machine_end(STATUS_NO_MAIN);
        } else if (kind == MANIFEST_COMMAND && !start_command(scratch.manifest.argv[0])) {
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
    size_t bytes = read_module(module, scratch.manifest_text, sizeof scratch.manifest_text);
    if (module->bytes > sizeof scratch.manifest_text) {
        log_failure("manifest: only its first %u bytes are read", (unsigned)sizeof scratch.manifest_text);
    }
    read_switches(bytes);
    start_programs(bytes);
    if (!has_driver) {
        (void)physmem_set_driver(0); /* nobody waits for a swap disk */
    } else {
        (void)physmem_zero(HANDLE_DC, (L4_Word_t)&scratch >> PAGE_SHIFT, sizeof scratch >> PAGE_SHIFT);
        driver_keep();
    }
}
