/* SPDX-License-Identifier: BSD-2-Clause */
/* The trace ring and its texts, the decoding of debugger calls, the table of symbols. */
#include "ktest.h"

#include "base/format.h"
#include "kdb/counters.h"
#include "kdb/debugger_calls.h"
#include "kdb/symbols.h"
#include "kdb/trace.h"

#include <string.h>

static struct trace_event room[TRACE_EVENTS];

static bool same_text(const char *a, const char *b)
{
    while (*a && *a == *b) {
        a++;
        b++;
    }
    return *a == *b;
}

/* ---- the trace ---- */

/* The ring keeps the last events, in order, and knows which have been overwritten. */
void test_trace_ring(void)
{
    enum { TOO_MANY = TRACE_EVENTS + 100 };
    trace_start(room);
    EXPECT_EQ(trace_count(), 0);
    EXPECT(!trace_find(0));
    for (word_t i = 0; i < TOO_MANY; i++) {
        trace(TRACE_MARK, i & 7, 0xc0001, i, ~i);
    }
    EXPECT_EQ(trace_count(), TOO_MANY);
    EXPECT(!trace_find(TOO_MANY - TRACE_EVENTS - 1));
    EXPECT(!trace_find(TOO_MANY));
    uint64_t before = 0;
    for (uint32_t n = TOO_MANY - TRACE_EVENTS; n < TOO_MANY; n++) {
        const struct trace_event *e = trace_find(n);
        REQUIRE(e);
        EXPECT(e->a == n && e->b == ~n && e->detail == (n & 7) && e->kind == TRACE_MARK &&
               e->thread == 0xc0001);
        uint64_t time = (uint64_t)e->time_high << 32 | e->time_low;
        EXPECT(time >= before);
        before = time;
    }
    trace_start(NULL);
    trace(TRACE_MARK, 0, 0, 0, 0);
    EXPECT_EQ(trace_count(), 0);
}

static void expect_line(struct trace_event e, const char *text)
{
    char line[160];
    e.time_high = 1;
    e.time_low = 0xab;
    int length = trace_format(line, sizeof(line), 7, &e);
    if (!same_text(line, text)) {
        print("# %s\n", line);
    }
    EXPECT(same_text(line, text));
    char small[20];
    EXPECT_EQ(trace_format(small, sizeof(small), 7, &e), length);
    EXPECT(memcmp(small, line, sizeof(small) - 1) == 0 && small[sizeof(small) - 1] == 0);
}

void test_trace_text(void)
{
    expect_line(
        (struct trace_event){.kind = TRACE_IPC, .detail = IPC_FAULT, .thread = 0xc0001, .a = 0xd0002, .b = 2},
        "trace 7 1000000ab 0 ipc from=c0001 to=d0002 tag=2 what=fault");
    expect_line(
        (struct trace_event){.kind = TRACE_IPC_ERROR, .detail = IPC_EXCEPTION, .thread = 0xd0002, .a = 5},
        "trace 7 1000000ab 0 ipc-error thread=d0002 error=5 what=exception");
    expect_line((struct trace_event){.kind = TRACE_SWITCH, .a = 0xd0002},
                "trace 7 1000000ab 0 switch from=0 to=d0002 partner=0 state=idle");
    expect_line(
        (struct trace_event){.kind = TRACE_FAULT, .detail = 2, .thread = 0xd0002, .a = 0x1000, .b = 0x2000},
        "trace 7 1000000ab 0 fault thread=d0002 address=1000 ip=2000 access=write");
    expect_line(
        (struct trace_event){
            .kind = TRACE_MAP, .detail = 7 | TRACE_GRANT, .thread = 1, .a = 0x100c, .b = 0x2000},
        "trace 7 1000000ab 0 map thread=1 to=100c from=2000 rights=grant-rwx");
    expect_line((struct trace_event){.kind = TRACE_INTERRUPT, .a = 4},
                "trace 7 1000000ab 0 interrupt thread=0 line=4");
    expect_line((struct trace_event){.kind = TRACE_CONTROL, .detail = 3, .thread = 9, .a = 8, .b = 2},
                "trace 7 1000000ab 0 call thread=9 argument=8 result=2 what=thread_control");
    expect_line((struct trace_event){.kind = 0xff}, "trace 7 1000000ab 0 none");
}

/* A message, a wait in the queue, a failure, and a mapping leave their events and counts. */
void test_trace_hooks(void)
{
    struct tcb *a = ktest_thread(200), *b = ktest_thread(201);
    REQUIRE(a && b);
    struct counters before = counters;
    trace_start(room);
    ktest_ipc(a, b->global_id, 0, 0, 1);
    const struct trace_event *wait = trace_find(0);
    ktest_ipc(b, 0, L4_anythread.raw, 0, 0);
    const struct trace_event *ipc = trace_find(1);
    ktest_ipc(a, ktest_id(299, 1), 0, 0, 1);
    const struct trace_event *failed = trace_find(2);
    trace_start(NULL);
    EXPECT(wait && wait->kind == TRACE_SEND_WAIT && wait->thread == a->global_id && wait->a == b->global_id);
    EXPECT(ipc && ipc->kind == TRACE_IPC && ipc->thread == a->global_id && ipc->a == b->global_id &&
           ipc->b == 1);
    EXPECT(failed && failed->kind == TRACE_IPC_ERROR && failed->detail == IPC_USER &&
           failed->thread == a->global_id && failed->a == L4_IpcNonExisting << 1);
    EXPECT_EQ(counters.ipcs - before.ipcs, 1);
    enum map_result result =
        map_page_whole(sigma0_space, KTEST_FRAME, a->space, 0x400000, L4_FullyAccessible, false);
    EXPECT_EQ(result, MAP_OK);
    (void)unmap_page_whole(sigma0_space, KTEST_FRAME, L4_FullyAccessible, false);
    EXPECT_EQ(counters.maps - before.maps, 1);
    EXPECT_EQ(counters.unmaps - before.unmaps, 1);
    ktest_delete(a);
    ktest_delete(b);
}

/* ---- debugger calls ---- */

static void expect_call(const char *code, size_t count, enum kdb_request request, word_t value, word_t length)
{
    struct kdb_call c = kdb_decode((const uint8_t *)code, count);
    EXPECT_EQ(c.request, request);
    EXPECT_EQ(c.value, value);
    EXPECT_EQ(c.length, length);
}

void test_kdb_decode(void)
{
    expect_call("\x3c\x00\x90\x90\x90\x90\x90", 7, KDB_OPERATION, 0, 0);
    expect_call("\x3c\x0d\x90\x90\x90\x90\x90", 7, KDB_OPERATION, KDB_READ_CHAR_BLOCKED, 0);
    expect_call("\x90\x3c\x01\x90\x90\x90\x90", 7, KDB_OPERATION, KDB_PRINT_STRING, 0);
    expect_call("\x3c\xff", 2, KDB_OPERATION, 0xff, 0);
    expect_call("\xeb\x05\xb8\x78\x56\x34\x12", 7, KDB_MESSAGE, 0x12345678, 0);
    expect_call("\xeb\x05Halt!", 7, KDB_INLINE_MESSAGE, 2, 5);
    expect_call("\xeb\x00\x90\x90\x90\x90\x90", 7, KDB_INLINE_MESSAGE, 2, 0);
    expect_call("\xeb\xf0\x90\x90\x90\x90\x90", 7, KDB_BREAKPOINT, 0, 0); /* backwards */
    expect_call("\x90\xeb\x05\xb8\x01\x02\x03", 7, KDB_BREAKPOINT, 0, 0);
    expect_call("\xc3\x90\x90\x90\x90\x90\x90", 7, KDB_BREAKPOINT, 0, 0);
}

/* The page ends in the middle: only what was read counts. */
void test_kdb_decode_cut(void)
{
    expect_call("\x3c\x01", 0, KDB_BREAKPOINT, 0, 0);
    expect_call("\x3c\x01", 1, KDB_BREAKPOINT, 0, 0);
    expect_call("\x90\x3c\x01", 1, KDB_BREAKPOINT, 0, 0);
    expect_call("\x90\x3c\x01", 2, KDB_BREAKPOINT, 0, 0);
    expect_call("\xeb\x05\xb8\x78\x56\x34\x12", 6, KDB_INLINE_MESSAGE, 2, 5);
    expect_call("\xeb\x05", 1, KDB_BREAKPOINT, 0, 0);
}

/* tools/ksyms has filled the table. */
void test_symbols(void)
{
    word_t offset = 0;
    const char *name = symbol_find((word_t)test_symbols + 1, &offset);
    EXPECT(name && same_text(name, "test_symbols"));
    EXPECT_EQ(offset, 1);
    EXPECT(!symbol_find(0x1000, &offset));
    EXPECT(!symbol_find((word_t)room, &offset));
}
