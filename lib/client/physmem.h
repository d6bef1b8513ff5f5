/* SPDX-License-Identifier: BSD-2-Clause */
/* Calls to physmem, one function for each message; what they mean is written in
 * protocol/physmem.h.  Any thread of any task may make them, pager threads too: all but
 * physmem_notice_pull are answered in the event that receives them.  An out-parameter may be null
 * where the caller does not want the value; it is set on success only, but for `done` of
 * physmem_copy.  A range may be of any size, and so may a container or task that goes: these calls
 * are made again until all is done. */
#pragma once

#include "protocol/physmem.h"

struct container_stat {
    L4_Word_t pages, rights, in_memory, on_swap;
};

struct task_memory_freed {
    L4_Word_t frames, slots, containers;
};

enum { MODULE_COMMAND_BYTES = 128 };

struct module_info {
    handle_t handle;
    L4_Word_t bytes;
    char command[MODULE_COMMAND_BYTES + 1]; /* command line, cut off where it is longer */
};

struct physmem_notice_info {
    L4_Word_t kind; /* enum physmem_notice */
    L4_Word_t task;
    L4_ThreadId_t thread;
    L4_Word_t address, error, ip;
};

/* A pager hands a fault on in the name of a thread of its own task.  Sends only. */
enum error physmem_forward(L4_ThreadId_t faulter, L4_Word_t address, handle_t handle, uint32_t page,
                           uint32_t access, uint32_t rights);
/* Returns the error of asking itself; *note is what was wrong with the thread's last fault. */
enum error physmem_ask(L4_ThreadId_t thread, enum error *note, L4_Word_t *address);
enum error physmem_forget_range(L4_Word_t start, L4_Word_t end, uint32_t *answered);
enum error physmem_forget_thread(L4_ThreadId_t thread);

enum error physmem_create(uint32_t pages, uint32_t flags, handle_t *handle);
enum error physmem_destroy(handle_t handle);
enum error physmem_close(handle_t handle);
enum error physmem_share(handle_t handle, L4_Word_t task, uint32_t rights, handle_t *theirs);
enum error physmem_copy(handle_t source, uint32_t source_page, handle_t dest, uint32_t dest_page,
                        uint32_t count, uint32_t *done);
enum error physmem_zero(handle_t handle, uint32_t first, uint32_t count);
enum error physmem_punch(handle_t handle, uint32_t first, uint32_t count);
enum error physmem_stat(handle_t handle, struct container_stat *stat);
/* Opens the thread's receive window for the range, and sets it back afterwards. */
enum error physmem_map(handle_t handle, uint32_t first, uint32_t count, uint32_t rights, L4_Word_t address,
                       uint32_t *mapped);

enum error physmem_memory_info(struct memory_info *info);
enum error physmem_task_info(L4_Word_t task, struct task_memory *info);

/* For the task server alone; physmem answers ERR_PERMISSION to others. */
enum error physmem_task_new(L4_Word_t task, L4_Word_t holder, handle_t handle, uint32_t quota);
enum error physmem_task_delete(L4_Word_t task, struct task_memory_freed *freed);
enum error physmem_wire(L4_Word_t task);
enum error physmem_keep(handle_t handle, uint32_t first, uint32_t count);
enum error physmem_set_driver(L4_Word_t task);
enum error physmem_set_segmap(L4_Word_t task, handle_t map);
enum error physmem_module(uint32_t index, struct module_info *info);
/* ERR_IPC: there was none for PHYSMEM_NOTICE_PULL_US, and the caller pulls again: physmem looks at
 * the clock then. */
enum error physmem_notice_pull(struct physmem_notice_info *notice);
enum error physmem_outswap(L4_Word_t task, uint32_t flags);
enum error physmem_inswap(L4_Word_t task);
/* Maps all I/O ports to the sender. */
enum error physmem_ports(void);
enum error physmem_phys_addr(L4_Word_t task, uint32_t page, L4_Word_t *physical);
enum error physmem_check(uint32_t *violations, uint32_t *line);
enum error physmem_kernel_memory(L4_Word_t task);
enum error physmem_debug_damage(L4_Word_t task, uint32_t page);
