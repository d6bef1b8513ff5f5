/* SPDX-License-Identifier: BSD-2-Clause */
/* The model of all contents, and the threads that touch them (physmem_world.h). */
#include "physmem_world.h"

struct object objects[OBJECTS];
struct world_task tasks[TASKS];
bool with_errors, tight;
uint32_t refused;

static int next_value;

int index_of(const struct world_task *t)
{
    return (int)(t - tasks);
}

/* ---- contents ---- */

static uint32_t word_of(int value, uint32_t k)
{
    return value == 0 ? 0 : (uint32_t)value * 2654435761u + k;
}

static const uint32_t sample_words[] = {0, 1, 19, 511, 512, 1023};

bool holds(frame_t frame, int value)
{
    const uint32_t *words = platform_memory(frame << PAGE_SHIFT);
    for (size_t i = 0; i < sizeof sample_words / sizeof *sample_words; i++) {
        if (words[sample_words[i]] != word_of(value, sample_words[i])) {
            return false;
        }
    }
    return true;
}

static void put(frame_t frame, int value)
{
    uint32_t *words = platform_memory(frame << PAGE_SHIFT);
    for (size_t i = 0; i < sizeof sample_words / sizeof *sample_words; i++) {
        words[sample_words[i]] = word_of(value, sample_words[i]);
    }
}

/* ---- addresses: the DC 1:1, every other object at a place of its own ---- */

L4_Word_t address_of(const struct world_task *t, const struct object *o, uint32_t page)
{
    L4_Word_t base = TASK_REGIONS_BASE + (L4_Word_t)(o - objects) * 0x100000;
    return (o->designated == index_of(t) + 1 ? 0 : base) + page * PAGE_SIZE;
}

static bool may(const struct world_task *t, const struct object *o, L4_Word_t rights)
{
    return o->alive && o->handle[index_of(t)] && (o->rights[index_of(t)] & rights) == rights;
}

struct object *random_object(const struct world_task *t, L4_Word_t rights)
{
    for (int i = 0; i < 20; i++) {
        struct object *o = &objects[sim_random(OBJECTS)];
        if (may(t, o, rights)) {
            return o;
        }
    }
    return NULL;
}

static L4_ThreadId_t pager_of(const struct world_task *t)
{
    return t->actors[0].id;
}

/* Someone of the task who can make a call. */
L4_ThreadId_t caller_of(const struct world_task *t)
{
    return sim_id(t->id, 40);
}

/* ---- touching ---- */

static void send_fault(struct world_task *t, struct actor *a)
{
    a->changes = a->object->changes;
    L4_Word_t address = address_of(t, a->object, a->page) + sim_random(1024) * 4;
    if (a->object->designated == index_of(t) + 1) {
        sim_fault(a->id, address, a->write);
    } else {
        sim_forward(pager_of(t), a->id, address, a->object->handle[index_of(t)], a->page, a->write,
                    a->object->rights[index_of(t)]);
    }
}

/* The page is mapped: is it the right one?  Then the instruction gets on. */
static void access_page(struct actor *a, frame_t frame)
{
    int *value = &a->object->value[a->page];
    SIM_CHECK(a->object->alive && *value != HOLE && *value != BAD);
    SIM_CHECK(holds(frame, *value));
    sim_touch(frame, a->write);
    if (a->write) {
        *value = ++next_value;
        put(frame, *value);
    }
    a->busy = false;
}

static void give_up(struct actor *a)
{
    a->busy = false;
}

/* Answered empty: the pager asks why. */
static void on_empty_answer(struct world_task *t, struct actor *a)
{
    SIM_CHECK(sim_call(pager_of(t), PHYSMEM_ASK, 1, a->id.raw) == OK);
    enum error note = (enum error)sim_reply.mr[2];
    int *value = &a->object->value[a->page];
    bool changed = a->changes != a->object->changes; /* since the fault */
    switch (note) {
    case OK:
    case ERR_KERNEL_MEMORY:
        return;
    case ERR_HOLE:
        SIM_CHECK(*value == HOLE || changed);
        break;
    case ERR_NO_HANDLE:
    case ERR_DEAD:
        SIM_CHECK(!a->object->alive || !a->object->handle[index_of(t)]);
        break;
    case ERR_NO_ROOM:
    case ERR_QUOTA:
    case ERR_NO_MEMORY:
        SIM_CHECK(tight);
        refused++;
        break;
    case ERR_IO:
    case ERR_CHECKSUM:
        SIM_CHECK(with_errors);
        *value = changed ? *value : BAD;
        break;
    default:
        SIM_CHECK(note == ERR_RANGE && a->page >= a->object->size);
    }
    give_up(a);
}

void run_actor(struct world_task *t, struct actor *a)
{
    frame_t frame;
    struct sim_thread *th = sim_thread(a->id);
    if (th->waits || t->broken || !a->busy) {
        return;
    }
    if (!a->object->alive || !a->object->handle[index_of(t)]) {
        give_up(a);
        return;
    }
    L4_Word_t rights = sim_mapping(t->id, address_of(t, a->object, a->page), &frame);
    if (rights & (a->write ? 2u : 5u)) {
        access_page(a, frame);
        return;
    }
    if (a->tries++ > 0 && th->answered && !th->mapped) {
        th->answered = false;
        on_empty_answer(t, a);
        if (!a->busy) {
            return;
        }
    }
    send_fault(t, a);
}

static void start_touch(struct world_task *t, struct actor *a)
{
    struct object *o = random_object(t, RIGHT_READ);
    bool pager = a == &t->actors[0];
    if (pager) {
        for (o = objects; !o->alive || o->designated != index_of(t) + 1; o++) {
            SIM_CHECK(o < objects + OBJECTS);
        }
    }
    if (!o) {
        return;
    }
    /* Most touches are near each other. */
    uint32_t page = sim_random(4) ? a->page + sim_random(3) : sim_random(o->size);
    page = page < o->size ? page : 0;
    bool last_resort = o->designated == index_of(t) + 1;
    if (last_resort && (page == 0 || o->value[page] == HOLE || o->value[page] == BAD)) {
        return; /* would be the task's end; tested elsewhere */
    }
    a->object = o;
    a->page = page;
    a->write = may(t, o, RIGHT_WRITE) && sim_random(2);
    a->busy = true;
    a->tries = 0;
    run_actor(t, a);
}

void step_actor(void)
{
    struct world_task *t = &tasks[sim_random(TASKS)];
    if (!t->alive || t->broken) {
        return;
    }
    struct actor *a = &t->actors[sim_random(THREADS)];
    if (a->busy) {
        run_actor(t, a);
    } else {
        start_touch(t, a);
    }
}
