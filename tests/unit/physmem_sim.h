/* SPDX-License-Identifier: BSD-2-Clause */
/* A machine for physmem on the host: memory, address spaces that show who can reach which frame,
 * threads that wait for replies, and a swap driver with a disk. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "ground/platform.h"

enum {
    SIM_FRAMES = 1024, /* of 4 KiB, from physical address 0 */
    SIM_TASKS = 128,   /* task ids below this */
    SIM_THREADS = 2048,
    SIM_ROOT_START = 0x200000,
    SIM_ROOT_PAGES = 4,
    SIM_MODULE_START = 0x210000,
    SIM_MODULE_BYTES = 3 * 4096 + 100,
};

/* ---- threads ---- */

struct sim_thread {
    L4_ThreadId_t id;
    bool waits;    /* for a message from physmem */
    bool closed;   /* accepts no map item: its faults are messages of its own */
    bool faulted;  /* its last message was a fault, and is not answered */
    bool answered; /* a PHYSMEM_ANSWER arrived */
    bool mapped;   /* with a map item */
    L4_Word_t map_address, map_frame, map_rights;
    bool pulled; /* another reply to a parked call arrived */
    struct message message;
};

struct sim_thread *sim_thread(L4_ThreadId_t id); /* made if it is new */
static inline L4_ThreadId_t sim_id(L4_Word_t task, L4_Word_t number)
{
    return L4_GlobalId(64 + number, task);
}

/* ---- mappings: what each task's space has at an address ---- */

/* Rights there, 0 = not mapped; *frame is set. */
L4_Word_t sim_mapping(L4_Word_t task, L4_Word_t address, frame_t *frame);
void sim_space_clear(L4_Word_t task);
uint32_t sim_space_count(L4_Word_t task);
/* The processor's access bits. */
void sim_touch(frame_t frame, bool write);
bool sim_frame_is_mapped(frame_t frame);
/* Whoever has the frame mapped maps it to so many addresses more; how many of these are left.  An
 * Unmap does SIM_STEP of them in a step. */
enum { SIM_STEP = 50 };
void sim_spread(frame_t frame, uint32_t addresses);
uint32_t sim_spread_left(frame_t frame);
/* For each mapping of the task. */
void sim_space_each(L4_Word_t task, void (*visit)(L4_Word_t address, frame_t frame, L4_Word_t rights));

/* ---- messages ---- */

/* A call that is answered in its event, or for which the disk brings a frame: returns the reply's
 * error; results in sim_reply.mr[2] .. */
enum error sim_call(L4_ThreadId_t from, L4_Word_t label, L4_Word_t words, ...);
extern struct message sim_reply;
/* Sends without expecting a reply now: faults, pulls.  The thread waits afterwards. */
void sim_send(L4_ThreadId_t from, L4_Word_t label, L4_Word_t words, ...);
void sim_fault(L4_ThreadId_t from, L4_Word_t address, bool write);
void sim_forward(L4_ThreadId_t pager, L4_ThreadId_t thread, L4_Word_t address, L4_Word_t handle,
                 L4_Word_t page, bool write, L4_Word_t rights);
void sim_message(const struct message *m);

/* ---- time ---- */

void sim_advance(uint32_t ticks); /* and wakes physmem, if it wants to be woken */

/* ---- machine ---- */

struct sim_faults { /* once in so many times; 0 = never */
    uint32_t read_error, write_error, damage, map_memory;
};
extern struct sim_faults sim_faults;
uint32_t sim_random(uint32_t bound);
bool sim_happens(uint32_t once_in);
void sim_seed(uint32_t seed);

/* Boots physmem, with about so many frames free. */
void sim_boot(uint32_t frames);

/* ---- the swap disk and its driver, task 2 ---- */

enum { SIM_DRIVER_TASK = 2, SIM_DRIVER_FIRST = 32, SIM_DRIVER_PAGES = 16 };
/* Makes the driver task and attaches a disk of so many pages; 0 = no disk.  sign: with a good
 * header. */
void sim_disk_attach(uint32_t pages, bool sign);
/* The same in steps: a disk that nobody knows yet, with another identity if `strange`; its driver,
 * which resets it and attaches it. */
void sim_disk_insert(uint32_t pages, bool sign, bool strange);
void sim_driver_start(void);
/* The driver's task ends.  The disk goes on with what it was told, and writes to memory, until a
 * driver starts again. */
void sim_driver_end(void);
bool sim_driver_is_alive(void);
uint32_t sim_requests(void); /* under way */
/* Completes one request, any one; pulls if the driver does not wait. */
void sim_disk_step(void);
/* Until nothing is under way. */
void sim_disk_drain(void);
extern uint32_t sim_disk_writes;
/* Damages the first `most` pages of the disk that begin with the word; returns how many do. */
uint32_t sim_disk_damage(uint32_t word, uint32_t most);
/* The driver reports by SWAP_NEXT instead of SWAP_DONE. */
extern bool sim_reports_next;
/* The most frames that were unmapped, or asked for their bits, in one event. */
extern uint32_t sim_unmaps_max;
extern uint32_t sim_unmaps; /* in all events */
/* For the machine: physmem answers the driver's pull; a new machine. */
void sim_disk_request(const struct message *m);
void sim_disk_forget(void);
/* Pages of kernel memory that are free.  But if sim_kernel_pages is not 0: so many are free or have
 * page tables and mapping nodes, and the kernel is lent nothing. */
extern uint32_t sim_kernel_free, sim_kernel_pages;
/* For the machine: a mapping comes or goes; whether there is memory for one. */
void sim_kernel_count(L4_Word_t task, L4_Word_t address, bool added);
bool sim_kernel_can_map(L4_Word_t task, L4_Word_t address);
extern L4_ThreadId_t sim_stripped; /* of the space that was stripped last */
/* If set, it says whether the kernel has memory for a mapping there. */
extern bool (*sim_may_map)(L4_Word_t task, L4_Word_t address);

void sim_fail(const char *file, int line, const char *what);
#define SIM_CHECK(x) ((x) ? (void)0 : sim_fail(__FILE__, __LINE__, #x))
/* The whole-state checker finds nothing. */
void sim_check(void);
