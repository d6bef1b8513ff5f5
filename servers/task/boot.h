/* SPDX-License-Identifier: BSD-2-Clause */
/* Starts what the manifest says.  Called by main.c, once, before the first request is served. */
#pragma once

#include <stdbool.h>

extern bool boot_debug; /* `debug on` in the manifest */

/* Ends the machine if its main program cannot be started. */
void boot(void);
bool boot_has_main(void);
