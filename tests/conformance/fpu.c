/* SPDX-License-Identifier: BSD-2-Clause */
/* The floating-point state belongs to the thread (interface.md 6.5: lazy switch, initialised by
 * fninit). */
#include "harness.h"

struct x87 {
    L4_Word_t words[27]; /* as fnsave stores them: control, status, tag, ... */
};

static void store(struct x87 *x)
{
    __asm__ volatile("fnsave %0\n\tfrstor %0" : "=m"(*x));
}

static void load(double value)
{
    __asm__ volatile("fninit\n\tfldl %0\n\tfldl %0" : : "m"(value));
}

static double stored(void)
{
    double value;
    __asm__ volatile("fstl %0" : "=m"(value));
    return value;
}

struct worker {
    double value;
    volatile L4_Word_t rounds, wrong;
};

static void work(void *arg)
{
    struct worker *w = arg;
    load(w->value);
    for (;;) {
        w->wrong += stored() != w->value;
        w->rounds++;
    }
}

static bool has_sse(void)
{
    L4_Word_t before, after, features = 0;
    __asm__ volatile(
        "pushfl\n\tpopl %0\n\tmovl %0, %1\n\txorl $0x200000, %1\n\tpushl %1\n\tpopfl\n\tpushfl\n\tpopl %1"
        : "=&r"(before), "=&r"(after));
    if ((before ^ after) & 0x200000) {
        L4_Word_t leaf = 1;
        __asm__ volatile("cpuid" : "+a"(leaf), "=d"(features) : : "ebx", "ecx");
    }
    return features >> 25 & 1;
}

static struct worker workers[4];

static void run_workers(void (*function)(void *))
{
    for (unsigned i = 0; i < 4; i++) {
        workers[i] = (struct worker){1.5 + i, 0, 0};
        (void)spawn_with(&(struct spawn){.entry = function, .arg = &workers[i], .own_space = i >= 2});
    }
    sleep_us(200 * 1000);
    for (unsigned i = 0; i < 4; i++) {
        EXPECT(workers[i].rounds != 0);
        EXPECT_EQ(workers[i].wrong, 0);
    }
}

TEST(kept, "each of four threads in three spaces keeps its registers over preemption")
{
    run_workers(work);
}

static struct x87 seen;

static void look(void *arg)
{
    (void)arg;
    store(&seen);
}

TEST(fresh, "a thread's first use finds the state of fninit")
{
    struct remote r;
    load(3.25);
    REQUIRE(remote_new(&r, false));
    EXPECT_EQ(remote_run(&r, look, 0), DONE);
    EXPECT_EQ(seen.words[0] & 0xffff, 0x37f);
    EXPECT_EQ(seen.words[1] & 0xffff, 0);
    EXPECT_EQ(seen.words[2] & 0xffff, 0xffff);
}

TEST(not_leaked, "another space's values are not in a new thread's registers")
{
    struct remote r;
    load(3.25);
    REQUIRE(remote_new(&r, true));
    EXPECT_EQ(remote_run(&r, look, 0), DONE);
    for (unsigned i = 7; i < 27; i++) {
        EXPECT_EQ(seen.words[i], 0);
    }
}

TEST(over_ipc, "the registers survive IPC with a thread that uses its own")
{
    struct remote r;
    REQUIRE(remote_new(&r, true));
    load(7.75);
    for (unsigned i = 0; i < 20; i++) {
        EXPECT_EQ(remote_run(&r, look, 0), DONE);
        EXPECT(stored() == 7.75);
    }
}

TEST(control_word, "the control word is the thread's own too")
{
    struct remote r;
    L4_Word_t control = 0x27f, now = 0;
    REQUIRE(remote_new(&r, true));
    __asm__ volatile("fninit\n\tfldcw %0" : : "m"(control));
    EXPECT_EQ(remote_run(&r, look, 0), DONE);
    __asm__ volatile("fnstcw %0" : "=m"(now));
    EXPECT_EQ(now & 0xffff, 0x27f);
    EXPECT_EQ(seen.words[0] & 0xffff, 0x37f);
}

TEST(after_delete, "a deleted thread's state does not come back in a new thread of its id")
{
    L4_ThreadId_t t = spawn(work, &workers[0]);
    settle();
    REQUIRE(delete_thread(t));
    REQUIRE(L4_ThreadControl(t, root_thread, L4_Myself(), L4_Myself(), utcb_location(t)));
    seen.words[0] = 0;
    restart_thread(t, look, 0);
    settle();
    EXPECT_EQ(seen.words[0] & 0xffff, 0x37f);
    EXPECT_EQ(seen.words[2] & 0xffff, 0xffff);
}

static void work_sse(void *arg)
{
    struct worker *w = arg;
    L4_Word_t in[4] __attribute__((aligned(16))), out[4] __attribute__((aligned(16)));
    for (unsigned i = 0; i < 4; i++) {
        in[i] = (L4_Word_t)w->value * 16 + i;
    }
    __asm__ volatile("movups %0, %%xmm0\n\tmovups %0, %%xmm7" : : "m"(in));
    for (;;) {
        __asm__ volatile("movups %%xmm7, %0" : "=m"(out));
        w->wrong += out[0] != in[0] || out[3] != in[3];
        w->rounds++;
    }
}

TEST(sse, "SSE registers are the thread's own, where the processor has them")
{
    if (!has_sse()) {
        ktap_skip_rest("machine: no SSE");
        return;
    }
    run_workers(work_sse);
}

static L4_Word_t seen_mxcsr;

static void look_mxcsr(void *arg)
{
    (void)arg;
    __asm__ volatile("stmxcsr %0" : "=m"(seen_mxcsr));
}

TEST(mxcsr, "a thread's first use of SSE finds MXCSR 0x1F80")
{
    struct remote r;
    L4_Word_t other = 0x9f80; /* flush to zero; denormals are zero came later */
    if (!has_sse()) {
        ktap_skip_rest("machine: no SSE");
        return;
    }
    __asm__ volatile("ldmxcsr %0" : : "m"(other));
    REQUIRE(remote_new(&r, true));
    EXPECT_EQ(remote_run(&r, look_mxcsr, 0), DONE);
    EXPECT_EQ(seen_mxcsr, 0x1f80);
}

static L4_Word_t seen_xmm[4];

static void look_xmm(void *arg)
{
    (void)arg;
    __asm__ volatile("movups %%xmm3, %0" : "=m"(seen_xmm));
}

TEST(xmm_not_leaked,
     "a thread's first use of SSE finds its registers zero, whatever another space had in them")
{
    static const L4_Word_t secret[4] = {1, 2, 3, 4};
    struct remote r;
    if (!has_sse()) {
        ktap_skip_rest("machine: no SSE");
        return;
    }
    __asm__ volatile("movups %0, %%xmm3" : : "m"(secret));
    REQUIRE(remote_new(&r, true));
    EXPECT_EQ(remote_run(&r, look_xmm, 0), DONE);
    EXPECT_EQ(seen_xmm[0] | seen_xmm[1] | seen_xmm[2] | seen_xmm[3], 0);
}
