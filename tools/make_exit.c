// SPDX-License-Identifier: BSD-2-Clause
// An extension of GNU make: $(exit-as FILE) removes FILE and ends make with the decimal status that
// it held, unless that is 0.
#include <gnumake.h>
#include <stdio.h>
#include <stdlib.h>

int plugin_is_GPL_compatible;

int make_exit_gmk_setup(const gmk_floc *where);

static char *exit_as(const char *name, unsigned int argc, char **argv)
{
    (void)name;
    (void)argc;
    int status = 0; // where there is no FILE, the run was interrupted
    FILE *file = fopen(argv[0], "r");
    if (file != NULL) {
        if (fscanf(file, "%d", &status) != 1) {
            status = 2;
        }
        fclose(file);
        remove(argv[0]);
    }
    if (status != 0) {
        exit(status);
    }
    return NULL;
}

int make_exit_gmk_setup(const gmk_floc *where)
{
    (void)where;
    gmk_add_function("exit-as", exit_as, 1, 1, GMK_FUNC_DEFAULT);
    return 1;
}
