/* SPDX-License-Identifier: BSD-2-Clause */
#include "room/table_frame.h"

#include "base/assertion.h"
#include "ground/mem.h"
#include "ground/platform.h"
#include "room/contract.h"
#include "room/frame.h"

enum error table_frame_alloc(frame_t *result)
{
    enum error e = contract_table();
    if (e != OK) {
        return e;
    }
    frame_t f = frame_alloc(FRAMES_LEFT_BY_TABLE, FRAME_TABLE);
    if (f == FRAME_NONE) {
        return ERR_BUSY;
    }
    memset(frame_memory(f), 0, PAGE_SIZE);
    *result = f;
    return OK;
}

void table_frame_free(frame_t f)
{
    ASSERT(frame_table[f].kind == FRAME_TABLE);
    frame_free(f);
}

frame_t table_frame_of(const void *object)
{
    const char *start = platform_memory(0);
    return (frame_t)((size_t)((const char *)object - start) >> PAGE_SHIFT);
}
