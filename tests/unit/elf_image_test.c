// sources: lib/loader/elf_image.c lib/loader/startup_record.c tests/unit/assertion.c
/* SPDX-License-Identifier: BSD-2-Clause */
/* The decoder of program files: good ones, each kind of bad one, and random damage. */
#include "base/xorshift.h"
#include "loader/elf_image.h"
#include "loader/startup_record.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "result.h"

/* Offsets in the file. */
enum {
    H_CLASS = 4,
    H_ORDER = 5,
    H_IDENT_VERSION = 6,
    H_TYPE = 16,
    H_MACHINE = 18,
    H_VERSION = 20,
    H_ENTRY = 24,
    H_TABLE = 28,
    H_ENTRY_BYTES = 42,
    H_COUNT = 44,
    P_TABLE = 52,
    P_BYTES = 32,
    P_TYPE = 0,
    P_OFFSET = 4,
    P_ADDRESS = 8,
    P_FILE = 16,
    P_MEMORY = 20,
    P_FLAGS = 24,
    FILE_BYTES = 0x3000,
};

static uint8_t bytes[FILE_BYTES];
static uint32_t file_bytes;
static long refuse_from; /* reads at or past this offset fail; -1 = none */

static void put16(uint32_t at, uint32_t v)
{
    bytes[at] = (uint8_t)v;
    bytes[at + 1] = (uint8_t)(v >> 8);
}

static void put32(uint32_t at, uint32_t v)
{
    put16(at, v);
    put16(at + 2, v >> 16);
}

static void put_segment(uint32_t i, uint32_t offset, uint32_t address, uint32_t file, uint32_t memory,
                        uint32_t flags)
{
    uint32_t at = P_TABLE + i * P_BYTES;
    put32(at + P_TYPE, 1);
    put32(at + P_OFFSET, offset);
    put32(at + P_ADDRESS, address);
    put32(at + P_FILE, file);
    put32(at + P_MEMORY, memory);
    put32(at + P_FLAGS, flags);
}

/* Text at 0x20000 (one page and a bit), data at 0x22000 with bss. */
static void make_good(void)
{
    static const uint8_t magic[] = {0x7f, 'E', 'L', 'F', 1, 1, 1};
    memset(bytes, 0, sizeof bytes);
    memcpy(bytes, magic, sizeof magic);
    put16(H_TYPE, 2);
    put16(H_MACHINE, 3);
    put32(H_VERSION, 1);
    put32(H_ENTRY, 0x20100);
    put32(H_TABLE, P_TABLE);
    put16(H_ENTRY_BYTES, P_BYTES);
    put16(H_COUNT, 2);
    put_segment(0, 0, 0x20000, 0x1800, 0x1800, 5);
    put_segment(1, 0x2000, 0x22000, 0x123, 0x5000, 6);
    file_bytes = FILE_BYTES;
    refuse_from = -1;
}

/* The file has exactly file_bytes bytes on the heap, so that the sanitizer sees a read past its
 * end. */
static bool read_bytes(void *context, uint32_t offset, void *to, uint32_t n)
{
    if (refuse_from >= 0 && (long)offset >= refuse_from) {
        return false;
    }
    memcpy(to, (const uint8_t *)context + offset, n);
    return true;
}

static enum elf_problem parse(struct elf_image *image)
{
    uint8_t *copy = malloc(file_bytes ? file_bytes : 1);
    if (!copy) {
        abort();
    }
    memcpy(copy, bytes, file_bytes);
    struct elf_file file = {read_bytes, copy, file_bytes};
    enum elf_problem problem = elf_image_parse(&file, image);
    free(copy);
    return problem;
}

static void expect(enum elf_problem wanted, const char *what)
{
    struct elf_image image;
    enum elf_problem got = parse(&image);
    if (got != wanted) {
        printf("# got \"%s\"\n", elf_problem_text(got));
    }
    check(got == wanted, what);
    make_good();
}

static void test_good(void)
{
    struct elf_image image;
    check(parse(&image) == ELF_OK, "a good program is taken");
    check(image.entry == 0x20100 && image.count == 2 && image.end == 0x27000, "entry, segments, end");
    check(image.segments[1].file_offset == 0x2000 && image.segments[1].file_bytes == 0x123 &&
              image.segments[1].memory_bytes == 0x5000,
          "the data segment");
    put_segment(1, 0x7777, 0x22000, 0, 0x5000, 6);
    expect(ELF_OK, "bss alone needs no place in the file");
    put_segment(1, 0x2000, 0x22000, 0x1000, 0x10000000 - 0x22000, 6);
    expect(ELF_OK, "a segment up to the last byte of the range");
    put_segment(1, 0, 0x20000, 0x1800, 0x1800, 5);
    put_segment(0, 0x2000, 0x22000, 0x123, 0x5000, 6);
    expect(ELF_OK, "segments in any order");
    put32(P_TABLE + P_BYTES, 0x6474e551);
    expect(ELF_OK, "headers of other kinds are skipped");
    put32(H_TABLE, FILE_BYTES - 2 * P_BYTES);
    memcpy(bytes + FILE_BYTES - 2 * P_BYTES, bytes + P_TABLE, 2 * P_BYTES);
    expect(ELF_OK, "a header table that ends with the file");
}

/* PT_GNU_STACK in place of the data segment. */
static enum elf_problem parse_stack(uint32_t stack_bytes, struct elf_image *image)
{
    put32(P_TABLE + P_BYTES, 0x6474e551);
    put32(P_TABLE + P_BYTES + P_MEMORY, stack_bytes);
    enum elf_problem problem = parse(image);
    make_good();
    return problem;
}

static void test_stack(void)
{
    struct elf_image image;
    check(parse(&image) == ELF_OK && image.stack_bytes == 0, "no word about the stack: 0");
    check(parse_stack(0, &image) == ELF_OK && image.stack_bytes == 0, "a stack header of size 0: 0");
    check(parse_stack(0x400000, &image) == ELF_OK && image.stack_bytes == 0x400000, "the size asked for");
    check(image.count == 1 && image.end == 0x21800, "it is no segment");
    check(parse_stack(0x10000000, &image) == ELF_OK, "a stack as large as the range");
    check(parse_stack(0x10000001, &image) == ELF_STACK_TOO_LARGE, "a larger one");
    check(parse_stack(UINT32_MAX, &image) == ELF_STACK_TOO_LARGE, "one of nearly 4 GiB");
}

static void test_header(void)
{
    file_bytes = 0;
    expect(ELF_SHORT, "empty file");
    file_bytes = 51;
    expect(ELF_SHORT, "file shorter than the header");
    file_bytes = 52;
    expect(ELF_HEADERS_OUTSIDE, "file of a header only");
    bytes[0] = 0;
    expect(ELF_MAGIC, "magic");
    bytes[3] = 'f';
    expect(ELF_MAGIC, "magic, last byte");
    bytes[H_CLASS] = 2;
    expect(ELF_CLASS, "64 bits");
    bytes[H_ORDER] = 2;
    expect(ELF_BYTE_ORDER, "big-endian");
    bytes[H_IDENT_VERSION] = 0;
    expect(ELF_VERSION, "version in the identification");
    put32(H_VERSION, 2);
    expect(ELF_VERSION, "version");
    put16(H_TYPE, 1);
    expect(ELF_TYPE, "object file");
    put16(H_TYPE, 3);
    expect(ELF_TYPE, "shared object");
    put16(H_MACHINE, 62);
    expect(ELF_MACHINE, "other machine");
    put16(H_COUNT, 0);
    expect(ELF_NO_HEADERS, "no program headers");
    put16(H_ENTRY_BYTES, 56);
    expect(ELF_HEADER_SIZE, "program headers of another size");
    put16(H_ENTRY_BYTES, 0);
    expect(ELF_HEADER_SIZE, "program headers of size zero");
    put16(H_COUNT, ELF_HEADERS_MAX + 1);
    expect(ELF_TOO_MANY_HEADERS, "too many program headers");
    put32(H_TABLE, FILE_BYTES - 63);
    expect(ELF_HEADERS_OUTSIDE, "header table past the end");
    put32(H_TABLE, 0xffffffe0);
    expect(ELF_HEADERS_OUTSIDE, "header table that wraps");
    refuse_from = 0;
    expect(ELF_UNREADABLE, "header unreadable");
    refuse_from = P_TABLE;
    expect(ELF_UNREADABLE, "program headers unreadable");
}

static void test_segments(void)
{
    put32(P_TABLE + P_BYTES, 2);
    expect(ELF_DYNAMIC, "dynamic section");
    put32(P_TABLE + P_BYTES, 3);
    expect(ELF_DYNAMIC, "interpreter");
    put32(P_TABLE, 0);
    put32(P_TABLE + P_BYTES, 4);
    expect(ELF_NO_SEGMENTS, "no segments");
    put_segment(1, 0x2000, 0x22000, 0, 0, 6);
    expect(ELF_EMPTY_SEGMENT, "empty segment");
    put_segment(1, 0x2000, 0x22000, 0x200, 0x100, 6);
    expect(ELF_FILE_PART_LARGER, "more in the file than in memory");
    put_segment(1, 0x2000, 0x22000, 0x10, 0, 6);
    expect(ELF_EMPTY_SEGMENT, "file bytes without memory");
    put_segment(1, 0x2000, 0x22000, 0x100, 0xfffff000, 6);
    expect(ELF_WRAPS, "address wraps");
    put_segment(1, 0xfffff000, 0x22000, 0x1001, 0x2000, 6);
    expect(ELF_WRAPS, "file offset wraps");
    put_segment(1, 0x2000, 0xfffff000, 0x100, 0x1000, 6);
    expect(ELF_OUTSIDE_RANGE, "up to the end of the address space");
    put_segment(1, 0x2000, 0x1f000, 0x100, 0x1000, 6);
    expect(ELF_OUTSIDE_RANGE, "below the range");
    put_segment(1, 0x2000, 0, 0x100, 0x1000, 6);
    expect(ELF_OUTSIDE_RANGE, "at address zero");
    put_segment(1, 0x2000, 0x22000, 0x100, 0x10000000 - 0x22000 + 1, 6);
    expect(ELF_OUTSIDE_RANGE, "one byte past the range");
    put_segment(1, 0x2000, 0xc0000000, 0x100, 0x1000, 6);
    expect(ELF_OUTSIDE_RANGE, "in the kernel");
    file_bytes = 0x2122;
    expect(ELF_TRUNCATED, "one byte of the file missing");
    put_segment(1, 0x2000, 0x22000, 0x1001, 0x2000, 6);
    expect(ELF_TRUNCATED, "one byte past the file");
    put_segment(1, 0x2010, 0x22000, 0x100, 0x1000, 6);
    expect(ELF_MISALIGNED, "offset and address differ modulo the page");
    put_segment(1, 0x2000, 0x21000, 0x100, 0x1000, 6);
    expect(ELF_OVERLAP, "overlap");
    put_segment(1, 0x1900, 0x21900, 0x100, 0x1000, 6);
    expect(ELF_OVERLAP, "two segments in a page");
    put_segment(1, 0, 0x20000, 0x1800, 0x8000000, 5);
    expect(ELF_OVERLAP, "one inside the other");
    put32(H_ENTRY, 0x1ffff);
    expect(ELF_ENTRY_OUTSIDE, "entry below the text");
    put32(H_ENTRY, 0x21800);
    expect(ELF_ENTRY_OUTSIDE, "entry right behind the text");
    put32(H_ENTRY, 0x22000);
    expect(ELF_ENTRY_OUTSIDE, "entry in the data");
    put16(H_COUNT, ELF_SEGMENTS_MAX + 1);
    for (uint32_t i = 0; i <= ELF_SEGMENTS_MAX; i++) {
        put_segment(i, 0, 0x20000 + i * 0x1000, 0x100, 0x1000, 5);
    }
    expect(ELF_TOO_MANY_SEGMENTS, "too many segments");
}

/* What elf_image.h promises after ELF_OK. */
static int promise_holds(const struct elf_image *image)
{
    int good = image->count >= 1 && image->count <= ELF_SEGMENTS_MAX;
    for (unsigned i = 0; good && i < image->count; i++) {
        const struct elf_segment *s = &image->segments[i];
        uint64_t end = (uint64_t)s->address + s->memory_bytes;
        good = s->memory_bytes > 0 && s->file_bytes <= s->memory_bytes && s->address >= 0x20000 &&
               end <= 0x10000000 && end <= image->end;
        good = good && (s->file_bytes == 0 || ((uint64_t)s->file_offset + s->file_bytes <= file_bytes &&
                                               s->file_offset % 4096 == s->address % 4096));
        for (unsigned j = 0; good && j < i; j++) {
            const struct elf_segment *o = &image->segments[j];
            good = (o->address + o->memory_bytes - 1) / 4096 < s->address / 4096 ||
                   (end - 1) / 4096 < o->address / 4096;
        }
    }
    return good;
}

static uint32_t random_state;

static uint32_t random_word(void)
{
    return xorshift(&random_state);
}

static void mutate(void)
{
    static const uint32_t interesting[] = {
        0,          1,          0xfff,      0x1000,     0x1001,     0x1ffff,    0x20000,    0x22000,
        0x7fffffff, 0x80000000, 0xffffffff, 0xfffff000, 0x0fffffff, 0x10000000, FILE_BYTES, 0xfffffff0};
    for (uint32_t n = random_word() % 4 + 1; n > 0; n--) {
        uint32_t at = random_word() % (P_TABLE + 2 * P_BYTES);
        switch (random_word() % 4) {
        case 0:
            bytes[at] ^= (uint8_t)(1u << random_word() % 8);
            break;
        case 1:
            bytes[at] = (uint8_t)random_word();
            break;
        case 2:
            put32(at & ~3u, interesting[random_word() % (sizeof interesting / sizeof *interesting)]);
            break;
        default:
            file_bytes = random_word() % (FILE_BYTES + 1);
            break;
        }
    }
}

static void test_random(void)
{
    const char *given = getenv("SEED");
    uint32_t seed = given ? (uint32_t)strtoul(given, NULL, 0) : 20261121;
    random_state = seed ? seed : 1;
    int good = 1;
    unsigned taken = 0, seen[ELF_PROBLEM_COUNT] = {0};
    for (int i = 0; good && i < 200000; i++) {
        struct elf_image image;
        make_good();
        mutate();
        enum elf_problem problem = parse(&image);
        seen[problem]++;
        if (problem == ELF_OK) {
            taken++;
            good = promise_holds(&image);
        }
    }
    printf("# seed %u, %u of 200000 damaged images are still good\n", seed, taken);
    check(good, "what is taken keeps the promises, whatever was damaged");
    check(seen[ELF_TRUNCATED] && seen[ELF_OVERLAP] && seen[ELF_WRAPS] && seen[ELF_MISALIGNED],
          "the damage reached the deeper checks");
    make_good();
}

static void test_texts(void)
{
    int distinct = 1;
    for (int i = 0; i < ELF_PROBLEM_COUNT; i++) {
        for (int j = 0; j < i; j++) {
            distinct = distinct &&
                       strcmp(elf_problem_text((enum elf_problem)i), elf_problem_text((enum elf_problem)j));
        }
    }
    check(distinct, "every problem has a text of its own");
}

static void test_startup_record(void)
{
    static char record[STARTUP_PAGES_MAX * PAGE_SIZE] __attribute__((aligned(4)));
    static const char *const argv[] = {"prog", "", "two words"};
    struct startup head = {.magic = STARTUP_MAGIC, .version = STARTUP_VERSION, .dc_free = 0x5000};
    uint32_t size = startup_record_bytes(3, argv);
    check(size == sizeof head + 4 * 4 + 5 + 1 + 10, "size of a record");
    memset(record, 0x55, sizeof record);
    startup_record_write(record, 0x30000, &head, 3, argv);
    const struct startup *s = (const struct startup *)record;
    const L4_Word_t *pointers = (const L4_Word_t *)(record + (s->argv - 0x30000));
    check(s->magic == STARTUP_MAGIC && s->argc == 3 && s->dc_free == 0x5000 && pointers[3] == 0,
          "record head");
    check(strcmp(record + (pointers[0] - 0x30000), "prog") == 0 && record[pointers[1] - 0x30000] == '\0' &&
              strcmp(record + (pointers[2] - 0x30000), "two words") == 0,
          "arguments");
    check(record[size - 1] == '\0' && record[size] == 0x55, "nothing is written behind it");
    check(startup_record_bytes(0, NULL) == sizeof head + 4, "no arguments");

    static char longest[STARTUP_ARGS_MAX + 1];
    memset(longest, 'x', sizeof longest - 2);
    const char *const one[] = {longest};
    check(startup_record_bytes(1, one) > 0, "the longest argument fits");
    memset(longest, 'x', sizeof longest - 1);
    check(startup_record_bytes(1, one) == 0, "one byte more does not");
    check(startup_record_bytes(STARTUP_ARGC_MAX + 1, argv) == 0, "too many arguments");
}

int main(void)
{
    make_good();
    test_good();
    test_stack();
    test_header();
    test_segments();
    test_random();
    test_texts();
    test_startup_record();
    printf("1..%d\n", count);
    return failures != 0;
}
