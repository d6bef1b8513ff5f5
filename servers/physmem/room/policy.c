/* SPDX-License-Identifier: BSD-2-Clause */
#include "room/policy.h"

const struct policy *policy;

void policy_use(const struct policy *p)
{
    policy = p;
    policy->init();
}
