/* SPDX-License-Identifier: BSD-2-Clause */
/* platform.h on the real kernel.  Only this file and main.c make system calls. */
#include "ground/platform.h"

#include "base/assertion.h"
#include "ground/mem.h"

#include "l4/kernel_memory.h"
#include "l4/syscalls.h"
#include "ground/log.h"

void *platform_memory(uint32_t physical)
{
    return (void *)(uintptr_t)physical;
}

_Static_assert(UNMAP_MORE == KERNEL_UNMAP_MORE, "the kernel says so");

uint32_t platform_unmap(const frame_t *frames, uint32_t count, L4_Word_t rights, uint32_t steps,
                        L4_Word_t *status)
{
    for (uint32_t i = 0; i < count; i++) {
        L4_LoadMR(i, L4_FpageAddRights(L4_FpageLog2(frames[i] << PAGE_SHIFT, PAGE_SHIFT), rights).raw);
    }
    L4_Word_t used = L4_UnmapSteps(count, steps);
    for (uint32_t i = 0; i < count; i++) {
        status[i] = L4_StoreMR(i) & (L4_FullyAccessible | UNMAP_MORE);
    }
    return used;
}

enum reply_result platform_reply(L4_ThreadId_t to, const struct message *m)
{
    memcpy(L4_Utcb() + 1, &m->mr[1], (m->words + m->typed_words) * sizeof m->mr[0]);
    L4_MsgTag_t tag = L4_Reply(to, L4_MsgTag(m->label, m->words, m->typed_words));
    return L4_IpcSucceeded(tag) ? REPLY_DONE : reply_failure(L4_ErrorCode(), m);
}

static struct kernel_memory kernel;

static bool kernel_memory(L4_Word_t attribute, frame_t f)
{
    return L4_KernelMemory(attribute, L4_FpageLog2(f << PAGE_SHIFT, PAGE_SHIFT), &kernel) == 1;
}

bool platform_lend(frame_t f)
{
    return kernel_memory(KERNEL_MEMORY_LEND, f);
}

bool platform_reclaim(frame_t f)
{
    return kernel_memory(KERNEL_MEMORY_RECLAIM, f);
}

static void ask_kernel(void)
{
    (void)L4_KernelMemory(KERNEL_MEMORY_RECLAIM, L4_Nilpage, &kernel);
}

uint32_t platform_kernel_free(void)
{
    ask_kernel();
    return kernel.free;
}

uint32_t platform_kernel_for_mappings(void)
{
    ask_kernel();
    return kernel.for_mappings;
}

void platform_strip(L4_ThreadId_t thread)
{
    (void)L4_SpaceControl(thread, KERNEL_STRIP, L4_Nilpage, L4_Nilpage, L4_nilthread);
}

uint32_t platform_clock(void)
{
    return (uint32_t)(L4_SystemClock() >> 10);
}

extern const uint32_t stack_start[]; /* start.S */

uint32_t platform_stack_left(void)
{
    uint32_t words = 0;
    while (stack_start[words] == 0) {
        words++;
    }
    return words * (uint32_t)sizeof(uint32_t);
}

void platform_print(const char *line)
{
    L4_KDB_PrintString(line);
}

void platform_halt(void)
{
    for (;;) {
        L4_Sleep(L4_Never);
    }
}

/* An invariant of physmem is broken: it says so and serves nobody any more. */
void assertion_failed(const char *file, int line, const char *condition)
{
    log_line("%s:%d: assertion failed: %s", file, line, condition);
    platform_halt();
}
