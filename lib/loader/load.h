/* SPDX-License-Identifier: BSD-2-Clause */
/* Makes the designated container of a new task out of a program file, by logical copies: no byte of
 * text or data is moved, and the new task's memory is never mapped here.  What must be changed (the
 * last page of data, the start-up record) is changed in the window, four pages of the caller's own
 * designated container, and copied from there.  Any task may call this, the task server like any
 * other parent; two threads of a task need a window each. */
#pragma once

#include "loader/elf_image.h"
#include "protocol/error.h"
#include "protocol/ids.h"

enum { LOAD_WINDOW_PAGES = 4, LOAD_STACK_PAGES_LEAST = 4 };

struct load_request {
    handle_t program; /* container of the file (READ) */
    uint32_t program_bytes;
    unsigned argc;
    const char *const *argv; /* argv[0] = the program's name */
    uint32_t startup_flags;
    L4_ThreadId_t console;
    uint32_t stack_pages; /* for a program that asks for no size; 0 = TASK_STACK_PAGES */
    uint32_t free_pages;  /* behind the start-up record; 0 = TASK_DC_FREE_PAGES */
    /* Address of the window, page aligned; an array in bss will do.  It is all zero afterwards. */
    L4_Word_t window;
};

struct load_result {
    handle_t container; /* the caller's; for TASK_CREATE */
    L4_Word_t ip, sp;
    uint32_t stack_pages;     /* of the first thread, below sp; for TASK_CREATE */
    uint32_t pages;           /* of the container */
    uint32_t file_pages;      /* of the file, from the first on, that were read */
    enum elf_problem problem; /* the reason of ERR_FORMAT */
};

/* After an error nothing is left behind. */
enum error load_program(const struct load_request *request, struct load_result *result);
