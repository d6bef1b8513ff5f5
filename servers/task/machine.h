/* SPDX-License-Identifier: BSD-2-Clause */
/* The end of the machine (docs/conventions.md).  Any thread of the task server may call it. */
#pragma once

#include "l4/types.h"

__attribute__((noreturn)) void machine_end(L4_Word_t status);
