/* SPDX-License-Identifier: BSD-2-Clause */
/* Assertions about physmem's own invariants.  Never about what others send: that is checked and answered. */
#pragma once

#include "ground/platform.h"

#define INVARIANT(x) ((x) ? (void)0 : platform_broken(__FILE__, __LINE__, #x))
