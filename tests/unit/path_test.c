// sources: lib/newlib/path.c
/* SPDX-License-Identifier: BSD-2-Clause */
/* Paths of files: every way to say the same name is the same name. */
#include "path.h"

#include <stdio.h>
#include <string.h>

#include "result.h"

static char name[PATH_NAME_MAX + 1];

static void is(const char *path, const char *wanted)
{
    check(path_file_name(path, name) && strcmp(name, wanted) == 0, path);
}

static void is_none(const char *path)
{
    check(!path_file_name(path, name), *path ? path : "the empty path");
}

int main(void)
{
    printf("KTAP version 1\n");
    is("a", "a");
    is("./a", "a");
    is(".//a", "a");
    is("././/./a.lua", "a.lua");
    is("/boot/a", "a");
    is("//boot/./a", "a");
    is("../boot/a", "a");
    is("/../boot/a b", "a b");
    is("boot", "boot");
    is("...", "...");
    is(".a", ".a");
    is("..a", "..a");
    is("\xff\t\"'#", "\xff\t\"'#");
    is_none("");
    is_none(".");
    is_none("./");
    is_none("..");
    is_none("/");
    is_none("/boot");
    is_none("/boot/");
    is_none("/a");
    is_none("../a");
    is_none("/tmp/a");
    is_none("a/");
    is_none("a/.");
    is_none("a/b");
    is_none("a/../a");
    is_none("boot/a");
    char longest[PATH_NAME_MAX + 10] = "./";
    memset(longest + 2, 'x', PATH_NAME_MAX);
    check(path_file_name(longest, name) && strlen(name) == PATH_NAME_MAX, "the longest name");
    longest[PATH_NAME_MAX + 2] = 'x';
    check(!path_file_name(longest, name), "a longer one");
    printf("1..%d\n", count);
    return failures != 0;
}
