/* SPDX-License-Identifier: BSD-2-Clause */
/* newlib's locks.  Taking a free lock is one compare-and-exchange and no system call.  A thread
 * that finds a lock taken gives the processor away and tries again: first to threads of its own
 * priority, then by sleeping for 1 to 8 ms, for the owner may have a lower one or be waiting for a
 * page from the disk.  There is one processor, so spinning without that would be pointless.  Locks
 * are not fair, and priority is not inherited; a thread that ends the task need not release any. */
#include <stdlib.h>
#include <sys/lock.h>

#include "port.h"

enum { YIELDS = 8, SLEEP_MIN_US = 1000, SLEEP_MAX_US = 8000 };

struct __lock __lock___sinit_recursive_mutex;
struct __lock __lock___sfp_recursive_mutex;
struct __lock __lock___atexit_recursive_mutex;
struct __lock __lock___malloc_recursive_mutex;
struct __lock __lock___env_recursive_mutex;
struct __lock __lock___at_quick_exit_mutex;
struct __lock __lock___tz_mutex;
struct __lock __lock___dd_hash_mutex;
struct __lock __lock___arc4random_mutex;

static bool try_take(struct __lock *lock, L4_Word_t me)
{
    L4_Word_t free = 0;
    return __atomic_compare_exchange_n(&lock->owner, &free, me, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED);
}

void port_lock(struct __lock *lock)
{
    L4_Word_t me = L4_MyLocalId().raw, sleep_us = SLEEP_MIN_US;
    for (unsigned tries = 0; !try_take(lock, me); tries++) {
        if (tries < YIELDS) {
            L4_Yield();
        } else {
            L4_Sleep(L4_TimePeriod(sleep_us));
            sleep_us = sleep_us * 2 < SLEEP_MAX_US ? sleep_us * 2 : SLEEP_MAX_US;
        }
    }
}

void port_unlock(struct __lock *lock)
{
    __atomic_store_n(&lock->owner, 0, __ATOMIC_RELEASE);
}

/* newlib makes some locks at run time.  It has no way to hear that there is no memory for one, and
 * without the lock the file that it belongs to would be in danger, so the program ends then. */
void __retarget_lock_init(_LOCK_T *lock)
{
    *lock = calloc(1, sizeof(struct __lock));
    if (!*lock) {
        abort();
    }
}

void __retarget_lock_init_recursive(_LOCK_T *lock)
{
    __retarget_lock_init(lock);
}

void __retarget_lock_close(_LOCK_T lock)
{
    free(lock);
}

void __retarget_lock_close_recursive(_LOCK_T lock)
{
    free(lock);
}

void __retarget_lock_acquire(_LOCK_T lock)
{
    port_lock(lock);
}

int __retarget_lock_try_acquire(_LOCK_T lock)
{
    return try_take(lock, L4_MyLocalId().raw) ? 0 : -1;
}

void __retarget_lock_release(_LOCK_T lock)
{
    port_unlock(lock);
}

/* Only the owner finds its own id there, so looking needs no lock. */
void __retarget_lock_acquire_recursive(_LOCK_T lock)
{
    if (lock->owner != L4_MyLocalId().raw) {
        port_lock(lock);
    }
    lock->depth++;
}

int __retarget_lock_try_acquire_recursive(_LOCK_T lock)
{
    L4_Word_t me = L4_MyLocalId().raw;
    if (lock->owner != me && !try_take(lock, me)) {
        return -1;
    }
    lock->depth++;
    return 0;
}

void __retarget_lock_release_recursive(_LOCK_T lock)
{
    if (--lock->depth == 0) {
        port_unlock(lock);
    }
}
