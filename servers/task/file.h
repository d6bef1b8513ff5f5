/* SPDX-License-Identifier: BSD-2-Clause */
/* Files by name: those of the bundle (bundle.h), if the manifest names one, and the boot modules.
 * A file of the bundle is part of a container; who wants it as a container of its own gets one that
 * is made of logical copies when it is first asked for, and kept.  Called by boot.c and for
 * requests. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "module.h"
#include "protocol/error.h"

struct file {
    handle_t handle; /* the task server's */
    uint32_t first_page, bytes;
};

/* Takes that module's files in; from then on they are found.  To be called at most once.  After an
 * error none of them is found. */
enum error file_open_bundle(const struct module *m);
/* "x" also finds "x.elf".  False: neither the bundle nor a boot module has that name. */
bool file_find(const char *name, struct file *f);
/* The same for programs, which begin at the first page of their container.  With modules_first a
 * boot module goes before a file of the bundle, to which its user gives any name.  ERR_NOT_FOUND if
 * neither has the name. */
enum error file_find_program(const char *name, bool modules_first, struct file *f);
