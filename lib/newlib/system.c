/* SPDX-License-Identifier: BSD-2-Clause */
/* Small functions of POSIX that newlib declares and leaves to the system. */
#include <errno.h>
#include <stdio.h>
#include <sys/lock.h>
#include <sys/stat.h>
#include <unistd.h>

#include "port.h"

int getpagesize(void)
{
    return 4096;
}

long sysconf(int name)
{
    switch (name) {
    case _SC_PAGESIZE:
        return getpagesize();
    case _SC_NPROCESSORS_CONF:
    case _SC_NPROCESSORS_ONLN:
        return 1;
    default:
        errno = EINVAL;
        return -1;
    }
}

/* Files can be read, not written; none can be executed by this task. */
int access(const char *path, int mode)
{
    struct stat st;
    if (stat(path, &st) != 0) {
        return -1;
    }
    if (mode & W_OK) {
        errno = EROFS;
        return -1;
    }
    if (mode & X_OK) {
        errno = EACCES;
        return -1;
    }
    return 0;
}

/* The lock that every call on the stream takes for itself. */
void flockfile(FILE *file)
{
    __lock_acquire_recursive(file->_lock);
}

int ftrylockfile(FILE *file)
{
    return __lock_try_acquire_recursive(file->_lock);
}

void funlockfile(FILE *file)
{
    __lock_release_recursive(file->_lock);
}
