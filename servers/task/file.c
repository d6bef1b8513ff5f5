/* SPDX-License-Identifier: BSD-2-Clause */
/* The bundle's index lies behind the server's own image and tables, in its designated container. */
#include "file.h"

#include <stddef.h>

#include "base/assertion.h"
#include "bundle.h"
#include "client/physmem.h"
#include "client/rpc.h"
#include "log.h"
#include "protocol/task.h"
#include "request.h"
#include "text.h"

/* There are as many bytes for handles, and room for both (task.ld). */
enum { INDEX_PAGES_MAX = 1024 };

extern char __files[]; /* task.ld */

static struct bundle bundle;
static uint32_t bundle_bytes;  /* of the whole module */
static handle_t bundle_handle; /* HANDLE_NONE: there is no bundle */
static handle_t *containers;   /* by the file's place: made when first wanted, or HANDLE_NONE */

_Static_assert(BUNDLE_NAME_MAX == TASK_FILE_NAME_WORDS * 4, "a request carries the longest name");

static uint32_t pages_of(uint32_t bytes)
{
    return (bytes >> PAGE_SHIFT) + (bytes % PAGE_SIZE != 0);
}

static enum error copy_pages(handle_t source, uint32_t source_page, handle_t dest, uint32_t dest_page,
                             uint32_t count)
{
    enum error e = OK;
    while (e == OK && count > 0) {
        uint32_t done = 0;
        e = physmem_copy(source, source_page, dest, dest_page, count, &done);
        if (e == OK && (done == 0 || done > count)) {
            e = ERR_IPC;
        }
        source_page += done;
        dest_page += done;
        count -= e == OK ? done : 0;
    }
    return e;
}

/* ---- the bundle ---- */

/* Copies the index to free pages of our own, and leaves room for the handles behind it. */
static enum error read_index(const struct module *m, uint32_t place)
{
    const struct bundle_header *header = (const struct bundle_header *)(place << PAGE_SHIFT);
    if (m->bytes < sizeof *header) {
        return ERR_FORMAT;
    }
    enum error e = copy_pages(m->handle, 0, HANDLE_DC, place, 1);
    if (e != OK) {
        return e;
    }
    uint32_t pages = pages_of(bundle_index_bytes(header, m->bytes));
    if (pages == 0 || pages > INDEX_PAGES_MAX) {
        return pages == 0 ? ERR_FORMAT : ERR_TOO_LARGE;
    }
    e = copy_pages(m->handle, 0, HANDLE_DC, place, pages);
    if (e == OK && !bundle_open(&bundle, (const char *)header, m->bytes)) {
        e = ERR_FORMAT;
    }
    containers = (handle_t *)((place + pages) << PAGE_SHIFT);
    return e;
}

enum error file_open_bundle(const struct module *m)
{
    uint32_t place = pages_of((uint32_t)__files);
    if (bundle_handle != HANDLE_NONE) {
        return ERR_ALREADY;
    }
    enum error e = read_index(m, place);
    if (e != OK) {
        bundle = (struct bundle){0};
        (void)physmem_zero(HANDLE_DC, place, INDEX_PAGES_MAX);
        return e;
    }
    bundle_handle = m->handle;
    bundle_bytes = m->bytes;
    return OK;
}

/* ---- finding ---- */

/* NAME.elf.  False: nothing is called so, for the name would be too long. */
static bool program_name(const char *name, char program[BUNDLE_NAME_MAX + 1])
{
    static const char suffix[] = ".elf";
    size_t length = 0;
    while (name[length] != '\0') {
        length++;
    }
    if (length + sizeof suffix > BUNDLE_NAME_MAX + 1) {
        return false;
    }
    text_copy(program, name, length + 1);
    text_copy(program + length, suffix, sizeof suffix);
    return true;
}

static const struct bundle_file *find_in_bundle(const char *name)
{
    char program[BUNDLE_NAME_MAX + 1];
    const struct bundle_file *found = bundle_find(&bundle, name);
    if (!found && program_name(name, program)) {
        found = bundle_find(&bundle, program);
    }
    ASSERT(!found || bundle_handle != HANDLE_NONE);
    ASSERT(!found || ((uint64_t)found->first_page << PAGE_SHIFT) + found->bytes <= bundle_bytes);
    return found;
}

static bool find_module(const char *name, struct file *f)
{
    char program[BUNDLE_NAME_MAX + 1];
    const struct module *m = module_find(name);
    if (!m && program_name(name, program)) {
        m = module_find(program);
    }
    if (m) {
        *f = (struct file){.handle = m->handle, .first_page = 0, .bytes = m->bytes};
    }
    return m != NULL;
}

bool file_find(const char *name, struct file *f)
{
    const struct bundle_file *found = find_in_bundle(name);
    if (!found) {
        return find_module(name, f);
    }
    *f = (struct file){.handle = bundle_handle, .first_page = found->first_page, .bytes = found->bytes};
    return true;
}

/* ---- programs ---- */

/* The container of a file in the bundle, made now or earlier. */
static enum error make_container(const struct bundle_file *file, handle_t *handle)
{
    handle_t *made = &containers[file - bundle.files];
    uint32_t pages = pages_of(file->bytes);
    ASSERT(file >= bundle.files && file < bundle.files + bundle.file_count);
    if (*made == HANDLE_NONE) {
        handle_t fresh;
        enum error e = physmem_create(pages > 0 ? pages : 1, 0, &fresh);
        if (e != OK) {
            return e;
        }
        e = copy_pages(bundle_handle, file->first_page, fresh, 0, pages);
        if (e != OK) {
            (void)physmem_destroy(fresh);
            return e;
        }
        *made = fresh;
    }
    *handle = *made;
    return OK;
}

enum error file_find_program(const char *name, bool modules_first, struct file *f)
{
    if (modules_first && find_module(name, f)) {
        return OK;
    }
    const struct bundle_file *found = find_in_bundle(name);
    if (!found) {
        return !modules_first && find_module(name, f) ? OK : ERR_NOT_FOUND;
    }
    *f = (struct file){.first_page = 0, .bytes = found->bytes};
    return make_container(found, &f->handle);
}

/* ---- requests ---- */

enum error on_module(struct request *r)
{
    char name[TASK_NAME_BYTES + 1];
    struct file f;
    rpc_unpack(name, r->in, TASK_NAME_WORDS);
    enum error e = name[0] != '\0' ? file_find_program(name, false, &f) : ERR_NOT_FOUND;
    if (e != OK) {
        return e;
    }
    handle_t theirs = HANDLE_NONE;
    e = physmem_share(f.handle, r->task->id, RIGHT_READ | RIGHT_EXEC, &theirs);
    r->out[0] = theirs;
    r->out[1] = f.bytes;
    r->out_count = 2;
    return e;
}

enum error on_file(struct request *r)
{
    char name[BUNDLE_NAME_MAX + 1];
    struct file f;
    rpc_unpack(name, r->in, r->in_count);
    if (name[0] == '\0' || !file_find(name, &f)) {
        return ERR_NOT_FOUND;
    }
    handle_t theirs = HANDLE_NONE;
    enum error e = physmem_share(f.handle, r->task->id, RIGHT_READ | RIGHT_EXEC, &theirs);
    r->out[0] = theirs;
    r->out[1] = f.bytes;
    r->out[2] = f.first_page;
    r->out_count = 3;
    return e;
}
