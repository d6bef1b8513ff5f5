/* SPDX-License-Identifier: BSD-2-Clause */
/* What the system's errors are called in C. */
#include <errno.h>

#include "port.h"

int port_errno(enum error e)
{
    switch (e) {
    case OK:
        return 0;
    case ERR_PERMISSION:
    case ERR_RIGHTS:
        return EACCES;
    case ERR_NO_HANDLE:
    case ERR_DEAD:
        return EBADF;
    case ERR_RANGE:
    case ERR_HOLE:
        return EFAULT;
    case ERR_NO_ROOM:
    case ERR_QUOTA:
    case ERR_NO_MEMORY:
    case ERR_KERNEL_MEMORY:
        return ENOMEM;
    case ERR_IO:
    case ERR_CHECKSUM:
    case ERR_NOT_ACCEPTED:
    case ERR_IPC:
        return EIO;
    case ERR_NO_TASK:
    case ERR_NO_THREAD:
        return ESRCH;
    case ERR_NOT_FOUND:
        return ENOENT;
    case ERR_ALREADY:
        return EEXIST;
    case ERR_BUSY:
        return EAGAIN;
    case ERR_FORMAT:
        return ENOEXEC;
    case ERR_TOO_LARGE:
        return EFBIG;
    case ERR_UNKNOWN:
        return ENOSYS;
    case ERR_ARGUMENT:
    case ERR_NO_SWAP:
    case ERR_WIRED:
    case ERR_SELF:
    case ERROR_COUNT:
        break;
    }
    return EINVAL;
}

int port_result(struct _reent *r, enum error e)
{
    if (e == OK) {
        return 0;
    }
    r->_errno = port_errno(e);
    return -1;
}
