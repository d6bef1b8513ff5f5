/* SPDX-License-Identifier: BSD-2-Clause */
/* The list of the kernel's tests, and the loop that runs them and ends the machine. */
#include "ktest.h"

#include "ia32/io.h"

static const struct {
    const char *name;
    void (*run)(void);
} tests[] = {
    {"clock_and_its_stub", test_clock},
    {"map_range_arithmetic", test_map_range},
    {"kmem_pages_and_slabs", test_kmem},
    {"mapping_map_unmap_rights", test_mapping_basic},
    {"mapping_status_stays_visible_to_ancestors", test_mapping_status},
    {"mapping_random_tree", test_mapping_tree},
    {"mapping_without_memory_changes_nothing", test_mapping_no_memory},
    {"mapping_for_an_instruction_in_a_full_pool", test_instruction_finishes},
    {"kmem_quota", test_quota},
    {"kmem_quota_lowered", test_quota_lowered},
    {"kmem_lend_and_reclaim", test_lend},
    {"kmem_lend_refused", test_lend_refused},
    {"memory_types", test_memory_types},
    {"memory_types_of_many_mappings", test_memory_types_many},
    {"memory_types_of_superpages", test_memory_types_super},
    {"memory_types_refused", test_memory_types_refused},
    {"timeout_wheel", test_timeouts},
    {"schedule_priorities_round_robin", test_schedule},
    {"thread_control_errors_and_reuse", test_thread_control},
    {"space_control_areas", test_space_control},
    {"ipc_all_untyped_words", test_ipc_words},
    {"ipc_send_queue_is_fifo", test_ipc_fifo},
    {"ipc_timeouts", test_ipc_timeouts},
    {"ipc_errors", test_ipc_errors},
    {"ipc_propagation_retargets", test_ipc_propagation},
    {"ipc_map_items", test_ipc_map},
    {"fault_ipc", test_fault_ipc},
    {"exception_ipc", test_exception_ipc},
    {"interrupt_ipc", test_interrupt_ipc},
    {"exchange_registers", test_exchange_registers},
    {"kernel_object_sizes", test_sizes},
    {"space_stripped", test_stripped},
    {"trace_ring_keeps_the_last_events", test_trace_ring},
    {"trace_events_as_text", test_trace_text},
    {"trace_hooks_and_counters", test_trace_hooks},
    {"debugger_calls_decoded", test_kdb_decode},
    {"debugger_calls_cut_short", test_kdb_decode_cut},
    {"symbol_table", test_symbols},
    {"kernel_pages_have_their_rights", test_protection},
    {"gates_clear_ac_with_smap", test_gates},
    {"spurious_interrupts", test_spurious},
    {"ports_of_spaces", test_ports},
    {"ports_that_instructions_want", test_port_faults},
};

static void write_text(const char *text)
{
    print("%s", text);
}

static void end_machine(int status)
{
    outb(0xe9, (uint8_t)('0' + status));
    outb(0xe9, '\n');
    outl(0xf4, (uint32_t)status);
    for (;;) {
        __asm__ volatile("hlt");
    }
}

void ktest_run(bool (*has_word)(const char *word))
{
    ktest_deaths(has_word);
    ktap_start(write_text, sizeof(tests) / sizeof(tests[0]));
    for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
        ktap_begin(tests[i].name);
        word_t before = ktest_footprint();
        tests[i].run();
        EXPECT_EQ(ktest_check(), 0);
        EXPECT_EQ(ktest_footprint(), before);
        (void)ktap_end();
    }
    end_machine(ktap_finish());
    for (;;) {
    }
}
