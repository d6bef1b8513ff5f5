/* SPDX-License-Identifier: BSD-2-Clause */
/* Puts a start-up record (protocol/startup.h) and its arguments together.  Pure; load_program calls
 * it. */
#pragma once

#include "protocol/error.h"
#include "protocol/startup.h"

enum { STARTUP_PAGES_MAX = 2, STARTUP_ARGC_MAX = 1500 };

/* Returns the bytes that the record with these arguments takes; 0 if a record cannot hold them. */
uint32_t startup_record_bytes(unsigned argc, const char *const *argv);

/* Writes *head, then the argument pointers and strings, to buf as they are to be seen at address.
 * buf has startup_record_bytes() bytes, which is not 0; argc and argv of the head are filled in. */
void startup_record_write(void *buf, L4_Word_t address, const struct startup *head, unsigned argc,
                          const char *const *argv);
