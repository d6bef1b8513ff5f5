/* SPDX-License-Identifier: BSD-2-Clause */
/* Every check that a program file has to pass, in the order of the file: header, program headers,
 * segments, entry point. */
#include "loader/elf_image.h"

#include "base/assertion.h"
#include "protocol/ids.h"

struct elf_header {
    uint8_t magic[4], class_, byte_order, ident_version, pad[9];
    uint16_t type, machine;
    uint32_t version, entry, headers_offset, sections_offset, flags;
    uint16_t header_bytes, entry_bytes, entry_count, section_bytes, section_count, section_names;
};
_Static_assert(sizeof(struct elf_header) == 52, "ELF32 header");

struct program_header {
    uint32_t type, offset, address, physical, file_bytes, memory_bytes, flags, align;
};
_Static_assert(sizeof(struct program_header) == 32, "ELF32 program header");

enum { TYPE_EXECUTABLE = 2, MACHINE_386 = 3 };

enum header_type {
    HEADER_LOAD = 1,
    HEADER_DYNAMIC = 2,
    HEADER_INTERPRETER = 3,
    /* PT_GNU_STACK: its size in memory is what -z stack-size= has asked for, or 0. */
    HEADER_STACK = 0x6474e551,
};

static enum elf_problem check_header(const struct elf_file *file, const struct elf_header *h)
{
    static const uint8_t magic[4] = {0x7f, 'E', 'L', 'F'};
    for (unsigned i = 0; i < 4; i++) {
        if (h->magic[i] != magic[i]) {
            return ELF_MAGIC;
        }
    }
    if (h->class_ != 1) {
        return ELF_CLASS;
    }
    if (h->byte_order != 1) {
        return ELF_BYTE_ORDER;
    }
    if (h->ident_version != 1 || h->version != 1) {
        return ELF_VERSION;
    }
    if (h->type != TYPE_EXECUTABLE) {
        return ELF_TYPE;
    }
    if (h->machine != MACHINE_386) {
        return ELF_MACHINE;
    }
    if (h->entry_count == 0) {
        return ELF_NO_HEADERS;
    }
    if (h->entry_bytes != sizeof(struct program_header)) {
        return ELF_HEADER_SIZE;
    }
    if (h->entry_count > ELF_HEADERS_MAX) {
        return ELF_TOO_MANY_HEADERS;
    }
    uint32_t table_bytes = h->entry_count * (uint32_t)sizeof(struct program_header);
    if (h->headers_offset > file->bytes || table_bytes > file->bytes - h->headers_offset) {
        return ELF_HEADERS_OUTSIDE;
    }
    return ELF_OK;
}

static uint32_t page_of(uint32_t address)
{
    return address >> PAGE_SHIFT;
}

/* Returns whether two segments, neither of which is empty or wraps, have a page in common. */
static bool shares_page(const struct elf_segment *a, const struct elf_segment *b)
{
    ASSERT(a->memory_bytes > 0 && b->memory_bytes > 0);
    return page_of(a->address) <= page_of(b->address + b->memory_bytes - 1) &&
           page_of(b->address) <= page_of(a->address + a->memory_bytes - 1);
}

static enum elf_problem check_segment(const struct elf_file *file, const struct elf_segment *s)
{
    if (s->memory_bytes == 0) {
        return ELF_EMPTY_SEGMENT;
    }
    if (s->file_bytes > s->memory_bytes) {
        return ELF_FILE_PART_LARGER;
    }
    if (s->memory_bytes - 1 > UINT32_MAX - s->address || s->file_bytes > UINT32_MAX - s->file_offset) {
        return ELF_WRAPS;
    }
    if (s->address < TASK_IMAGE_BASE || s->address + (s->memory_bytes - 1) >= TASK_REGIONS_BASE) {
        return ELF_OUTSIDE_RANGE;
    }
    if (s->file_bytes > 0) {
        if (s->file_offset + s->file_bytes > file->bytes) {
            return ELF_TRUNCATED;
        }
        if ((s->file_offset ^ s->address) % PAGE_SIZE != 0) {
            return ELF_MISALIGNED;
        }
    }
    return ELF_OK;
}

static enum elf_problem add_segment(const struct elf_file *file, const struct program_header *h,
                                    struct elf_image *image)
{
    struct elf_segment s = {
        .address = h->address,
        .memory_bytes = h->memory_bytes,
        .file_offset = h->offset,
        .file_bytes = h->file_bytes,
        .flags = h->flags & 7,
    };
    enum elf_problem problem = check_segment(file, &s);
    if (problem != ELF_OK) {
        return problem;
    }
    for (unsigned i = 0; i < image->count; i++) {
        if (shares_page(&image->segments[i], &s)) {
            return ELF_OVERLAP;
        }
    }
    if (image->count == ELF_SEGMENTS_MAX) {
        return ELF_TOO_MANY_SEGMENTS;
    }
    ASSERT(image->count < ELF_SEGMENTS_MAX);
    image->segments[image->count++] = s;
    if (s.address + s.memory_bytes > image->end) {
        image->end = s.address + s.memory_bytes;
    }
    return ELF_OK;
}

/* The first instruction must come from the file. */
static bool entry_is_text(const struct elf_image *image)
{
    for (unsigned i = 0; i < image->count; i++) {
        const struct elf_segment *s = &image->segments[i];
        if ((s->flags & ELF_SEGMENT_EXECUTE) != 0 && image->entry >= s->address &&
            image->entry - s->address < s->file_bytes) {
            return true;
        }
    }
    return false;
}

/* Adds to the image what one program header says. */
static enum elf_problem take_header(const struct elf_file *file, const struct program_header *h,
                                    struct elf_image *image)
{
    switch (h->type) {
    case HEADER_DYNAMIC:
    case HEADER_INTERPRETER:
        return ELF_DYNAMIC;
    case HEADER_LOAD:
        return add_segment(file, h, image);
    case HEADER_STACK:
        image->stack_bytes = h->memory_bytes;
        return h->memory_bytes <= TASK_REGIONS_BASE ? ELF_OK : ELF_STACK_TOO_LARGE;
    default:
        return ELF_OK;
    }
}

enum elf_problem elf_image_parse(const struct elf_file *file, struct elf_image *image)
{
    struct elf_header header;
    if (file->bytes < sizeof header) {
        return ELF_SHORT;
    }
    if (!file->read(file->context, 0, &header, sizeof header)) {
        return ELF_UNREADABLE;
    }
    enum elf_problem problem = check_header(file, &header);
    if (problem != ELF_OK) {
        return problem;
    }
    *image = (struct elf_image){.entry = header.entry};
    for (uint32_t i = 0; i < header.entry_count; i++) {
        struct program_header h;
        if (!file->read(file->context, header.headers_offset + i * (uint32_t)sizeof h, &h, sizeof h)) {
            return ELF_UNREADABLE;
        }
        problem = take_header(file, &h, image);
        if (problem != ELF_OK) {
            return problem;
        }
    }
    if (image->count == 0) {
        return ELF_NO_SEGMENTS;
    }
    return entry_is_text(image) ? ELF_OK : ELF_ENTRY_OUTSIDE;
}

const char *elf_problem_text(enum elf_problem problem)
{
    static const char *const texts[ELF_PROBLEM_COUNT] = {
        [ELF_OK] = "no problem",
        [ELF_UNREADABLE] = "unreadable",
        [ELF_SHORT] = "shorter than an ELF header",
        [ELF_MAGIC] = "bad magic",
        [ELF_CLASS] = "not for 32 bits",
        [ELF_BYTE_ORDER] = "not little-endian",
        [ELF_VERSION] = "unknown ELF version",
        [ELF_TYPE] = "not an executable file",
        [ELF_MACHINE] = "not for IA-32",
        [ELF_HEADER_SIZE] = "program headers of a wrong size",
        [ELF_NO_HEADERS] = "no program headers",
        [ELF_TOO_MANY_HEADERS] = "too many program headers",
        [ELF_HEADERS_OUTSIDE] = "program headers past the end of the file",
        [ELF_DYNAMIC] = "dynamically linked",
        [ELF_NO_SEGMENTS] = "nothing to load",
        [ELF_TOO_MANY_SEGMENTS] = "too many segments",
        [ELF_EMPTY_SEGMENT] = "a segment is empty",
        [ELF_FILE_PART_LARGER] = "a segment is larger in the file than in memory",
        [ELF_WRAPS] = "a segment wraps around",
        [ELF_OUTSIDE_RANGE] = "a segment lies outside the range for programs",
        [ELF_TRUNCATED] = "truncated: a segment goes past the end of the file",
        [ELF_MISALIGNED] = "a segment is not page-aligned in the file",
        [ELF_OVERLAP] = "segments overlap in a page",
        [ELF_STACK_TOO_LARGE] = "it asks for a larger stack than the range for programs",
        [ELF_ENTRY_OUTSIDE] = "the entry point is not in the text",
    };
    return (unsigned)problem < ELF_PROBLEM_COUNT && texts[problem] ? texts[problem] : "unknown problem";
}
