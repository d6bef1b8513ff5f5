/* SPDX-License-Identifier: BSD-2-Clause */
#include "room/policy.h"

#include "base/assertion.h"

const struct policy *policy;

void policy_use(const struct policy *p)
{
    ASSERT(p && p->candidates && p->is_victim && p->is_old);
    policy = p;
    policy->init();
}
