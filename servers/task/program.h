/* SPDX-License-Identifier: BSD-2-Clause */
/* Starts a program file as a task of the manifest: at the boot, and a driver or segmap whenever it
 * has ended.
 * The main loop's thread alone calls it. */
#pragma once

#include "file.h"
#include "loader/load.h"
#include "task_table.h"

struct program_start {
    enum task_kind kind; /* not KIND_CHILD */
    const struct file *program;
    unsigned argc;
    const char *const *argv; /* argv[0] names the task */
    handle_t map;            /* KIND_SEGMAP: the container of the Segment Map */
};

struct program_started {
    L4_Word_t task;           /* its id */
    uint32_t file_pages;      /* of the file, from the first on, that loading it has read */
    enum elf_problem problem; /* of the file, if it is no program */
};

/* Pages of our own for the loader.  Between two calls anybody may use them who zeroes them. */
extern char program_window[LOAD_WINDOW_PAGES * PAGE_SIZE];

/* After an error nothing is left behind. */
enum error program_start(const struct program_start *start, struct program_started *started);
