/* SPDX-License-Identifier: BSD-2-Clause */
/* What an ELF program file says about its image, checked.  Pure; load_program and the host's
 * tools/elf_check.c call it.  The file's bytes are not trusted and come from a callback, a few at a
 * time.  After ELF_OK, every segment lies in the range for programs, is not empty, shares no page
 * with another one, and has its file part in the file. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum { ELF_SEGMENTS_MAX = 8, ELF_HEADERS_MAX = 32 };

enum elf_problem {
    ELF_OK = 0,
    ELF_UNREADABLE, /* the callback failed */
    ELF_SHORT,
    ELF_MAGIC,
    ELF_CLASS,
    ELF_BYTE_ORDER,
    ELF_VERSION,
    ELF_TYPE,
    ELF_MACHINE,
    ELF_HEADER_SIZE,
    ELF_NO_HEADERS,
    ELF_TOO_MANY_HEADERS,
    ELF_HEADERS_OUTSIDE,
    ELF_DYNAMIC,
    ELF_NO_SEGMENTS,
    ELF_TOO_MANY_SEGMENTS,
    ELF_EMPTY_SEGMENT,
    ELF_FILE_PART_LARGER,
    ELF_WRAPS,
    ELF_OUTSIDE_RANGE,
    ELF_TRUNCATED,
    ELF_MISALIGNED,
    ELF_OVERLAP,
    ELF_STACK_TOO_LARGE,
    ELF_ENTRY_OUTSIDE,
    ELF_PROBLEM_COUNT
};

enum { ELF_SEGMENT_EXECUTE = 1, ELF_SEGMENT_WRITE = 2, ELF_SEGMENT_READ = 4 };

struct elf_segment {
    uint32_t address, memory_bytes;
    /* file_bytes is at most memory_bytes; the offset equals the address modulo 4096. */
    uint32_t file_offset, file_bytes;
    uint32_t flags;
};

struct elf_image {
    uint32_t entry;
    uint32_t end;         /* first address behind the highest segment */
    uint32_t stack_bytes; /* what the program asks for, at most TASK_REGIONS_BASE; 0 if nothing */
    unsigned count;
    struct elf_segment segments[ELF_SEGMENTS_MAX];
};

struct elf_file {
    /* Copies count bytes from offset; the range is inside the file.  Returns whether it could. */
    bool (*read)(void *context, uint32_t offset, void *to, uint32_t count);
    void *context;
    uint32_t bytes;
};

enum elf_problem elf_image_parse(const struct elf_file *file, struct elf_image *image);
const char *elf_problem_text(enum elf_problem problem);
