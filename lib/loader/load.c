/* SPDX-License-Identifier: BSD-2-Clause */
/* The steps of load_program: parse the file, lay out what lies behind the image, make the
 * container, fill it.  Whatever fails, the container is destroyed and the window is zero again. */
#include "loader/load.h"

#include "base/assertion.h"
#include "client/physmem.h"
#include "loader/startup_record.h"
#include "protocol/startup.h"

/* What the pages of the window are for. */
enum { WINDOW_FILE = 0, WINDOW_TAIL = 1, WINDOW_RECORD = 2 };
_Static_assert(WINDOW_RECORD + STARTUP_PAGES_MAX == LOAD_WINDOW_PAGES, "the window's pages");

struct loading {
    const struct load_request *request;
    handle_t container;   /* HANDLE_NONE until made */
    uint32_t shown;       /* page of the file in WINDOW_FILE; UINT32_MAX = none */
    enum error error;     /* why the last read failed */
    uint32_t stack_start; /* addresses in the new task, page aligned */
    uint32_t record, free_start, end;
};

static uint32_t page_up(uint32_t address)
{
    return (address + PAGE_SIZE - 1) >> PAGE_SHIFT;
}

static uint32_t window_page(const struct loading *l, uint32_t i)
{
    return (l->request->window >> PAGE_SHIFT) + i;
}

static char *window_bytes(const struct loading *l, uint32_t i)
{
    return (char *)(uintptr_t)(l->request->window + (i << PAGE_SHIFT));
}

static enum error copy_pages(handle_t source, uint32_t source_page, handle_t dest, uint32_t dest_page,
                             uint32_t count)
{
    while (count > 0) {
        uint32_t done = 0;
        enum error e = physmem_copy(source, source_page, dest, dest_page, count, &done);
        if (e != OK) {
            return e;
        }
        if (done == 0 || done > count) {
            return ERR_IPC;
        }
        source_page += done;
        dest_page += done;
        count -= done;
    }
    return OK;
}

/* elf_file.read: shows the file in the window, page by page. */
static bool read_file(void *context, uint32_t offset, void *to, uint32_t count)
{
    struct loading *l = (struct loading *)context;
    char *out = (char *)to;
    ASSERT(offset <= l->request->program_bytes && count <= l->request->program_bytes - offset);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t page = (offset + i) >> PAGE_SHIFT;
        if (page != l->shown) {
            l->shown = UINT32_MAX;
            l->error = copy_pages(l->request->program, page, HANDLE_DC, window_page(l, WINDOW_FILE), 1);
            if (l->error != OK) {
                return false;
            }
            l->shown = page;
        }
        out[i] = window_bytes(l, WINDOW_FILE)[(offset + i) % PAGE_SIZE];
    }
    return true;
}

/* The program's own wish goes before the request's.  The start-up code needs a few pages in any
 * case. */
static uint32_t stack_pages(const struct load_request *r, const struct elf_image *image)
{
    if (image->stack_bytes == 0) {
        return r->stack_pages ? r->stack_pages : TASK_STACK_PAGES;
    }
    uint32_t pages = page_up(image->stack_bytes);
    return pages > LOAD_STACK_PAGES_LEAST ? pages : LOAD_STACK_PAGES_LEAST;
}

/* Decides where things lie behind the image; protocol/ids.h draws it. */
static enum error lay_out(struct loading *l, const struct elf_image *image)
{
    const struct load_request *r = l->request;
    uint32_t record_bytes = startup_record_bytes(r->argc, r->argv);
    if (record_bytes == 0) {
        return ERR_TOO_LARGE;
    }
    uint32_t page = page_up(image->end) + 1; /* the guard */
    l->stack_start = page << PAGE_SHIFT;
    page += stack_pages(r, image);
    l->record = page << PAGE_SHIFT;
    page += page_up(record_bytes);
    l->free_start = page << PAGE_SHIFT;
    uint32_t free_pages = r->free_pages ? r->free_pages : TASK_DC_FREE_PAGES;
    uint32_t limit = TASK_REGIONS_BASE >> PAGE_SHIFT;
    if (page > limit || free_pages > limit - page) {
        return ERR_TOO_LARGE;
    }
    l->end = (page + free_pages) << PAGE_SHIFT;
    ASSERT(image->end < l->stack_start && l->stack_start < l->record && l->record < l->free_start);
    ASSERT(l->free_start <= l->end && l->end <= TASK_REGIONS_BASE);
    return OK;
}

/* The page in which the file part ends and bss begins becomes a private copy with its tail
 * cleared. */
static enum error fill_tail_page(struct loading *l, const struct elf_segment *s)
{
    uint32_t used = (s->address + s->file_bytes) % PAGE_SIZE;
    uint32_t file_page = (s->file_offset + s->file_bytes - 1) >> PAGE_SHIFT;
    uint32_t page = (s->address + s->file_bytes - 1) >> PAGE_SHIFT;
    enum error e = copy_pages(l->request->program, file_page, HANDLE_DC, window_page(l, WINDOW_TAIL), 1);
    if (e != OK) {
        return e;
    }
    volatile char *bytes = window_bytes(l, WINDOW_TAIL);
    for (uint32_t i = used; i < PAGE_SIZE; i++) {
        bytes[i] = 0;
    }
    return copy_pages(HANDLE_DC, window_page(l, WINDOW_TAIL), l->container, page, 1);
}

static enum error fill_segment(struct loading *l, const struct elf_segment *s)
{
    uint32_t page = s->address >> PAGE_SHIFT;
    uint32_t file_end = s->address + s->file_bytes;
    uint32_t bss_page = page;
    if (s->file_bytes > 0) {
        bool has_tail = file_end % PAGE_SIZE != 0 && s->memory_bytes > s->file_bytes;
        uint32_t whole = (has_tail ? file_end >> PAGE_SHIFT : page_up(file_end)) - page;
        enum error e =
            copy_pages(l->request->program, s->file_offset >> PAGE_SHIFT, l->container, page, whole);
        if (e == OK && has_tail) {
            e = fill_tail_page(l, s);
        }
        if (e != OK) {
            return e;
        }
        bss_page = page_up(file_end);
    }
    uint32_t end_page = page_up(s->address + s->memory_bytes);
    ASSERT(page <= bss_page && bss_page <= end_page && end_page < l->stack_start >> PAGE_SHIFT);
    return end_page > bss_page ? physmem_zero(l->container, bss_page, end_page - bss_page) : OK;
}

static enum error fill_record(struct loading *l, const struct elf_image *image)
{
    const struct load_request *r = l->request;
    struct startup head = {
        .magic = STARTUP_MAGIC,
        .version = STARTUP_VERSION,
        .flags = r->startup_flags,
        .physmem = PHYSMEM_THREAD,
        .task_server = TASK_SERVER_THREAD,
        .console = r->console,
        .image_end = image->end,
        .stack_start = l->stack_start,
        .stack_end = l->record,
        .dc_free = l->free_start,
        .dc_end = l->end,
    };
    uint32_t pages = (l->free_start - l->record) >> PAGE_SHIFT;
    enum error e = physmem_zero(HANDLE_DC, window_page(l, WINDOW_RECORD), pages);
    if (e != OK) {
        return e;
    }
    startup_record_write(window_bytes(l, WINDOW_RECORD), l->record, &head, r->argc, r->argv);
    return copy_pages(HANDLE_DC, window_page(l, WINDOW_RECORD), l->container, l->record >> PAGE_SHIFT, pages);
}

static enum error fill_container(struct loading *l, const struct elf_image *image)
{
    enum error e = OK;
    for (unsigned i = 0; e == OK && i < image->count; i++) {
        e = fill_segment(l, &image->segments[i]);
    }
    if (e == OK) {
        e = physmem_zero(l->container, l->stack_start >> PAGE_SHIFT,
                         (l->record - l->stack_start) >> PAGE_SHIFT);
    }
    if (e == OK) {
        e = fill_record(l, image);
    }
    if (e == OK) {
        e = physmem_zero(l->container, l->free_start >> PAGE_SHIFT, (l->end - l->free_start) >> PAGE_SHIFT);
    }
    return e;
}

static uint32_t pages_read(const struct elf_image *image)
{
    uint32_t end = 1; /* the headers */
    for (unsigned i = 0; i < image->count; i++) {
        uint32_t segment_end = page_up(image->segments[i].file_offset + image->segments[i].file_bytes);
        end = segment_end > end ? segment_end : end;
    }
    return end;
}

enum error load_program(const struct load_request *request, struct load_result *result)
{
    struct loading l = {.request = request, .shown = UINT32_MAX};
    struct elf_file file = {.read = read_file, .context = &l, .bytes = request->program_bytes};
    struct elf_image image;
    *result = (struct load_result){.container = HANDLE_NONE};
    if (request->window % PAGE_SIZE != 0) {
        return ERR_ARGUMENT;
    }
    enum error e = OK;
    result->problem = elf_image_parse(&file, &image);
    if (result->problem != ELF_OK) {
        e = result->problem == ELF_UNREADABLE ? l.error : ERR_FORMAT;
    }
    if (e == OK) {
        e = lay_out(&l, &image);
    }
    if (e == OK) {
        e = physmem_create(l.end >> PAGE_SHIFT, PHYSMEM_CREATE_HOLES, &l.container);
    }
    if (e == OK) {
        e = fill_container(&l, &image);
    }
    if (e != OK && l.container != HANDLE_NONE) {
        (void)physmem_destroy(l.container);
    }
    (void)physmem_zero(HANDLE_DC, window_page(&l, 0), LOAD_WINDOW_PAGES);
    if (e == OK) {
        result->container = l.container;
        result->ip = image.entry;
        result->sp = l.record;
        result->stack_pages = (l.record - l.stack_start) >> PAGE_SHIFT;
        result->pages = l.end >> PAGE_SHIFT;
        result->file_pages = pages_read(&image);
    }
    return e;
}
