// SPDX-License-Identifier: BSD-2-Clause
// Says what the loader of Pilotfish would say about a program: `ok BYTES-OF-MEMORY`, or one line
// and status 1.
#include "base/assertion.h"
#include "loader/elf_image.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void assertion_failed(const char *file, int line, const char *condition)
{
    fprintf(stderr, "elf-check: %s:%d: assertion failed: %s\n", file, line, condition);
    abort();
}

static bool read_file(void *context, uint32_t offset, void *to, uint32_t count)
{
    return fseek(context, (long)offset, SEEK_SET) == 0 && fread(to, 1, count, context) == count;
}

static const char *kind(enum elf_problem problem)
{
    switch ((int)problem) {
    case ELF_SHORT:
    case ELF_MAGIC:
        return "not an ELF program";
    case ELF_CLASS:
    case ELF_BYTE_ORDER:
    case ELF_MACHINE:
    case ELF_TYPE:
    case ELF_DYNAMIC:
        return "not a static 32-bit x86 program (build it with tools/pilotfish-cc)";
    case ELF_OUTSIDE_RANGE:
        return "not linked for Pilotfish, or too large";
    case ELF_STACK_TOO_LARGE:
        return "too large (-z stack-size=)";
    default:
        return "damaged, or not for Pilotfish";
    }
}

int main(int argc, char **argv)
{
    FILE *file = argc == 2 ? fopen(argv[1], "rb") : NULL;
    long size;
    if (file == NULL || fseek(file, 0, SEEK_END) != 0 || (size = ftell(file)) < 0 || size > INT32_MAX) {
        puts(argc != 2 ? "usage: elf-check FILE" : file == NULL ? strerror(errno) : "not a file");
        return 1;
    }
    struct elf_file source = {read_file, file, (uint32_t)size};
    struct elf_image image;
    enum elf_problem problem = elf_image_parse(&source, &image);
    if (problem != ELF_OK) {
        printf("%s: %s\n", kind(problem), elf_problem_text(problem));
        return 1;
    }
    unsigned long long bytes = 0;
    for (unsigned i = 0; i < image.count; i++) {
        bytes += image.segments[i].memory_bytes;
    }
    printf("ok %llu\n", bytes);
    return 0;
}
