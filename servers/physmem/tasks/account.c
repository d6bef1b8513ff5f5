/* SPDX-License-Identifier: BSD-2-Clause */
#include "tasks/account.h"

#include "base/assertion.h"
#include "room/frame.h"
#include "room/slab.h"

static uint32_t pages_of(uint32_t bytes)
{
    return (bytes + PAGE_SIZE - 1) >> PAGE_SHIFT;
}

uint32_t account_used(const struct account *a)
{
    return a->pages + pages_of(a->bytes);
}

enum error account_quota_allows(const struct account *a, uint32_t pages, uint32_t bytes)
{
    uint32_t used = a->pages + pages_of(a->bytes + bytes);
    return used <= a->quota && pages <= a->quota - used ? OK : ERR_QUOTA;
}

void account_charge(struct account *a, uint32_t pages, uint32_t bytes)
{
    a->pages += pages;
    a->bytes += bytes;
}

void account_refund(struct account *a, uint32_t pages, uint32_t bytes)
{
    ASSERT(a->pages >= pages && a->bytes >= bytes);
    a->pages -= pages;
    a->bytes -= bytes;
}

enum error account_allows_table(const struct account *a)
{
    enum error e = account_allows(a, 1, 0);
    for (; a && e == OK; a = a->above) {
        e = a->tables < a->tables_max ? OK : ERR_QUOTA;
    }
    return e;
}

void account_count_tables(struct account *a, uint32_t change)
{
    for (; a; a = a->above) {
        ASSERT(a->tables + change <= INT32_MAX);
        a->tables += change;
    }
}

static uint32_t tables_max(const struct account *above)
{
    if (!above) {
        return UINT32_MAX;
    }
    return (above->above ? above->tables_max : frame_counts.total) / 2;
}

/* Only task 1 has nobody above. */
static enum error make(struct account *above, uint32_t quota, struct account **result)
{
    void *object;
    enum error e = slab_alloc_small(sizeof(struct account), &object);
    if (e == OK) {
        *result = object;
        **result =
            (struct account){.above = above, .quota = quota, .users = 1, .tables_max = tables_max(above)};
    }
    return e;
}

enum error account_open(struct account *above, uint32_t quota, uint32_t brought, struct account **result)
{
    if (!above) {
        return make(NULL, 0, result);
    }
    if (quota != 0) {
        uint32_t more = quota > brought ? quota - brought : 0;
        enum error e = brought > quota ? ERR_QUOTA : account_allows(above, more, sizeof(struct account));
        if (e == OK) {
            e = make(above, quota, result);
        }
        if (e != OK) {
            return e;
        }
        account_charge(above, quota, sizeof(struct account));
    } else {
        *result = above;
    }
    above->users++;
    return OK;
}

void account_close(struct account *a)
{
    while (a) {
        struct account *above = a->above;
        ASSERT(a->users > 0);
        if (--a->users > 0) {
            return;
        }
        ASSERT(a->pages == 0 && a->bytes == 0 && a->tables == 0);
        if (above) {
            account_refund(above, a->quota, sizeof(struct account));
        }
        slab_free_small(a);
        a = above;
    }
}
