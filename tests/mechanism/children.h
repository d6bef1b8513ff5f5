/* SPDX-License-Identifier: BSD-2-Clause */
/* What children.c has for the rest of the fixture, and for rows about starting itself. */
#pragma once

#include "fixture.h"
#include "loader/load.h"

/* The designated container of a child that is not started; the runner's. */
enum error child_load(const char *program, const struct child_options *options, struct load_result *result);

void children_kill_all(void);
/* The child is not one of the case's any more: it lives on. */
void children_forget(const struct child *child);
