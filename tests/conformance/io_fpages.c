/* SPDX-License-Identifier: BSD-2-Clause */
/* IO fpages (interface.md 1.2, 6.2), with `ioports=mapped' on the kernel's command line; without it
 * all ports are open. */
#include "harness.h"

/* Harmless ports: keyboard controller status, the CMOS index, the second PIC's mask. */
enum { STATUS = 0x64, SCRATCH = 0x2ff, PIC = 0xa1 };

struct access {
    unsigned short port;
    unsigned bytes;
    L4_Word_t value;
};

static void port_read(void *arg)
{
    struct access *a = arg;
    if (a->bytes == 1) {
        a->value = in8(a->port);
    } else if (a->bytes == 2) {
        unsigned short value;
        __asm__ volatile("inw %1, %0" : "=a"(value) : "Nd"(a->port));
        a->value = value;
    } else {
        __asm__ volatile("inl %1, %0" : "=a"(a->value) : "Nd"(a->port));
    }
}

static void port_write(void *arg)
{
    struct access *a = arg;
    out8(a->port, a->value);
}

static L4_Word_t io_fpage(L4_Word_t port, L4_Word_t log2_count)
{
    return port << 16 | log2_count << 10 | 2 << 4;
}

static enum outcome touch(struct remote *r, unsigned port, unsigned bytes)
{
    static struct access a;
    a = (struct access){(unsigned short)port, bytes, 0};
    return remote_run(r, port_read, &a);
}

static bool can(struct remote *r, unsigned port)
{
    if (touch(r, port, 1) == DONE) {
        return true;
    }
    remote_reset(r);
    return false;
}

/* A remote in its own space; false, and the test skipped, if it has all ports. */
static bool ports_mapped(struct remote *r)
{
    if (!remote_new(r, true)) {
        return false;
    }
    if (can(r, STATUS)) {
        ktap_skip_rest("machine: booted without ioports=mapped");
        return false;
    }
    EXPECT_EQ(user_flags(), 0x202);
    (void)in8(STATUS); /* ours to give */
    return true;
}

static enum outcome reply_ports(struct remote *r, L4_Word_t page)
{
    L4_LoadMR(1, L4_ITEM_MAP);
    L4_LoadMR(2, page | 7);
    return remote_reply(r, L4_MsgTag(0, 0, 2));
}

TEST(open, "without the option every thread may use every port")
{
    struct remote r;
    REQUIRE(remote_new(&r, true));
    if (!can(&r, STATUS)) {
        ktap_skip_rest("machine: booted with ioports=mapped");
        return;
    }
    EXPECT(can(&r, PIC));
    EXPECT_EQ(user_flags(), 0x3202);
}

TEST(fault, "a port that is not mapped is an IO fault: tag 0xFF860002, MR1 the IO fpage, MR2 the IP")
{
    struct remote r;
    if (!ports_mapped(&r)) {
        return;
    }
    EXPECT_EQ(touch(&r, STATUS, 1), OTHER);
    EXPECT_EQ(r.tag.raw, 0xff860002);
    EXPECT_EQ(r.mr[1] & ~15u, io_fpage(STATUS, 0));
    EXPECT_LT(r.mr[2] - (L4_Word_t)port_read, 100);
}

TEST(sizes, "the IO fpage has the size of the access: one, two, four ports")
{
    struct remote r;
    if (!ports_mapped(&r)) {
        return;
    }
    for (unsigned i = 0; i < 3; i++) {
        EXPECT_EQ(touch(&r, STATUS, 1u << i), OTHER);
        EXPECT_EQ(r.mr[1] & ~15u, io_fpage(STATUS, i));
        remote_reset(&r);
    }
}

TEST(mapped, "an IO fpage in the reply opens the port")
{
    struct remote r;
    if (!ports_mapped(&r)) {
        return;
    }
    EXPECT_EQ(touch(&r, STATUS, 1), OTHER);
    EXPECT_EQ(reply_ports(&r, io_fpage(STATUS, 0)), DONE);
    EXPECT(can(&r, STATUS));
}

TEST(others_closed, "and no other port")
{
    struct remote r;
    if (!ports_mapped(&r)) {
        return;
    }
    EXPECT_EQ(touch(&r, STATUS, 1), OTHER);
    EXPECT_EQ(reply_ports(&r, io_fpage(STATUS, 0)), DONE);
    EXPECT(!can(&r, STATUS + 1));
    EXPECT(!can(&r, STATUS - 1));
    EXPECT(!can(&r, PIC));
}

TEST(partly, "an access of two ports of which one is mapped faults")
{
    struct remote r;
    if (!ports_mapped(&r)) {
        return;
    }
    EXPECT_EQ(touch(&r, STATUS, 1), OTHER);
    EXPECT_EQ(reply_ports(&r, io_fpage(STATUS, 0)), DONE);
    EXPECT_EQ(touch(&r, STATUS, 2), OTHER);
}

TEST(writes, "writing faults in the same way")
{
    struct remote r;
    static struct access a = {0x80, 1, 0x55};
    if (!ports_mapped(&r)) {
        return;
    }
    EXPECT_EQ(remote_run(&r, port_write, &a), OTHER);
    EXPECT_EQ(r.mr[1] & ~15u, io_fpage(0x80, 0));
    (void)in8(0x80);
    EXPECT_EQ(reply_ports(&r, io_fpage(0x80, 0)), DONE);
}

TEST(not_owned, "a mapper cannot give ports that it does not have")
{
    struct remote a, b;
    struct job in, out;
    if (!ports_mapped(&a) || !remote_new(&b, true)) {
        return;
    }
    job_receive(&in, a.id);
    in.br[0] = L4_CompleteAddressSpace.raw;
    job_send(&out, b.id, L4_MsgTag(0, 0, 2));
    out.mr[1] = L4_ITEM_MAP;
    out.mr[2] = io_fpage(STATUS, 0) | 7;
    REQUIRE(remote_start(&b, job_run, &in));
    REQUIRE(remote_start(&a, job_run, &out));
    EXPECT_EQ(remote_wait(&a), DONE);
    EXPECT_EQ(remote_wait(&b), DONE);
    EXPECT(!can(&b, STATUS));
}

TEST(range, "a range of ports is mapped at once")
{
    struct remote r;
    if (!ports_mapped(&r)) {
        return;
    }
    for (unsigned port = 0x2f8; port < 0x300; port++) {
        (void)in8((unsigned short)port);
    }
    EXPECT_EQ(touch(&r, 0x2f8, 1), OTHER);
    EXPECT_EQ(reply_ports(&r, io_fpage(0x2f8, 3)), DONE);
    EXPECT(can(&r, SCRATCH));
    EXPECT(!can(&r, 0x300));
}

TEST(unmapped, "Unmap of the IO fpage closes the port again")
{
    struct remote r;
    if (!ports_mapped(&r)) {
        return;
    }
    EXPECT_EQ(touch(&r, STATUS, 1), OTHER);
    EXPECT_EQ(reply_ports(&r, io_fpage(STATUS, 0)), DONE);
    (void)L4_UnmapFpage((L4_Fpage_t){io_fpage(STATUS, 0) | 7});
    EXPECT(!can(&r, STATUS));
    EXPECT_EQ(in8(STATUS) & 0, 0);
}

TEST(empty_reply, "an empty reply repeats the access: it faults again")
{
    struct remote r;
    if (!ports_mapped(&r)) {
        return;
    }
    EXPECT_EQ(touch(&r, STATUS, 1), OTHER);
    EXPECT_EQ(remote_reply(&r, L4_MsgTag(0, 0, 0)), OTHER);
    EXPECT_EQ(r.tag.raw, 0xff860002);
}

TEST(other_space, "another space does not get the ports with it")
{
    struct remote a, b;
    if (!ports_mapped(&a) || !remote_new(&b, true)) {
        return;
    }
    EXPECT_EQ(touch(&a, STATUS, 1), OTHER);
    EXPECT_EQ(reply_ports(&a, io_fpage(STATUS, 0)), DONE);
    EXPECT(!can(&b, STATUS));
    EXPECT(can(&a, STATUS));
}

/* a has the ports 0x2f8 .. 0x2ff from us, and passes what `item' says on to b. */
static bool pass_on(struct remote *a, struct remote *b, L4_Word_t kind, L4_Word_t page)
{
    static struct job in, out;
    for (unsigned short port = 0x2f8; port < 0x300; port++) {
        (void)in8(port);
    }
    if (touch(a, 0x2f8, 1) != OTHER || reply_ports(a, io_fpage(0x2f8, 3)) != DONE) {
        return false;
    }
    job_receive(&in, a->id);
    in.br[0] = io_fpage(0, 16);
    job_send(&out, b->id, L4_MsgTag(0, 0, 2));
    out.mr[1] = kind;
    out.mr[2] = page | 7;
    return remote_start(b, job_run, &in) && remote_start(a, job_run, &out) && remote_wait(a) == DONE &&
           remote_wait(b) == DONE;
}

TEST(derived, "what is mapped on goes with the mapping it came from, and ports named in part are cut out")
{
    struct remote a, b;
    if (!ports_mapped(&a) || !remote_new(&b, true)) {
        return;
    }
    REQUIRE(pass_on(&a, &b, L4_ITEM_MAP, io_fpage(0x2f8, 3)));
    (void)L4_UnmapFpage((L4_Fpage_t){io_fpage(0x2fa, 1) | 7});
    EXPECT(!can(&a, 0x2fa));
    EXPECT(!can(&b, 0x2fb));
    EXPECT(can(&a, 0x2f9));
    EXPECT(can(&b, 0x2fc));
}

TEST(granted, "a granted IO fpage leaves the granter, and stays ours to take away")
{
    struct remote a, b;
    if (!ports_mapped(&a) || !remote_new(&b, true)) {
        return;
    }
    REQUIRE(pass_on(&a, &b, L4_ITEM_GRANT, io_fpage(0x2fc, 2)));
    EXPECT(!can(&a, 0x2fc));
    EXPECT(can(&a, 0x2fb));
    EXPECT(can(&b, 0x2fc));
    (void)L4_UnmapFpage((L4_Fpage_t){io_fpage(0x2f8, 3) | 7});
    EXPECT(!can(&b, 0x2fc));
}

TEST(deleted, "a space that is deleted takes its ports from those it gave them to")
{
    struct remote a, b;
    if (!ports_mapped(&a) || !remote_new(&b, true)) {
        return;
    }
    REQUIRE(pass_on(&a, &b, L4_ITEM_MAP, io_fpage(0x2f8, 0)));
    EXPECT(can(&b, 0x2f8));
    EXPECT_EQ(delete_thread(a.id), 1);
    EXPECT(!can(&b, 0x2f8));
    EXPECT_EQ(in8(0x2ff) & 0, 0);
}
