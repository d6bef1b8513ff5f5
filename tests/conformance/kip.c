/* SPDX-License-Identifier: BSD-2-Clause */
/* The kernel interface page (interface.md 2). */
#include "harness.h"

static const struct kip_memdesc *memdesc(unsigned i)
{
    return (const struct kip_memdesc *)((L4_Word_t)kip + (kip->memory_info >> 16)) + i;
}

static unsigned memdesc_count(void)
{
    return kip->memory_info & 0xffff;
}

/* Whether a descriptor of the type covers the address; later ones override. */
static L4_Word_t type_at(L4_Word_t address)
{
    L4_Word_t type = MEMDESC_UNDEFINED;
    for (unsigned i = 0; i < memdesc_count(); i++) {
        const struct kip_memdesc *d = memdesc(i);
        if (!(d->low & MEMDESC_VIRTUAL) && (d->low & ~0x3ffu) <= address && (d->high | 0x3ffu) >= address) {
            type = d->low & 0xff;
        }
    }
    return (type & 0xf) < 0xe ? type & 0xf : type;
}

static void kernel_interface(struct raw_regs *r)
{
    __asm__ volatile("pushl %%ebp\n\tmovl 24(%%ecx), %%ebp\n\tmovl 12(%%ecx), %%ebx\n\tpushl %%ecx\n\t"
                     "movl 20(%%ecx), %%edi\n\tstc\n\t.byte 0xf0, 0x90\n\t"
                     "pushfl\n\txchgl %%ecx, 4(%%esp)\n\tpopl 28(%%ecx)\n\tmovl %%eax, 0(%%ecx)\n\t"
                     "movl %%edx, 8(%%ecx)\n\tmovl %%ebx, 12(%%ecx)\n\tmovl %%esi, 16(%%ecx)\n\t"
                     "movl %%edi, 20(%%ecx)\n\tmovl %%ebp, 24(%%ecx)\n\tpopl 4(%%ecx)\n\tpopl %%ebp"
                     : "+m"(*r)
                     : "c"(r)
                     : "eax", "ebx", "edx", "esi", "edi", "memory", "cc");
}

TEST(magic, "the magic word is 'L4' mu 'K'")
{
    EXPECT_EQ(kip->magic, KIP_MAGIC);
}

TEST(version, "the API version is X.2")
{
    EXPECT_EQ(kip->api_version >> 24, 0x84);
}

TEST(flags, "the API flags say little endian, 32 bits")
{
    EXPECT_EQ(kip->api_flags, 0);
}

TEST(idiom, "KernelInterface returns KIP, version, flags and kernel id in EAX, ECX, EDX, ESI")
{
    struct raw_regs r = {.ebx = 1};
    kernel_interface(&r);
    REQUIRE_EQ(r.eax, kip);
    EXPECT_EQ(r.ecx, kip->api_version);
    EXPECT_EQ(r.edx, kip->api_flags);
    EXPECT_EQ(r.esi, peek((L4_Word_t)kip + kip->kernel_desc));
}

TEST(idiom_preserves, "KernelInterface leaves EBX, EDI, EBP and the flags alone")
{
    struct raw_regs r = {.ebx = 0x11111111, .edi = 0x22222222, .ebp = 0x33333333};
    kernel_interface(&r);
    EXPECT_EQ(r.ebx, 0x11111111);
    EXPECT_EQ(r.edi, 0x22222222);
    EXPECT_EQ(r.ebp, 0x33333333);
    EXPECT(r.eflags & 1);
}

TEST(idiom_repeated, "KernelInterface works 10000 times")
{
    struct raw_regs r = {.eax = 0};
    for (unsigned i = 0; i < 10000; i++) {
        kernel_interface(&r);
        REQUIRE_EQ(r.eax, kip);
    }
}

static volatile L4_Word_t kip_seen;

static void find_kip(void *arg)
{
    struct raw_regs r;
    (void)arg;
    kernel_interface(&r);
    kip_seen = r.eax;
}

TEST(idiom_elsewhere, "KernelInterface returns the base of the caller's own KIP area")
{
    L4_ThreadId_t t = thread_id();
    L4_Word_t area = 0x30000000;
    REQUIRE(L4_ThreadControl(t, t, L4_Myself(), L4_nilthread, utcb_location(t)));
    REQUIRE(L4_SpaceControl(t, 0, L4_FpageLog2(area, 12), L4_FpageLog2(UTCB_AREA, 17), L4_nilthread));
    kip_seen = 0;
    /* The stubs do not work there. */
    (void)spawn_with(&(struct spawn){.entry = find_kip, .space = t});
    settle();
    EXPECT_EQ(kip_seen, area);
}

TEST(user_readonly, "the KIP is mapped readable and not writable")
{
    struct remote r;
    REQUIRE(remote_new(&r, true));
    L4_Word_t value = 0;
    EXPECT(remote_read(&r, KIP_AREA, &value));
    EXPECT_EQ(value, KIP_MAGIC);
    EXPECT(!remote_write(&r, KIP_AREA + 0xf0, value));
}

TEST(link_entries, "every system call link lies inside the KIP area")
{
    const L4_Word_t *link = &kip->space_control, *end = &kip->reserved_fc[0];
    for (; link < end; link++) {
        EXPECT(*link != 0);
        EXPECT_LT(*link, 1u << (kip->kip_area_info & 0x3f));
    }
}

TEST(utcb_info, "UtcbInfo describes 512-byte UTCBs")
{
    L4_Word_t info = kip->utcb_info, align_log2 = info >> 10 & 0x3f;
    EXPECT_EQ((info & 0x3ff) << align_log2, UTCB_SIZE);
    EXPECT_LE(info >> 16 & 0x3f, 17);
    EXPECT_LE(12, info >> 16 & 0x3f);
}

TEST(kip_area_info, "KipAreaInfo gives the size of the KIP area")
{
    EXPECT_LE(12, kip->kip_area_info & 0x3f);
    EXPECT_LT(kip->kip_area_info & 0x3f, 20);
}

TEST(thread_info_bits, "ThreadInfo gives 18 thread number bits at most, enough for all numbers in use")
{
    L4_Word_t bits = kip->thread_info & 0xff;
    EXPECT_LE(bits, 18);
    EXPECT_LT(L4_ThreadNo(root_thread) + HELPER_COUNT + 4, 1u << bits);
}

TEST(thread_info_bases, "SystemBase is not above UserBase, and UserBase is small (l4test needs < 200)")
{
    L4_Word_t system = kip->thread_info >> 8 & 0xfff, user = kip->thread_info >> 20;
    EXPECT_LE(16, system);
    EXPECT_LE(system, user);
    EXPECT_LT(user, 200);
}

TEST(initial_ids, "sigma0 is UserBase+0 and the root task UserBase+2, version 1")
{
    L4_Word_t user = kip->thread_info >> 20;
    EXPECT_EQ(root_thread.raw, L4_GlobalId(user + 2, 1).raw);
    EXPECT_EQ(sigma0_thread.raw, L4_GlobalId(user, 1).raw);
}

TEST(page_info_4k, "PageInfo offers 4 KiB pages and the rights r and w")
{
    EXPECT(kip->page_info & 1u << 12);
    EXPECT_EQ(kip->page_info & 6, 6);
}

TEST(page_info_4m, "PageInfo offers 4 MiB pages if and only if CPUID has PSE, and no other sizes")
{
    L4_Word_t before, after, a = 1, b, c, d = 0;
    __asm__ volatile("pushfl\n\tpopl %0\n\tmovl %0, %1\n\txorl $0x200000, %1\n\tpushl %1\n\tpopfl\n\t"
                     "pushfl\n\tpopl %1"
                     : "=&r"(before), "=&r"(after));
    if ((before ^ after) & 0x200000) {
        __asm__ volatile("cpuid" : "+a"(a), "=b"(b), "=c"(c), "=d"(d));
    }
    EXPECT_EQ(kip->page_info & ~0x3ffu, 1u << 12 | (d & 8 ? 1u << 22 : 0));
}

TEST(processor_info, "ProcessorInfo and ProcDescPtr describe the processors")
{
    L4_Word_t size = 1u << (kip->processor_info >> 28), count = (kip->processor_info & 0xffff) + 1;
    EXPECT_LE(16, size);
    EXPECT_LE(1, count);
    EXPECT_LE(0x120, kip->proc_desc);
    EXPECT_LE(kip->proc_desc + size * count, 4096);
}

TEST(internal_frequency, "the processor's internal frequency is given")
{
    EXPECT(peek((L4_Word_t)kip + kip->proc_desc + 4) != 0);
}

TEST(kernel_descriptor, "the kernel descriptor has an id, a date and a version string")
{
    L4_Word_t d = (L4_Word_t)kip + kip->kernel_desc, date = peek(d + 4);
    EXPECT_LE(0x110, kip->kernel_desc);
    EXPECT(peek(d) != 0);
    EXPECT_LE(1, date & 31);
    EXPECT_LE(date >> 5 & 15, 12);
    EXPECT(*(const char *)(d + 16) != 0);
}

TEST(no_features, "there is no feature string")
{
    const char *c = (const char *)kip + kip->kernel_desc + 16;
    while (*c) {
        c++;
    }
    EXPECT_EQ(c[1], 0);
}

TEST(memory_described, "the first megabytes are conventional, images are marked as boot-loader memory")
{
    EXPECT_LE(3, memdesc_count());
    EXPECT_EQ(type_at(FRAME(0)), MEMDESC_CONVENTIONAL);
    EXPECT_EQ(type_at((L4_Word_t)memdesc), MEMDESC_MODULE);
    EXPECT_EQ(type_at(kip->sigma0.low), MEMDESC_MODULE);
}

TEST(memory_video, "the video memory is shared")
{
    EXPECT_EQ(type_at(0xb8000), MEMDESC_SHARED);
}

TEST(memory_reserved, "kernel memory is listed as reserved")
{
    bool found = false;
    for (unsigned i = 0; i < memdesc_count(); i++) {
        found |= (memdesc(i)->low & 0xf) == MEMDESC_RESERVED && !(memdesc(i)->low & MEMDESC_VIRTUAL);
    }
    EXPECT(found);
}

TEST(memory_virtual, "a virtual descriptor gives the user address space, 0 to 3 GiB")
{
    L4_Word_t high = 0;
    for (unsigned i = 0; i < memdesc_count(); i++) {
        const struct kip_memdesc *d = memdesc(i);
        high = (d->low & MEMDESC_VIRTUAL) && (d->low & 0xf) == MEMDESC_CONVENTIONAL ? d->high | 0x3ff : high;
    }
    EXPECT_EQ(high, 0xbfffffff);
}

TEST(servers, "the entries of sigma0 and root give their images, with exclusive ends")
{
    L4_Word_t here = (L4_Word_t)memdesc;
    EXPECT_LE(kip->root.low, here);
    EXPECT_LT(here, kip->root.high);
    EXPECT_LE(kip->root.low, kip->root.ip);
    EXPECT_LT(kip->root.ip, kip->root.high);
    EXPECT_LT(kip->sigma0.low, kip->sigma0.high);
}

TEST(no_sigma1, "there is no sigma1: its entry is zero")
{
    EXPECT_EQ(kip->sigma1.low | kip->sigma1.high | kip->sigma1.ip, 0);
}

TEST(boot_info, "BootInfo points to boot information with at least the two images")
{
    const struct bootinfo *info = (const struct bootinfo *)kip->boot_info;
    REQUIRE(info);
    EXPECT_EQ(info->magic, BOOTINFO_MAGIC);
    EXPECT_EQ(info->version, 1);
    EXPECT_LE(2, info->count);
    EXPECT_EQ(type_at((L4_Word_t)info), MEMDESC_BOOT_INFO);
}

TEST(
    initial_state,
    "the root task starts with EFLAGS 0x3202, or 0x202 if ports are mapped, and the stack pointer of the KIP")
{
    EXPECT_EQ(start_eflags & ~0x8d5u, user_flags());
    EXPECT_EQ(start_esp, kip->root.sp);
}

TEST(rdtsc_allowed, "a user thread may read the time stamp counter, where the processor has one")
{
    L4_Word_t flags, changed, low, high;
    __asm__ volatile(
        "pushfl\n\tpopl %0\n\tmovl %0, %1\n\txorl $0x200000, %1\n\tpushl %1\n\tpopfl\n\tpushfl\n\tpopl %1"
        : "=&r"(flags), "=&r"(changed));
    if (!((flags ^ changed) & 0x200000)) {
        ktap_skip_rest("machine: no CPUID, so no time stamp counter");
        return;
    }
    __asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
    EXPECT(low | high);
}
