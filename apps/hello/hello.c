/* SPDX-License-Identifier: BSD-2-Clause */
/* The smallest kind of task: no pager thread, physmem alone pages it. */
#include <stdio.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    printf("Hello from task %d.\n", (int)getpid());
    for (int i = 1; i < argc; i++) {
        printf("  argument %d: %s\n", i, argv[i]);
    }
    return 0;
}
