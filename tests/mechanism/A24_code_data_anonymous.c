/* SPDX-License-Identifier: BSD-2-Clause */
/* A24: the designated container holds code, data and anonymous memory, as the program file says; a
 * file that says something impossible is refused before anything is made. */
#include <string.h>

#include "children.h"
#include "fixture.h"
#include "loader/elf_image.h"
#include "loader/load.h"
#include "rows.h"

enum { FILE_PAGES = 4, READ_WRITE = RIGHT_READ | RIGHT_WRITE, PROGRAM_HEADERS = 52, SEGMENT_OFFSET = 0x1000 };

struct elf_header {
    uint8_t ident[16];
    uint16_t type, machine;
    uint32_t version, entry, program_headers, section_headers, flags;
    uint16_t header_bytes, program_header_bytes, program_header_count, section_header_bytes,
        section_header_count, section_names;
};

struct program_header {
    uint32_t type, offset, address, physical, file_bytes, memory_bytes, flags, align;
};

struct file {
    struct elf_header head;
    struct program_header segments[3];
};

static char window[LOAD_WINDOW_PAGES * PAGE_SIZE] __attribute__((aligned(PAGE_SIZE)));

static void a_good_file(struct file *f)
{
    static const uint8_t ident[16] = {0x7f, 'E', 'L', 'F', 1, 1, 1};
    memset(f, 0, sizeof *f);
    memcpy(f->head.ident, ident, sizeof ident);
    f->head.type = 2;
    f->head.machine = 3;
    f->head.version = 1;
    f->head.entry = TASK_IMAGE_BASE;
    f->head.program_headers = PROGRAM_HEADERS;
    f->head.header_bytes = sizeof f->head;
    f->head.program_header_bytes = sizeof f->segments[0];
    f->head.program_header_count = 2;
    f->segments[0] =
        (struct program_header){1, SEGMENT_OFFSET, TASK_IMAGE_BASE, 0, 0x1000, 0x1000, 5, 0x1000};
    f->segments[1] =
        (struct program_header){1, 0x2000, TASK_IMAGE_BASE + 0x1000, 0, 0x800, 0x3000, 6, 0x1000};
}

/* Loads the file and gives the container back. */
static enum error try_load(const struct file *f, uint32_t bytes)
{
    handle_t handle = test_container(FILE_PAGES);
    volatile L4_Word_t *image = test_map(handle, FILE_PAGES, READ_WRITE);
    const char *argv[] = {"made-up"};
    struct load_result result;
    if (!image) {
        return ERR_ARGUMENT;
    }
    memcpy((void *)image, f, sizeof *f);
    struct load_request request = {
        .program = handle, .program_bytes = bytes, .argc = 1, .argv = argv, .window = (L4_Word_t)window};
    enum error e = load_program(&request, &result);
    if (e == OK) {
        EXPECT_EQ(physmem_destroy(result.container), OK);
    }
    return e;
}

static void expect_refused(const struct file *f, const char *what)
{
    enum error e = try_load(f, FILE_PAGES * PAGE_SIZE);
    if (e != ERR_FORMAT && e != ERR_TOO_LARGE) {
        ktap_diagnostic("%s: %s", what, error_text(e));
    }
    EXPECT(e == ERR_FORMAT || e == ERR_TOO_LARGE);
}

static void segments_are_in_place(void)
{
    struct child c;
    L4_Word_t out[4];
    REQUIRE(child_start(&c, "simple"));
    REQUIRE_EQ(child_command(c.thread, SERVANT_PROBE, NULL, 0, out, 4), OK);
    EXPECT_EQ(out[0], 0);  /* words of bss that are not zero */
    EXPECT_EQ(out[1], 0);  /* words of data that are not what the program says */
    EXPECT_EQ(out[2], 42); /* a constant */
    struct child_layout at = child_layout(&c);
    EXPECT_EQ(at.text, TASK_IMAGE_BASE);
    EXPECT_LT(at.text, out[3]);
    EXPECT_LE(out[3], at.image_end);
    EXPECT_LT(at.image_end, at.stack_start);
    EXPECT_LT(at.stack_start, at.free_start);
    EXPECT_LT(at.free_start, at.dc_end);
    EXPECT_EQ(child_do(&c, SERVANT_NOT_ZERO, at.free_start, 8, 0), 0);
}

static void a_made_up_file_loads(void)
{
    struct file f;
    a_good_file(&f);
    EXPECT_EQ(try_load(&f, FILE_PAGES * PAGE_SIZE), OK);
}

static void overlapping_segments(void)
{
    struct file f;
    a_good_file(&f);
    f.segments[1].address = f.segments[0].address;
    expect_refused(&f, "same place");
    a_good_file(&f);
    f.segments[0].memory_bytes = 0x2000;
    expect_refused(&f, "one page in common");
}

static void wrapping_segments(void)
{
    struct file f;
    a_good_file(&f);
    f.segments[1].memory_bytes = ~0u - 0xfff;
    expect_refused(&f, "memory wraps");
    a_good_file(&f);
    f.segments[1].offset = ~0u - 0xfff;
    expect_refused(&f, "file part wraps");
    a_good_file(&f);
    f.segments[1].address = 0xfffff000;
    expect_refused(&f, "address wraps");
    a_good_file(&f);
    f.head.program_headers = ~0u - 16;
    expect_refused(&f, "headers wrap");
}

static void outside_segments(void)
{
    struct file f;
    a_good_file(&f);
    f.segments[0].address = TASK_UTCB_BASE;
    f.head.entry = TASK_UTCB_BASE;
    expect_refused(&f, "over the UTCBs");
    a_good_file(&f);
    f.segments[1].address = TASK_REGIONS_BASE;
    expect_refused(&f, "among the regions");
    a_good_file(&f);
    f.segments[1].memory_bytes = TASK_REGIONS_BASE;
    expect_refused(&f, "into the regions");
}

static void entry_outside(void)
{
    struct file f;
    static const uint32_t entries[] = {0, TASK_IMAGE_BASE - 1, TASK_IMAGE_BASE + 0x4000, 0xc0000000, ~0u};
    for (unsigned i = 0; i < sizeof entries / sizeof *entries; i++) {
        a_good_file(&f);
        f.head.entry = entries[i];
        expect_refused(&f, "entry");
    }
}

static void empty_and_truncated(void)
{
    struct file f;
    a_good_file(&f);
    f.segments[1].memory_bytes = f.segments[1].file_bytes = 0;
    expect_refused(&f, "zero length");
    a_good_file(&f);
    f.head.program_header_count = 0;
    expect_refused(&f, "no headers");
    a_good_file(&f);
    f.segments[1].file_bytes = f.segments[1].memory_bytes + 1;
    expect_refused(&f, "file part larger than memory");
    a_good_file(&f);
    static const uint32_t lengths[] = {0, 1, 4, 51, 52, 83, 84, 0x1000, 0x1fff, 0x2000, 0x27ff};
    for (unsigned i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        EXPECT_EQ(try_load(&f, lengths[i]), ERR_FORMAT);
    }
}

static void another_machine(void)
{
    struct file f;
    a_good_file(&f);
    f.head.ident[0] = 0;
    expect_refused(&f, "magic");
    a_good_file(&f);
    f.head.ident[4] = 2;
    expect_refused(&f, "64 bits");
    a_good_file(&f);
    f.head.machine = 40;
    expect_refused(&f, "machine");
    a_good_file(&f);
    f.head.type = 3;
    expect_refused(&f, "a library");
}

static const struct test_case cases[] = {
    {"segments_are_in_place", segments_are_in_place}, {"a_made_up_file_loads", a_made_up_file_loads},
    {"overlapping_segments", overlapping_segments},   {"wrapping_segments", wrapping_segments},
    {"outside_segments", outside_segments},           {"entry_outside", entry_outside},
    {"empty_and_truncated", empty_and_truncated},     {"another_machine", another_machine},
};
const struct row row_A24 = ROW("A24_code_data_anonymous", cases);
