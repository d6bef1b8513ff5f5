/* SPDX-License-Identifier: BSD-2-Clause */
/* Making workers and witnesses, and making them anew. */
#include "fuzz.h"

extern char worker_entry[], servant_entry[], lender_entry[], client_entry[], server_entry[];

enum { PRIO_WORKER = 100, PRIO_WITNESS = 180, SLICE_US = 1000 };

L4_ThreadId_t worker_ids[WORKERS];
unsigned restarts, recreations, failures;
L4_Word_t supervisor_seed;
bool ports_open;

L4_Word_t supervisor_random(void)
{
    L4_Word_t s = supervisor_seed;
    s ^= s << 13;
    s ^= s >> 17;
    s ^= s << 5;
    return supervisor_seed = s ? s : 1;
}

static void delete (L4_ThreadId_t t)
{
    (void)L4_ThreadControl(t, L4_nilthread, L4_nilthread, L4_nilthread, ~0u);
}

/* Active, waiting to be started by the supervisor. */
static bool make(L4_ThreadId_t t, L4_ThreadId_t space, unsigned slot, unsigned prio)
{
    L4_Word_t utcb = UTCB_AREA + slot * UTCB_SIZE;
    bool own = L4_IsThreadEqual(t, space);
    if (!L4_ThreadControl(t, space, root_id, own ? L4_nilthread : root_id, utcb)) {
        return false;
    }
    if (own && (!L4_SpaceControl(t, 0, L4_FpageLog2(KIP_AREA, PAGE_BITS), L4_FpageLog2(UTCB_AREA, UTCB_LOG2),
                                 L4_anythread) ||
                !L4_ThreadControl(t, t, L4_nilthread, root_id, ~0u))) {
        return false;
    }
    L4_Word_t time = L4_Timeouts(L4_TimePeriod(SLICE_US), L4_Never);
    return L4_Schedule(t, time, ~0u, prio, 0) != 0;
}

static bool start(L4_ThreadId_t t, char *entry, L4_Word_t argument, L4_Word_t sp)
{
    struct l4_registers r = {
        .control = L4_EXREGS_START | L4_EXREGS_PAGER, .sp = sp, .ip = (L4_Word_t)entry, .pager = root_id};
    *(volatile L4_Word_t *)sp = argument;
    return !L4_IsNilThread(L4_ExchangeRegisters(t, &r));
}

static bool start_worker(unsigned i)
{
    struct worker *w = worker_of(i);
    w->seed = supervisor_random();
    w->index = i;
    w->privileged = i < PRIVILEGED;
    w->ports_open = ports_open;
    return start(worker_ids[i], i < FIRST_SERVANT ? worker_entry : servant_entry, (L4_Word_t)w,
                 REGION(i) + STACK_TOP - 64);
}

/* The first ones run in the root task's own space. */
static bool is_privileged(unsigned i)
{
    return i < PRIVILEGED;
}

/* The last two workers and a servant share one space. */
static L4_ThreadId_t space_of(unsigned i)
{
    enum { LAST = FIRST_SERVANT - 1 };
    if (is_privileged(i)) {
        return root_id;
    }
    return worker_ids[i == LAST || i == FIRST_SERVANT ? LAST - 1 : i];
}

static bool remake(unsigned i)
{
    L4_Word_t version = L4_Version(worker_ids[i]) % 63 + 1;
    delete (worker_ids[i]);
    worker_ids[i] = relative_id(NO_WORKER + i, version);
    if (!make(worker_ids[i], space_of(i), FIRST_SLOT + i, PRIO_WORKER)) {
        delete (worker_ids[i]); /* the neighbour's space may be no more, or the place be taken */
        if (is_privileged(i) || !make(worker_ids[i], worker_ids[i], FIRST_SLOT + i, PRIO_WORKER)) {
            return false;
        }
    }
    return start_worker(i);
}

void worker_make(unsigned i)
{
    recreations++;
    if (!remake(i)) {
        junk_delete();
        if (!remake(i)) {
            failures++;
        }
    }
}

void worker_restart(unsigned i)
{
    if (supervisor_random() % 32 == 0 || !start_worker(i)) {
        worker_make(i);
    } else {
        restarts++;
    }
}

void junk_delete(void)
{
    for (unsigned i = 0; i < JUNK + ROOT_JUNK; i++) {
        delete (relative_id(NO_JUNK + i, 1));
    }
}

void witness_make(void)
{
    witness_fill(WITNESS_REGION);
    witness_fill(WITNESS_REGION + REGION_BYTES);
    if (!make(server_id, server_id, 1, PRIO_WITNESS) || !make(client_id, client_id, 1, PRIO_WITNESS) ||
        !start(server_id, server_entry, WITNESS_REGION + REGION_BYTES,
               WITNESS_REGION + REGION_BYTES + 2 * PAGE_BYTES - 64) ||
        !start(client_id, client_entry, WITNESS_REGION, WITNESS_REGION + 2 * PAGE_BYTES - 64)) {
        failures++;
    }
}

/* sigma0's memory is one-to-one, as the image is with us. */
void lender_make(void)
{
    L4_ThreadId_t lender = relative_id(NO_LENDER, 1);
    struct worker *w = (struct worker *)LENDER_REGION;
    w->seed = supervisor_random();
    if (!make(lender, sigma0_id, FIRST_SLOT, PRIO_WORKER) ||
        !start(lender, lender_entry, LENDER_REGION, LENDER_REGION + STACK_TOP - 64)) {
        failures++;
    }
}
