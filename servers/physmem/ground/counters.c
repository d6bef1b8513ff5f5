/* SPDX-License-Identifier: BSD-2-Clause */
#include "ground/counters.h"

struct counters counters;
