/* SPDX-License-Identifier: BSD-2-Clause */
/* Frames for physmem's own tables, taken one by one against the contract, and given back as soon as
 * they are empty.  Nothing that evicts, writes or completes a page asks for one.  Called by
 * whatever keeps tables: slabs, containers, slots, the frames lent to the kernel. */
#pragma once

#include "ground/types.h"
#include "protocol/error.h"

/* A zeroed frame.  ERR_NO_MEMORY: the contract allows no more tables; ERR_BUSY: no frame is free
 * just now, or the contract allows none before the swap disk is there. */
enum error table_frame_alloc(frame_t *result);
void table_frame_free(frame_t f);

/* The frame in which an object of a table lies. */
frame_t table_frame_of(const void *object);
