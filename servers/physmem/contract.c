/* SPDX-License-Identifier: BSD-2-Clause */
#include "contract.h"

#include "frame.h"
#include "page.h"
#include "slot.h"
#include "task.h"

uint32_t contract_limit(void)
{
    uint32_t fixed =
        frame_counts.image + frame_counts.tables + frame_counts.quarantined + CONTRACT_RESERVE_FRAMES;
    uint32_t most = frame_counts.total + slot_usable();
    return most > fixed ? most - fixed : 0;
}

uint32_t contract_promised(void)
{
    return page_count();
}

bool contract_table_allowed(void)
{
    return contract_promised() < contract_limit();
}

enum error contract_page(void)
{
    return contract_promised() < contract_limit() ? OK : ERR_NO_ROOM;
}

enum error contract_quota(const struct task *t, uint32_t extra)
{
    return t->quota != 0 && t->promised + extra > t->quota ? ERR_QUOTA : OK;
}
