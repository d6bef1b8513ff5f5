/* SPDX-License-Identifier: BSD-2-Clause */
/* SwapFinish: what the end of a request means for its pages.  Ends come in any order; the driver's
 * words about them are checked, not believed.  Called by driver.c alone, after the request has been
 * freed. */
#pragma once

#include "ground/types.h"
#include "protocol/error.h"

struct request;

/* `done` slots, from the first on, were read or written well. */
void swap_finish(const struct request *r, enum error e, uint32_t done);
/* The driver is gone.  `sent`: its device may still be at work on the request. */
void swap_abandon(const struct request *r, bool sent);
