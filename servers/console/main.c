/* SPDX-License-Identifier: BSD-2-Clause */
/* The console server: protocol/console.h on the serial line.  It has two threads: this one serves,
 * the other takes the receiver's interrupts and calls this one with the bytes.  It has no pager
 * thread, so physmem pages it, and uses neither stdio nor malloc, which would call the console.
 *
 * No byte of the input gets lost: while there is no room, the call of the interrupt thread is not
 * answered.  That thread then takes nothing from the port, the port's own buffer fills, and the
 * line stops: RTS goes down for a device on a cable, and an emulator sees by itself that the port
 * takes nothing. */
#include <string.h>

#include "base/assertion.h"
#include "client/task.h"
#include "input.h"
#include "l4/syscalls.h"
#include "protocol/console.h"
#include "readers.h"
#include "uart.h"

enum {
    DATA_WORDS = CONSOLE_BYTES_MAX / 4,
    /* A call of the interrupt thread: MR1 = bytes, MR2.. = the bytes, packed.  The empty answer
     * means that there is room for RECEIVED_BYTES more. */
    RECEIVED = 0x3fd,
    RECEIVED_BYTES = 64,
    STACK_WORDS = 1024,
    POLL_US = 20 * 1000,
};

static struct input input;
static bool has_port;
static bool line_stopped; /* the interrupt thread waits for its answer */
static L4_ThreadId_t server, interrupt_thread, interrupt_local;
static L4_Word_t interrupt_stack[STACK_WORDS] __attribute__((aligned(16)));

_Static_assert(INPUT_RING_ITEMS > INPUT_LINE_BYTES + RECEIVED_BYTES,
               "a line that was not read yet stops nothing");

static void load_bytes(unsigned first_mr, const uint8_t *bytes, uint32_t count)
{
    for (uint32_t i = 0; i < count; i += 4) {
        L4_Word_t word = 0;
        for (uint32_t k = 0; k < 4 && i + k < count; k++) {
            word |= (L4_Word_t)bytes[i + k] << k * 8;
        }
        L4_LoadMR(first_mr + i / 4, word);
    }
}

static void store_bytes(unsigned first_mr, uint8_t *bytes, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        bytes[i] = (uint8_t)(L4_StoreMR(first_mr + i / 4) >> i % 4 * 8);
    }
}

/* ---- the interrupt thread ---- */

static void interrupt_loop(void)
{
    L4_ThreadId_t line = L4_GlobalId(UART_IRQ, 1);
    uint8_t bytes[RECEIVED_BYTES];
    L4_Set_ExceptionHandler(TASK_SERVER_THREAD);
    for (;;) {
        uint32_t count;
        do {
            count = uart_receive(bytes, RECEIVED_BYTES);
            ASSERT(count <= RECEIVED_BYTES);
            if (count > 0) {
                L4_LoadMR(1, count);
                load_bytes(2, bytes, count);
                (void)L4_Call(server, L4_MsgTag(RECEIVED, 1 + (count + 3) / 4, 0));
            }
        } while (count > 0);
        (void)L4_Call(line, L4_MsgTag(0, 0, 0)); /* acknowledges, and waits for the next */
    }
}

static bool start_interrupts(void)
{
    if (task_thread_create(L4_nilthread, &interrupt_thread, &interrupt_local) != OK) {
        return false;
    }
    if (task_interrupt(UART_IRQ, interrupt_thread) != OK) {
        (void)task_thread_delete(interrupt_thread);
        interrupt_local = L4_nilthread;
        return false;
    }
    uart_enable_interrupt();
    struct l4_registers r = {
        .control = L4_EXREGS_START,
        .sp = (L4_Word_t)&interrupt_stack[STACK_WORDS - 1], /* as behind a call */
        .ip = (L4_Word_t)interrupt_loop,
    };
    return !L4_IsNilThread(L4_ExchangeRegisters(interrupt_thread, &r));
}

/* ---- this thread ---- */

static void send_byte(uint8_t byte)
{
    if (has_port) {
        uart_send(byte);
    } else {
        L4_KDB_PrintChar(byte);
    }
}

/* It is no business of ours to schedule the thread; but there is another error if there is none. */
static bool thread_lives(L4_ThreadId_t thread)
{
    return L4_Schedule(thread, ~0u, ~0u, ~0u, ~0u) != 0 || L4_ErrorCode() != L4_ErrInvalidThread;
}

/* Puts the answer to a read together; what it takes from the input is taken when it has been
 * delivered. */
static L4_MsgTag_t load_input(uint32_t most, uint32_t *count)
{
    uint8_t bytes[CONSOLE_BYTES_MAX];
    ASSERT(most >= 1 && most <= CONSOLE_BYTES_MAX);
    *count = input_peek(&input, bytes, most);
    L4_LoadMR(1, OK);
    L4_LoadMR(2, *count);
    load_bytes(3, bytes, *count);
    return L4_MsgTag(CONSOLE_REPLY, 2 + (*count + 3) / 4, 0);
}

static void serve_readers(void)
{
    const struct reader *first;
    while ((first = readers_first()) != NULL && input_ready(&input)) {
        uint32_t count;
        L4_ThreadId_t thread = first->thread;
        L4_MsgTag_t tag = load_input(first->count, &count);
        if (L4_IpcSucceeded(L4_Reply(thread, tag))) {
            input_take(&input, count);
        }
        readers_forget(thread); /* whoever did not get it has stopped waiting */
    }
}

static void put_bytes(const uint8_t *bytes, uint32_t count)
{
    ASSERT(count <= input_room(&input));
    for (uint32_t i = 0; i < count; i++) {
        input_put(&input, bytes[i]);
    }
    serve_readers();
}

static void send_text(const char *text)
{
    for (; *text != '\0'; text++) {
        send_byte((uint8_t)*text);
    }
}

/* Answers the interrupt thread as soon as there is room for what it may bring next. */
static void run_line(void)
{
    bool room = input_room(&input) >= RECEIVED_BYTES;
    if (has_port) {
        uart_set_ready(room);
    }
    if (has_port && uart_overrun()) {
        send_text("console: input was lost: the sender does not stop when RTS goes down\r\n");
    }
    if (line_stopped && room) {
        ASSERT(!L4_IsNilThread(interrupt_local));
        line_stopped = false;
        (void)L4_Reply(interrupt_local, L4_MsgTag(RECEIVED, 0, 0));
    }
}

static void take_received(L4_MsgTag_t tag)
{
    uint8_t bytes[RECEIVED_BYTES];
    uint32_t count = L4_StoreMR(1);
    ASSERT(L4_Label(tag) == RECEIVED && count <= RECEIVED_BYTES && !line_stopped);
    store_bytes(2, bytes, count);
    line_stopped = true;
    put_bytes(bytes, count);
}

/* Without interrupts: the port is looked at now and then. */
static void poll(void)
{
    uint8_t bytes[RECEIVED_BYTES];
    uint32_t count = RECEIVED_BYTES;
    while (count > 0 && input_room(&input) >= RECEIVED_BYTES) {
        count = uart_receive(bytes, RECEIVED_BYTES);
        put_bytes(bytes, count);
    }
}

static L4_MsgTag_t refuse(enum error e)
{
    L4_LoadMR(1, (L4_Word_t)e);
    return L4_MsgTag(CONSOLE_REPLY, 1, 0);
}

static L4_MsgTag_t on_write(unsigned words)
{
    uint8_t bytes[CONSOLE_BYTES_MAX];
    uint32_t count = L4_StoreMR(1);
    if (words < 1 || count > CONSOLE_BYTES_MAX || words != 1 + (count + 3) / 4) {
        return refuse(ERR_ARGUMENT);
    }
    store_bytes(2, bytes, count);
    for (uint32_t i = 0; i < count; i++) {
        if (bytes[i] == '\n' && input.mode == INPUT_COOKED) {
            send_byte('\r');
        }
        send_byte(bytes[i]);
    }
    L4_LoadMR(1, OK);
    L4_LoadMR(2, count);
    return L4_MsgTag(CONSOLE_REPLY, 2, 0);
}

/* False: the reader is parked. */
static bool on_read(L4_ThreadId_t from, unsigned words, L4_MsgTag_t *reply)
{
    uint32_t most = L4_StoreMR(1);
    if (words != 1 || most == 0 || most > CONSOLE_BYTES_MAX) {
        *reply = refuse(ERR_ARGUMENT);
        return true;
    }
    enum error e = readers_add((struct reader){.thread = from, .count = most}, thread_lives);
    if (e != OK) {
        *reply = refuse(e);
        return true;
    }
    serve_readers();
    return false;
}

/* Returns true if there is something to answer at once. */
static bool serve(L4_ThreadId_t from, L4_MsgTag_t tag, L4_MsgTag_t *reply)
{
    if (L4_IsThreadEqual(from, interrupt_local)) {
        take_received(tag);
        return false;
    }
    readers_forget(from); /* any message from a thread ends its wait */
    switch (L4_Label(tag)) {
    case CONSOLE_WRITE:
        *reply = on_write(L4_UntypedWords(tag));
        return true;
    case CONSOLE_READ:
        return on_read(from, L4_UntypedWords(tag), reply);
    default:
        *reply = refuse(ERR_UNKNOWN);
        return true;
    }
}

/* The mode that the manifest's line asks for. */
static enum input_mode mode_of(int argc, char **argv)
{
    enum input_mode mode = INPUT_COOKED;
    for (int i = 1; i < argc; i++) {
        mode = strcmp(argv[i], "raw") == 0 ? INPUT_RAW : strcmp(argv[i], "quoted") == 0 ? INPUT_QUOTED : mode;
    }
    return mode;
}

int main(int argc, char **argv)
{
    server = L4_Myself();
    input_init(&input, mode_of(argc, argv), send_byte);
    has_port = uart_init();
    bool polls = has_port && !start_interrupts();
    L4_Time_t patience = polls ? L4_TimePeriod(POLL_US) : L4_Never;
    L4_ThreadId_t to = L4_nilthread;
    L4_MsgTag_t reply = {0};
    for (;;) {
        /* Without a receiver the call is just a wait; a reply that nobody waits for is lost. */
        L4_ThreadId_t from;
        L4_MsgTag_t tag = L4_Ipc(to, L4_anythread, L4_Timeouts(L4_ZeroTime, patience), reply, &from);
        to = L4_nilthread;
        if (L4_IpcFailed(tag)) {
            if (polls) {
                poll();
            }
        } else if (serve(from, tag, &reply)) {
            to = from;
        } else {
            run_line(); /* not in between an answer's being put together and its going out */
        }
    }
}
