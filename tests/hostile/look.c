/* SPDX-License-Identifier: BSD-2-Clause */
#include "look.h"

#include <string.h>

#include "client/task.h"
#include "ktap/ktap.h"

struct memory_info memory(void)
{
    struct memory_info info = {0};
    EXPECT_EQ(physmem_memory_info(&info), OK);
    return info;
}

struct rest rest(void)
{
    L4_Word_t id = TASK_ID_SYSTEM;
    struct task_memory server = {0};
    struct memory_info all = memory();
    EXPECT_EQ(task_debug(PHYSMEM_TASK_INFO, &id, 1, (L4_Word_t *)&server, sizeof(server) / sizeof(id)), OK);
    return (struct rest){.promised = all.pages_promised - server.promised,
                         .wired = all.frames_wired - all.frames_lent - server.wired_frames};
}

L4_Word_t find_task(const char *name)
{
    struct task_info info;
    for (L4_Word_t id = 0; task_info(id, &info) == OK; id = info.task + 1) {
        if (strcmp(info.name, name) == 0) {
            return info.task;
        }
    }
    return 0;
}
