/* SPDX-License-Identifier: BSD-2-Clause */
/* From a path to the name of a file.  There is one folder, /boot, and it is the current one:
 * "name", "./name", ".//name" and "/boot/name" are the same file, in whatever program says so.
 * Pure; file.c alone calls it. */
#pragma once

#include <stdbool.h>

enum { PATH_NAME_MAX = 252 }; /* bytes of a file's name */

/* False: the path is not that of a file in the folder. */
bool path_file_name(const char *path, char name[PATH_NAME_MAX + 1]);
