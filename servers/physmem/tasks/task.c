/* SPDX-License-Identifier: BSD-2-Clause */
#include "tasks/task.h"

#include "base/assertion.h"
#include "room/slab.h"
#include "tasks/account.h"
#include "tasks/presence.h"

enum { HASH_SIZE = 64 };
/* What it is charged for: its presence even while it is out, so that it can come in. */
enum { RECORD_BYTES = sizeof(struct task) + sizeof(struct presence) };
enum { TABLE_BYTES = 4060 }; /* of windows in a frame (room/slab.h) */

struct list task_list;
static struct task *hash[HASH_SIZE];
static struct slab tasks;
static uint32_t count;

static struct task **chain_of(L4_Word_t id)
{
    return &hash[id % HASH_SIZE];
}

void task_init(void)
{
    slab_init(&tasks, sizeof(struct task));
    presence_init();
    list_init(&task_list);
    count = 0;
    for (int i = 0; i < HASH_SIZE; i++) {
        hash[i] = NULL;
    }
}

static enum error make(struct task **result)
{
    void *object;
    enum error e = presence_promise();
    if (e != OK) {
        return e;
    }
    e = slab_alloc(&tasks, &object);
    if (e == OK) {
        *result = object;
        e = presence_make(&(*result)->presence);
        if (e != OK) {
            slab_free(&tasks, object);
        }
    }
    if (e != OK) {
        presence_promise_end();
    }
    return e;
}

enum error task_create(L4_Word_t id, struct task *creator, uint32_t quota, uint32_t brought,
                       struct task **result)
{
    struct task *t;
    struct account *account;
    ASSERT(creator || id == TASK_ID_SYSTEM);
    enum error e = account_open(creator ? creator->account : NULL, quota, brought, &account);
    if (e == OK) {
        e = account_allows(account, TASK_KERNEL_PAGES, RECORD_BYTES);
        e = e == OK ? make(&t) : e;
        if (e != OK) {
            account_close(account);
        }
    }
    if (e != OK) {
        return e;
    }
    account_charge(account, TASK_KERNEL_PAGES, RECORD_BYTES);
    ASSERT(id != 0 && !task_find(id));
    t->id = id;
    t->permanent = !creator;
    t->account = account;
    t->creator = creator;
    if (creator) {
        creator->created++;
    }
    t->own_account = quota != 0;
    t->next_handle = HANDLE_DC + 1;
    list_init(&t->order);
    list_init(&t->containers);
    list_init(&t->left);
    list_init(&t->handles);
    list_init(&t->paid);
    list_init(&t->records);
    list_append(&task_list, &t->all);
    t->hash = *chain_of(id);
    *chain_of(id) = t;
    count++;
    *result = t;
    return OK;
}

bool task_needs_presence(const struct task *t)
{
    return t->state != TASK_MEMORY_OUT || (t->presence && presence_says_something(t->presence));
}

void task_trim_presence(struct task *t)
{
    if (!task_needs_presence(t)) {
        presence_free(&t->presence);
    }
}

/* Those that it has made are its creator's now. */
static void leave_created(struct task *t)
{
    for (struct list *i = task_list.next; t->created > 0 && i != &task_list; i = i->next) {
        struct task *other = LIST_ENTRY(i, struct task, all);
        if (other->creator == t) {
            other->creator = t->creator;
            t->creator->created++;
            t->created--;
        }
    }
    ASSERT(t->created == 0 && t->creator->created > 0);
    t->creator->created--;
}

void task_leave(struct task *t)
{
    ASSERT(list_is_empty(&t->containers) && list_is_empty(&t->handles) && list_is_empty(&t->records));
    ASSERT(list_is_empty(&t->paid) && list_is_empty(&t->order));
    leave_created(t);
    struct task **link = chain_of(t->id);
    while (*link != t) {
        link = &(*link)->hash;
    }
    *link = t->hash;
    presence_free(&t->presence);
    presence_promise_end();
    t->state = TASK_MEMORY_OUT;
    t->gone = true;
    account_refund(t->account, TASK_KERNEL_PAGES, 0);
    count--;
}

void task_free(struct task *t)
{
    ASSERT(t->gone && list_is_empty(&t->left));
    ASSERT(t->promised == 0 && t->table_bytes == 0 && t->record_bytes == 0);
    list_remove(&t->all);
    account_refund(t->account, 0, RECORD_BYTES);
    account_close(t->account);
    slab_free(&tasks, t);
}

uint32_t task_count(void)
{
    return count;
}

struct task *task_find(L4_Word_t id)
{
    struct task *t = *chain_of(id);
    while (t && t->id != id) {
        t = t->hash;
    }
    return t;
}

bool task_has_made(const struct task *who, const struct task *t)
{
    while (t && t != who) { /* the creator of a task is older: the way ends */
        t = t->creator;
    }
    return t != NULL;
}

enum error task_quota_allows(const struct task *t, uint32_t extra)
{
    return account_allows(t->account, extra, 0);
}

uint32_t task_table_frames(uint32_t bytes)
{
    return (bytes + TABLE_BYTES - 1) / TABLE_BYTES;
}

static uint32_t tables_in_memory(const struct task *t)
{
    ASSERT(t->table_bytes >= t->away_bytes);
    return task_table_frames(t->table_bytes - t->away_bytes);
}

enum error task_tables_allowed(const struct task *t, uint32_t bytes)
{
    ASSERT(bytes <= TABLE_BYTES);
    bool another = task_table_frames(t->table_bytes + bytes) > task_table_frames(t->table_bytes) ||
                   task_table_frames(t->table_bytes - t->away_bytes + bytes) > tables_in_memory(t);
    return another ? account_allows_table(t->account) : OK;
}

enum error task_record_allowed(const struct task *t, uint32_t bytes)
{
    return account_allows(t->account, 0, bytes);
}

void task_charge_pages(struct task *t, uint32_t pages)
{
    t->promised += pages;
    account_charge(t->account, pages, 0);
}

void task_refund_pages(struct task *t, uint32_t pages)
{
    ASSERT(t->promised >= pages);
    t->promised -= pages;
    account_refund(t->account, pages, 0);
}

void task_change_tables(struct task *t, uint32_t bytes, uint32_t away_bytes)
{
    uint32_t before = tables_in_memory(t), charged = task_table_frames(t->table_bytes);
    t->table_bytes += bytes;
    t->away_bytes += away_bytes;
    if (tables_in_memory(t) != before) {
        account_count_tables(t->account, tables_in_memory(t) - before);
    }
    uint32_t now = task_table_frames(t->table_bytes);
    if (now > charged) {
        account_charge(t->account, now - charged, 0);
    } else if (now < charged) {
        account_refund(t->account, charged - now, 0);
    }
}

void task_charge_record(struct task *t, uint32_t bytes)
{
    t->record_bytes += bytes;
    account_charge(t->account, 0, bytes);
}

void task_refund_record(struct task *t, uint32_t bytes)
{
    ASSERT(t->record_bytes >= bytes);
    t->record_bytes -= bytes;
    account_refund(t->account, 0, bytes);
}

uint32_t task_charged(const struct task *t)
{
    uint32_t bytes = RECORD_BYTES + t->record_bytes;
    return t->promised + task_table_frames(t->table_bytes) + TASK_KERNEL_PAGES +
           ((bytes + PAGE_SIZE - 1) >> PAGE_SHIFT);
}
