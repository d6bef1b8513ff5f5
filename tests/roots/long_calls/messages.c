/* SPDX-License-Identifier: BSD-2-Clause */
/* Very many threads that send or wait, and messages of many strings. */
#include "long_calls.h"

enum {
    STRING_BYTES = 3 * PAGE,
    STRING_LENGTH_SHIFT = 10,
    CROWD = 5000,
    LINE = 5, /* an interrupt that no device has */
};

static volatile unsigned woken;
static L4_Word64_t alarm; /* when all wake up at once */

static void send_for_ever(void)
{
    L4_MsgTag_t tag;
    do {
        tag = L4_Send(id_of(0), L4_MsgTag(0, 0, 0));
    } while (L4_IpcSucceeded(tag));
    ended++;
    L4_Sleep(L4_TimePeriod(alarm - L4_SystemClock()));
    woken++;
    for (;;) {
        L4_Sleep(L4_Never);
    }
}

static void test_senders(void)
{
    ktap_begin("very_many_senders_are_told_and_wake_at_once");
    woken = 0;
    REQUIRE(start_senders(send_for_ever));
    alarm = L4_SystemClock() + 3 * PATIENCE_US;
    EXPECT(delete_thread(id_of(0)));
    L4_Sleep(L4_TimePeriod(PATIENCE_US));
    EXPECT_EQ(ended, SENDERS);
    EXPECT_EQ(woken, 0);
    L4_Sleep(L4_TimePeriod(3 * PATIENCE_US));
    EXPECT_EQ(woken, SENDERS);
    delete_threads(1, SENDERS);
    EXPECT_EQ(L4_KDB_Check(), 0);
    (void)ktap_end();
}

/* The thread to which they send gets another id. */
static void test_renamed(void)
{
    ktap_begin("a_thread_with_very_many_senders_gets_another_id");
    REQUIRE(start_senders(send_for_ever));
    EXPECT_EQ(ended, 0);
    alarm = L4_SystemClock() + PATIENCE_US;
    EXPECT(L4_ThreadControl(L4_GlobalId(FIRST_NUMBER, 2), root, L4_nilthread, L4_nilthread, ~0u));
    L4_Sleep(L4_TimePeriod(3 * PATIENCE_US));
    EXPECT_EQ(ended, SENDERS);
    delete_threads(0, SENDERS + 1);
    EXPECT_EQ(L4_KDB_Check(), 0);
    (void)ktap_end();
}

static L4_ThreadId_t awaited;

static void wait_alone(void)
{
    (void)L4_Receive_Timeout(awaited, L4_Never);
    ended++;
    for (;;) {
        L4_Sleep(L4_Never);
    }
}

/* As many more of root's threads as make a crowd of all. */
static void crowd_make(unsigned first)
{
    for (unsigned i = first; i < CROWD; i++) {
        EXPECT(L4_ThreadControl(id_of(i), root, root, L4_nilthread, ~0u));
    }
}

static void test_waiters(const char *name, bool among_many)
{
    ktap_begin(name);
    awaited = id_of(0);
    REQUIRE(start_senders(wait_alone));
    if (among_many) {
        crowd_make(SENDERS + 1);
    }
    EXPECT_EQ(ended, 0);
    EXPECT(delete_thread(id_of(0)));
    L4_Sleep(L4_TimePeriod(PATIENCE_US));
    EXPECT_EQ(ended, SENDERS);
    delete_threads(1, among_many ? CROWD - 1 : SENDERS);
    EXPECT_EQ(L4_KDB_Check(), 0);
    (void)ktap_end();
}

/* Anybody may wait for an interrupt, whoever its handler is. */
static void test_line(void)
{
    ktap_begin("very_many_wait_for_an_interrupt_that_loses_its_handler");
    awaited = L4_GlobalId(LINE, 1);
    REQUIRE(start_senders(wait_alone));
    EXPECT(L4_ThreadControl(awaited, awaited, L4_nilthread, id_of(0), ~0u));
    EXPECT_EQ(ended, 0);
    EXPECT(L4_ThreadControl(awaited, awaited, L4_nilthread, awaited, ~0u));
    L4_Sleep(L4_TimePeriod(PATIENCE_US));
    EXPECT_EQ(ended, SENDERS);
    delete_threads(0, SENDERS + 1);
    EXPECT_EQ(L4_KDB_Check(), 0);
    (void)ktap_end();
}

static void send_in_a_name(void)
{
    L4_Set_VirtualSender(id_of(1));
    (void)L4_Send(id_of(0), (L4_MsgTag_t){L4_MsgTag(0, 0, 0).raw | L4_TAG_PROPAGATED});
    for (;;) {
        L4_Sleep(L4_Never);
    }
}

/* First in vain. */
static void wait_for_root(void)
{
    if (L4_IpcFailed(L4_Receive_Timeout(root, L4_TimePeriod(PATIENCE_US))) &&
        L4_IpcSucceeded(L4_Receive_Timeout(root, L4_Never))) {
        woken++;
    }
    for (;;) {
        L4_Sleep(L4_Never);
    }
}

/* Whoever waits for one thread looks at all these; then their receiver goes to another space. */
static void test_names(void)
{
    const L4_ThreadId_t other = id_of(SENDERS + 1);
    ktap_begin("very_many_messages_in_another's_name");
    woken = 0;
    REQUIRE(start_senders(send_in_a_name));
    EXPECT(thread_start(0, wait_for_root));
    L4_Sleep(L4_TimePeriod(3 * PATIENCE_US));
    EXPECT_EQ(L4_KDB_Check(), 0);
    EXPECT_EQ(woken, 0);
    EXPECT(L4_IpcSucceeded(L4_Send_Timeout(id_of(0), L4_MsgTag(0, 0, 0), L4_ZeroTime)));
    L4_Sleep(L4_TimePeriod(PATIENCE_US));
    EXPECT_EQ(woken, 1);
    EXPECT(L4_ThreadControl(other, other, root, L4_nilthread, ~0u));
    EXPECT(L4_SpaceControl(other, 0, L4_FpageLog2(KIP_AREA, PAGE_LOG2), L4_FpageLog2(ROOT_UTCBS, UTCB_LOG2),
                           L4_nilthread));
    EXPECT(L4_ThreadControl(id_of(0), other, L4_nilthread, L4_nilthread, ~0u));
    EXPECT_EQ(L4_KDB_Check(), 0);
    delete_threads(0, SENDERS + 2);
    EXPECT_EQ(L4_KDB_Check(), 0);
    (void)ktap_end();
}

/* Sends in another's name, to one that waits for its start message from root. */
static void send_as_another(void)
{
    L4_Set_VirtualSender(id_of(1));
    (void)L4_Send(id_of(2), (L4_MsgTag_t){L4_MsgTag(0, 0, 0).raw | L4_TAG_PROPAGATED});
    for (;;) {
        L4_Sleep(L4_Never);
    }
}

/* While such a message is queued, whoever goes makes the kernel look at all threads. */
static void test_crowd(void)
{
    ktap_begin("a_thread_goes_among_very_many");
    REQUIRE(thread_make(0) && thread_make(1) && thread_make(2));
    crowd_make(3);
    EXPECT(thread_start(0, send_as_another));
    L4_Sleep(L4_TimePeriod(PATIENCE_US));
    for (unsigned i = CROWD; i-- > 0;) {
        EXPECT(delete_thread(id_of(i)));
    }
    EXPECT_EQ(L4_KDB_Check(), 0);
    (void)ktap_end();
}

static void set_redirector(L4_ThreadId_t redirector)
{
    EXPECT_EQ(L4_SpaceControl(id_of(0), 0, L4_Nilpage, L4_Nilpage, redirector), 1);
    EXPECT_EQ(L4_KDB_Check(), 0); /* all its threads know */
}

static void test_redirected(void)
{
    ktap_begin("a_space_of_very_many_threads_gets_a_redirector");
    REQUIRE(visitor_make(id_of(0)));
    for (unsigned i = 1; i < CROWD; i++) {
        EXPECT(L4_ThreadControl(id_of(i), id_of(0), root, L4_nilthread, ~0u));
    }
    set_redirector(root);
    set_redirector(L4_anythread);
    set_redirector(root);
    delete_threads(0, CROWD);
    EXPECT_EQ(L4_KDB_Check(), 0);
    (void)ktap_end();
}

/* Strings of a few pages in the message registers, and room for as many. */
static L4_MsgTag_t load_strings(unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        L4_LoadMR(1 + 2 * i, STRING_BYTES << STRING_LENGTH_SHIFT);
        L4_LoadMR(2 + 2 * i, (L4_Word_t)pages);
        L4_SetTcr(UTCB_BR0 - 1 - 2 * (int)i, STRING_BYTES << STRING_LENGTH_SHIFT | (i + 1 < count));
        L4_SetTcr(UTCB_BR0 - 2 - 2 * (int)i, (L4_Word_t)pages + SUPER / 2);
    }
    L4_SetTcr(UTCB_BR0, count > 0);
    return L4_MsgTag(0, 0, 2 * count);
}

static unsigned strings; /* in each message along the chain */

/* Sends to the thread before, and receives from anybody. */
static void pass_on(void)
{
    L4_ThreadId_t me = L4_Myself(), from;
    L4_ThreadId_t before = L4_ThreadNo(me) == FIRST_NUMBER ? root : id_of(L4_ThreadNo(me) - FIRST_NUMBER - 1);
    (void)L4_Ipc(before, L4_anythread, L4_Timeouts(L4_Never, L4_Never), load_strings(strings), &from);
    ended++;
    for (;;) {
        L4_Sleep(L4_Never);
    }
}

/* Root's receive lets the first one go on, whose receive lets the second one go on, and so
 * forth. */
static void test_chain(unsigned with, const char *name)
{
    ktap_begin(name);
    ended = 0;
    strings = with;
    for (unsigned i = 0; i < SENDERS; i++) {
        REQUIRE(thread_make(i) && thread_start(i, pass_on));
    }
    L4_Sleep(L4_TimePeriod(PATIENCE_US));
    EXPECT_EQ(ended, 0);
    (void)load_strings(strings);
    EXPECT(L4_IpcSucceeded(L4_Receive_Timeout(id_of(0), L4_Never)));
    (void)load_strings(0);
    L4_Sleep(L4_TimePeriod(PATIENCE_US));
    EXPECT_EQ(ended, SENDERS - 1); /* nobody sends to the last one */
    delete_threads(0, SENDERS);
    EXPECT_EQ(L4_KDB_Check(), 0);
    (void)ktap_end();
}

/* As many strings as there are buffers for, to root. */
static void test_message(void)
{
    enum { MOST = 16 };
    ktap_begin("a_message_of_very_many_strings");
    strings = MOST;
    REQUIRE(thread_make(0) && thread_start(0, pass_on));
    (void)load_strings(MOST);
    L4_MsgTag_t tag = L4_Receive_Timeout(id_of(0), L4_Never);
    EXPECT(L4_IpcSucceeded(tag));
    EXPECT_EQ(tag.raw, L4_MsgTag(0, 0, 2 * MOST).raw);
    (void)load_strings(0);
    EXPECT(delete_thread(id_of(0)));
    EXPECT_EQ(L4_KDB_Check(), 0);
    (void)ktap_end();
}

void test_messages(void)
{
    test_senders();
    test_renamed();
    test_waiters("very_many_wait_for_a_thread_that_goes", false);
    test_waiters("very_many_among_still_more_wait_for_a_thread_that_goes", true);
    test_line();
    test_names();
    test_crowd();
    test_redirected();
    test_chain(0, "a_chain_of_very_many_senders");
    test_chain(1, "a_chain_of_very_many_strings");
    test_message();
}
