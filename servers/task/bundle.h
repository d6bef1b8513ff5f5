/* SPDX-License-Identifier: BSD-2-Clause */
/* A bundle: many files in one boot module, so that neither their number nor their names meet the
 * bounds of boot loaders.  tools/run makes one of what FILES names.
 *
 *   header | records, sorted by name | names, one behind the other | contents, each in pages of
 *   its own
 *
 * The module comes from outside: bundle_open() looks at everything, and what it has accepted is not
 * looked at again.  Pure; file.c alone calls it, on a copy of the part in front of the contents. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum {
    BUNDLE_MAGIC = 0x4c494650, /* "PFIL" */
    BUNDLE_NAME_MAX = 252,     /* bytes: what TASK_FILE can carry */
};

/* All numbers are 32 bits, the lowest byte first. */
struct bundle_header {
    uint32_t magic;
    uint32_t file_count;
    uint32_t index_bytes; /* header, records and names together */
};

struct bundle_file {
    uint32_t name_offset; /* from the start of the module */
    uint32_t name_bytes;  /* 1 .. BUNDLE_NAME_MAX, none of them NUL or '/' */
    uint32_t first_page;  /* of the contents, counted in the module */
    uint32_t bytes;       /* of the contents */
};

struct bundle {
    const char *index; /* the module's first index_bytes */
    const struct bundle_file *files;
    uint32_t file_count;
};

/* Bytes that bundle_open() wants to see, from the module's first bytes (at least a header); 0: it
 * is no bundle. */
uint32_t bundle_index_bytes(const struct bundle_header *header, uint32_t module_bytes);
/* index: as many bytes as that, aligned to words; they stay where they are.  False: damaged. */
bool bundle_open(struct bundle *b, const char *index, uint32_t module_bytes);
/* Returns null if there is no file of that name. */
const struct bundle_file *bundle_find(const struct bundle *b, const char *name);
