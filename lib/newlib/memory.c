/* SPDX-License-Identifier: BSD-2-Clause */
/* The heap.  With a pager it consists of regions of zeroed memory, one behind the other from
 * PAGER_HEAP_START on, whose pages come by faults; without one, of the free pages of the designated
 * container, from the lowest up.  In both cases what sbrk hands out is zero, as newlib's calloc
 * expects. */
#include <errno.h>
#include <malloc.h>
#include <string.h>
#include <unistd.h>

#include "base/assertion.h"
#include "client/physmem.h"
#include "pager/dc_pages.h"
#include "pager/pager.h"
#include "port.h"

enum { GROW_MIN = 256 * 1024, GROW_MAX = 16 * 1024 * 1024 };

/* heap_start <= heap_break <= heap_mapped; malloc's lock protects all three. */
static uint32_t heap_start, heap_break, heap_mapped;
static struct dc_pages dc; /* without a pager */
static struct __lock dc_lock;

void port_memory_init(void)
{
    dc_pages_init(&dc, port_startup->dc_free, port_startup->dc_end);
    heap_start = heap_break = heap_mapped = dc.base;
}

uint32_t port_dc_alloc(uint32_t pages)
{
    port_lock(&dc_lock);
    uint32_t address = dc_pages_alloc(&dc, pages);
    port_unlock(&dc_lock);
    return address;
}

void port_dc_free(uint32_t address, uint32_t pages)
{
    /* The heap may grow into them, so they are zeroed first. */
    (void)physmem_zero(HANDLE_DC, address >> PAGE_SHIFT, pages);
    port_lock(&dc_lock);
    dc_pages_free(&dc, address, pages);
    port_unlock(&dc_lock);
}

static uint32_t round_up(uint32_t bytes)
{
    return (bytes + PAGE_SIZE - 1) & ~(uint32_t)(PAGE_SIZE - 1);
}

static bool map_heap(uint32_t bytes)
{
    return bytes <= PAGER_HEAP_END - heap_mapped &&
           pager_map_anonymous_at((void *)heap_mapped, bytes, RIGHT_READ | RIGHT_WRITE) == OK;
}

/* Makes memory up to end.  It tries for a quarter more than there is, so that there are few
 * regions. */
static bool grow(uint32_t end)
{
    uint32_t need = round_up(end) - heap_mapped, much = round_up((heap_mapped - heap_start) / 4);
    if (!port_has_pager()) {
        port_lock(&dc_lock);
        bool ok = dc_pages_grow(&dc, end);
        port_unlock(&dc_lock);
        heap_mapped = ok ? round_up(end) : heap_mapped;
        return ok;
    }
    much = much < GROW_MIN ? GROW_MIN : much > GROW_MAX ? GROW_MAX : much;
    if (much > need && map_heap(much)) {
        need = much;
    } else if (!map_heap(need)) {
        return false;
    }
    heap_mapped += need;
    ASSERT(heap_mapped >= end && heap_mapped <= PAGER_HEAP_END);
    return true;
}

/* What is given up is zero when it comes back. */
static void shrink(uint32_t end)
{
    uint32_t whole = round_up(end);
    ASSERT(end < heap_break);
    memset((void *)end, 0, (heap_break < whole ? heap_break : whole) - end);
    if (heap_mapped <= whole) {
        return;
    }
    if (port_has_pager() && pager_unmap((void *)whole, heap_mapped - whole) == OK) {
        heap_mapped = whole;
    } else if (heap_break > whole) {
        memset((void *)whole, 0, heap_break - whole);
    }
}

void *_sbrk_r(struct _reent *r, ptrdiff_t increment)
{
    if (heap_start == 0) {
        heap_start = heap_break = heap_mapped = PAGER_HEAP_START;
    }
    uint32_t old = heap_break, end = old + (uint32_t)increment;
    if (increment >= 0 ? end < old : end > old || end < heap_start) {
        r->_errno = ENOMEM;
        return (void *)-1;
    }
    if (end > heap_mapped && !grow(end)) {
        r->_errno = ENOMEM;
        return (void *)-1;
    }
    if (end < old) {
        shrink(end);
    }
    heap_break = end;
    ASSERT(heap_start <= heap_break && heap_break <= heap_mapped);
    return (void *)old;
}

int posix_memalign(void **memory, size_t alignment, size_t size);
int posix_memalign(void **memory, size_t alignment, size_t size)
{
    if (alignment < sizeof(void *) || (alignment & (alignment - 1)) != 0) {
        return EINVAL;
    }
    void *block = memalign(alignment, size);
    if (!block) {
        return ENOMEM;
    }
    *memory = block;
    return 0;
}
