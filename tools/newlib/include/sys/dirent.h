/* SPDX-License-Identifier: BSD-2-Clause */
/* Directory entries and open directories, as newlib's directory functions expect them. */
#pragma once

#include <sys/types.h>

#define MAXNAMLEN 255

struct dirent {
    ino_t d_ino;
    off_t d_off;
    unsigned short d_reclen;
    unsigned char d_type;
    char d_name[MAXNAMLEN + 1];
};

typedef struct {
    int dd_fd;
    int dd_loc;
    int dd_seek;
    char *dd_buf;
    int dd_len;
    int dd_size;
} DIR;

#define __dirfd(dir) ((dir)->dd_fd)
