/* SPDX-License-Identifier: BSD-2-Clause */
/* A path is walked part by part between three places: the root, the folder, a file in it. */
#include "path.h"

#include <string.h>

static const char folder[] = "boot";

/* Where a walk along the path stands. */
enum place { AT_ROOT, IN_FOLDER, AT_FILE };

static bool is(const char *part, size_t length, const char *text)
{
    return length == strlen(text) && memcmp(part, text, length) == 0;
}

/* One step, by a part that is neither empty nor ".".  False: there is no such place. */
static bool step(enum place *place, const char *part, size_t length, char *name)
{
    if (is(part, length, "..") && *place != AT_FILE) {
        *place = AT_ROOT; /* the root is its own parent */
        return true;
    }
    if (*place == AT_ROOT) {
        *place = IN_FOLDER;
        return is(part, length, folder);
    }
    if (*place == AT_FILE || length > PATH_NAME_MAX) {
        return false;
    }
    memcpy(name, part, length);
    name[length] = '\0';
    *place = AT_FILE;
    return true;
}

bool path_file_name(const char *path, char name[PATH_NAME_MAX + 1])
{
    enum place place = *path == '/' ? AT_ROOT : IN_FOLDER;
    while (*path != '\0') {
        size_t length = strcspn(path, "/");
        bool stays = length == 0 || is(path, length, ".");
        if (stays && place == AT_FILE) {
            return false; /* "name/": a file is no folder */
        }
        if (!stays && !step(&place, path, length, name)) {
            return false;
        }
        path += length;
        if (*path == '/') {
            path++;
            if (*path == '\0' && place == AT_FILE) {
                return false;
            }
        }
    }
    return place == AT_FILE;
}
