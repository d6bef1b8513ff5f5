/* SPDX-License-Identifier: BSD-2-Clause */
#include "../end_machine.h"
#include "l4/kernel_memory.h"
#include "long_calls.h"

enum {
    PORTS_LOG2 = 16,
    TEXT_BYTES = 5000, /* more than the kernel prints */
};

int main(void);

extern char __executable_start[], _end[];

static void write_text(const char *text)
{
    L4_KDB_PrintString(text);
}

/* Without ports that are mapped, nothing happens. */
static void test_ports(void)
{
    ktap_begin("all_ports");
    REQUIRE(visitor_make(id_of(0)));
    L4_Fpage_t all = {L4_IoFpage(0, PORTS_LOG2).raw | L4_FullyAccessible};
    EXPECT(give(id_of(0), 0, L4_ITEM_MAP, all));
    (void)L4_UnmapFpage(all);
    EXPECT(give(id_of(0), 0, L4_ITEM_MAP, all));
    EXPECT(delete_thread(id_of(0)));
    EXPECT_EQ(L4_KDB_Check(), 0);
    (void)ktap_end();
}

/* ---- a long string ---- */

static char string[TEXT_BYTES];

static void print_for_ever(void)
{
    for (;;) {
        L4_KDB_PrintString(string);
    }
}

/* A string that ends, one that does not and of which the kernel prints a part, and one whose
 * printer goes in its middle. */
static void test_strings(void)
{
    ktap_begin("very_long_strings");
    for (unsigned i = 0; i < TEXT_BYTES; i++) {
        string[i] = '.';
    }
    write_text("# ");
    L4_KDB_PrintString(string);
    write_text("\n# ");
    string[TEXT_BYTES / 2] = '\0';
    L4_KDB_PrintString(string);
    write_text("\n# ");
    REQUIRE(thread_make(0) && thread_start(0, print_for_ever));
    L4_Sleep(L4_TimePeriod(1000));
    EXPECT(delete_thread(id_of(0)));
    write_text("\n");
    EXPECT_EQ(L4_KDB_Check(), 0);
    (void)ktap_end();
}

/* ---- a space that is out ---- */

/* As many threads as such a space may have, in as many pages of UTCBs, and two page tables. */
static void test_stripped(void)
{
    enum { THREADS = 32 };
    ktap_begin("the_largest_space_that_can_be_stripped");
    L4_Word_t before = L4_KDB_KernelMemory();
    REQUIRE(visitor_make(id_of(0)));
    for (unsigned i = 1; i < THREADS; i++) {
        REQUIRE(L4_ThreadControl(id_of(i), id_of(0), root, root, UTCB_AREA + i * UTCB_SIZE));
    }
    L4_Sleep(L4_TimePeriod(PATIENCE_US)); /* the visitor faults */
    EXPECT_EQ(L4_SpaceControl(id_of(0), KERNEL_STRIP, L4_Nilpage, L4_Nilpage, L4_nilthread), 1);
    EXPECT(give(id_of(0), AREAS_AT, L4_ITEM_MAP, fpage(pages, PAGE_LOG2 + 4, L4_FullyAccessible)));
    EXPECT_EQ(L4_SpaceControl(id_of(0), KERNEL_STRIP, L4_Nilpage, L4_Nilpage, L4_nilthread), 0);
    (void)L4_UnmapFpage(fpage(pages, SUPER_LOG2, L4_FullyAccessible));
    L4_Sleep(L4_TimePeriod(PATIENCE_US));
    EXPECT_EQ(L4_SpaceControl(id_of(0), KERNEL_STRIP, L4_Nilpage, L4_Nilpage, L4_nilthread), 1);
    delete_threads(0, THREADS);
    EXPECT_EQ(L4_KDB_KernelMemory(), before);
    EXPECT_EQ(L4_KDB_Check(), 0);
    (void)ktap_end();
}

int main(void)
{
    root = L4_Myself();
    for (L4_Word_t a = (L4_Word_t)__executable_start; a < (L4_Word_t)_end; a += PAGE) {
        volatile char *at = (volatile char *)a;
        char c = *at;
        *at = c;
    }
    ktap_start(write_text, MAPPING_TESTS + MESSAGE_TESTS + 3);
    test_mappings();
    test_ports();
    test_strings();
    test_messages();
    test_stripped();
    end_machine(ktap_finish());
    return 0;
}
