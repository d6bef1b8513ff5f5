/* SPDX-License-Identifier: BSD-2-Clause */
/* There are no directories to read: the boot modules can be opened, not listed. */
#include <errno.h>
#include <sys/dirent.h>

DIR *opendir(const char *path);
struct dirent *readdir(DIR *dir);
int closedir(DIR *dir);

DIR *opendir(const char *path)
{
    (void)path;
    errno = ENOSYS;
    return 0;
}

struct dirent *readdir(DIR *dir)
{
    (void)dir;
    errno = EBADF;
    return 0;
}

int closedir(DIR *dir)
{
    (void)dir;
    errno = EBADF;
    return -1;
}
