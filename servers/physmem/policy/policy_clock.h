/* SPDX-License-Identifier: BSD-2-Clause */
/* The clock: a hand goes round over all frames.  A frame's age falls by one at each sample that
 * finds it unused; at 0 it is a victim.  Use makes it young again. */
#pragma once

#include "room/policy.h"

extern const struct policy policy_clock;
