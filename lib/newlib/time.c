/* SPDX-License-Identifier: BSD-2-Clause */
/* Time is the kernel's clock, in microseconds since the machine was started.  There is no calendar:
 * the epoch is the boot.  A thread's own processor time is not known, so clock() counts all
 * time. */
#include <errno.h>
#include <sys/time.h>
#include <sys/times.h>
#include <time.h>

#include "port.h"

enum { US_PER_SECOND = 1000000, NS_PER_US = 1000 };

int _gettimeofday_r(struct _reent *r, struct timeval *tv, void *zone)
{
    (void)r;
    (void)zone;
    L4_Word64_t us = L4_SystemClock();
    if (tv) {
        tv->tv_sec = (time_t)(us / US_PER_SECOND);
        tv->tv_usec = (suseconds_t)(us % US_PER_SECOND);
    }
    return 0;
}

clock_t _times_r(struct _reent *r, struct tms *t)
{
    (void)r;
    clock_t now = (clock_t)(L4_SystemClock() / (US_PER_SECOND / CLOCKS_PER_SEC));
    if (t) {
        *t = (struct tms){.tms_utime = now};
    }
    return now;
}

/* Both clocks count from the boot, in microseconds. */
int clock_gettime(clockid_t clock, struct timespec *now)
{
    L4_Word64_t us = L4_SystemClock();
    if (clock != CLOCK_REALTIME && clock != CLOCK_MONOTONIC) {
        errno = EINVAL;
        return -1;
    }
    now->tv_sec = (time_t)(us / US_PER_SECOND);
    now->tv_nsec = (long)(us % US_PER_SECOND) * NS_PER_US;
    return 0;
}

int clock_getres(clockid_t clock, struct timespec *resolution)
{
    if (clock != CLOCK_REALTIME && clock != CLOCK_MONOTONIC) {
        errno = EINVAL;
        return -1;
    }
    if (resolution) {
        *resolution = (struct timespec){.tv_nsec = NS_PER_US};
    }
    return 0;
}

int timespec_get(struct timespec *now, int base)
{
    return base == TIME_UTC && clock_gettime(CLOCK_REALTIME, now) == 0 ? base : 0;
}

int nanosleep(const struct timespec *wanted, struct timespec *left)
{
    if (wanted->tv_sec < 0 || wanted->tv_nsec < 0 || wanted->tv_nsec >= 1000000000) {
        errno = EINVAL;
        return -1;
    }
    L4_Word64_t until = L4_SystemClock() + (L4_Word64_t)wanted->tv_sec * US_PER_SECOND +
                        (L4_Word64_t)(wanted->tv_nsec + 999) / 1000;
    /* A time-out has a mantissa of ten bits: long ones are coarse, and the longest are cut in
     * pieces. */
    for (L4_Word64_t now = L4_SystemClock(); now < until; now = L4_SystemClock()) {
        L4_Word64_t rest = until - now;
        L4_Sleep(L4_TimePeriod(rest < 1000000000 ? rest : 1000000000));
    }
    if (left) {
        *left = (struct timespec){0};
    }
    return 0;
}
