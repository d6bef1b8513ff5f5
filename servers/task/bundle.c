/* SPDX-License-Identifier: BSD-2-Clause */
/* The index is checked once, record by record; names are sorted, so that a file is found by
 * halves. */
#include "bundle.h"

#include <stddef.h>

#include "base/assertion.h"
#include "protocol/ids.h"

uint32_t bundle_index_bytes(const struct bundle_header *header, uint32_t module_bytes)
{
    if (module_bytes < sizeof *header || header->magic != BUNDLE_MAGIC ||
        header->index_bytes < sizeof *header || header->index_bytes > module_bytes) {
        return 0;
    }
    uint32_t records_most = (header->index_bytes - (uint32_t)sizeof *header) / sizeof(struct bundle_file);
    return header->file_count <= records_most ? header->index_bytes : 0;
}

/* Like strcmp, where the second name has no terminator. */
static int compare(const char *name, const char *stored, uint32_t stored_bytes)
{
    uint32_t i = 0;
    while (i < stored_bytes && name[i] != '\0' && name[i] == stored[i]) {
        i++;
    }
    if (i == stored_bytes) {
        return name[i] != '\0';
    }
    return (unsigned char)name[i] < (unsigned char)stored[i] ? -1 : 1;
}

/* Which of two stored names comes first: negative, 0 or positive. */
static int order(const struct bundle *b, const struct bundle_file *left, const struct bundle_file *right)
{
    const char *l = b->index + left->name_offset, *r = b->index + right->name_offset;
    uint32_t i = 0;
    while (i < left->name_bytes && i < right->name_bytes && l[i] == r[i]) {
        i++;
    }
    if (i == left->name_bytes || i == right->name_bytes) {
        return (int)left->name_bytes - (int)right->name_bytes;
    }
    return (int)(unsigned char)l[i] - (int)(unsigned char)r[i];
}

static bool file_is_good(const struct bundle *b, const struct bundle_file *f, uint32_t index_bytes,
                         uint32_t module_bytes)
{
    if (f->name_bytes == 0 || f->name_bytes > BUNDLE_NAME_MAX || f->name_offset > index_bytes ||
        f->name_bytes > index_bytes - f->name_offset) {
        return false;
    }
    for (uint32_t i = 0; i < f->name_bytes; i++) {
        char c = b->index[f->name_offset + i];
        if (c == '\0' || c == '/') {
            return false;
        }
    }
    return f->first_page <= module_bytes >> PAGE_SHIFT &&
           f->bytes <= module_bytes - (f->first_page << PAGE_SHIFT);
}

bool bundle_open(struct bundle *b, const char *index, uint32_t module_bytes)
{
    const struct bundle_header *header = (const struct bundle_header *)(const void *)index;
    ASSERT((uintptr_t)index % sizeof(uint32_t) == 0);
    uint32_t index_bytes = bundle_index_bytes(header, module_bytes);
    *b = (struct bundle){.index = index,
                         .files = (const struct bundle_file *)(const void *)(header + 1),
                         .file_count = header->file_count};
    if (index_bytes == 0) {
        return false;
    }
    for (uint32_t i = 0; i < b->file_count; i++) {
        if (!file_is_good(b, &b->files[i], index_bytes, module_bytes) ||
            (i > 0 && order(b, &b->files[i - 1], &b->files[i]) >= 0)) {
            return false;
        }
    }
    return true;
}

const struct bundle_file *bundle_find(const struct bundle *b, const char *name)
{
    uint32_t start = 0, end = b->file_count;
    while (start < end) {
        uint32_t middle = start + (end - start) / 2;
        const struct bundle_file *f = &b->files[middle];
        ASSERT(f->name_bytes >= 1 && f->name_bytes <= BUNDLE_NAME_MAX);
        int side = compare(name, b->index + f->name_offset, f->name_bytes);
        if (side == 0) {
            return f;
        }
        if (side < 0) {
            end = middle;
        } else {
            start = middle + 1;
        }
    }
    return NULL;
}
