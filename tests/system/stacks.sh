#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Stacks: how deep a program may recurse, in the first thread and in others, with a pager thread and
# without; what an overflow is called; the size that the linker is told; Lua's own limit, which
# comes before the stack's end.
. tests/system/common/functions

# `deep KIB` uses so much of its first thread's stack, `deep KIB thread` of the 64 KiB of a second
# one.
compile deep <<'C'
#include <stdio.h>
#include <stdlib.h>
#include <pilotfish/thread.h>
static long bytes;
static __attribute__((noinline)) int descend(const char *top)
{
    volatile char here[500];
    here[0] = 1;
    return top - (const char *)here >= bytes ? 1 : descend(top) & here[0];
}
static void run(void *unused)
{
    char top = 0;
    (void)unused;
    printf("deep enough: %d\n", descend(&top));
}
int main(int argc, char **argv)
{
    struct thread *thread;
    bytes = atol(argv[1]) * 1024;
    if (argc == 2)
        run(NULL);
    else if (thread_start(run, NULL, 16, &thread) != OK || thread_join(thread) != OK)
        return 9;
    return 0;
}
C
tools/pilotfish-cc --no-pager -o "$folder/deep_simple" "$folder/deep.c"
tools/pilotfish-cc -Wl,-z,stack-size=0x300000 -o "$folder/deep_3m" "$folder/deep.c"
tools/pilotfish-cc --no-pager -Wl,-z,stack-size=1 -o "$folder/deep_least" "$folder/deep.c"

# deep PROGRAM ARGUMENTS STATUS PATTERN: on a machine of 8 MiB.
deep() {
    tools/run --mem 8 --swap 16 --timeout 60 --arguments "$2" "$folder/$1" >"$folder/out" 2>&1 </dev/null
    seen=$?
    echo "status $seen, should be $3" >>"$folder/out"
    [ $seen -eq "$3" ] && grep -q "$4" "$folder/out"
    result $? "$1 $2: $4"
}

plan 16
deep deep 1000 0 "deep enough: 1"
deep deep 1024 139 "task 4 (deep): cannot write .*: stack of 1024 KiB exhausted .*stack-size=BYTES"
deep deep_simple 1000 0 "deep enough: 1"
deep deep_simple 1024 139 "task 4 (deep_simple): .*: stack of 1024 KiB exhausted .*stack-size=BYTES"
deep deep_3m 3050 0 "deep enough: 1"
deep deep_3m 3072 139 "stack of 3072 KiB exhausted"
deep deep_least 16 139 "stack of 16 KiB exhausted"
deep deep "50 thread" 0 "deep enough: 1"
deep deep "64 thread" 139 "stack of 64 KiB exhausted .*thread was started with too few pages"
deep deep_simple "50 thread" 0 "deep enough: 1"
deep deep_simple "64 thread" 139 "stack of 64 KiB exhausted .*thread was started with too few pages"

# Frames larger than the guard page: the compiler touches each page on the way down, so none of them gets past it.
compile wide <<'C'
#include <stdio.h>
static char data[200000];
static __attribute__((noinline)) int descend(int depth)
{
    volatile char here[20000];
    here[0] = 1;
    return depth == 0 ? here[0] : descend(depth - 1) & here[0];
}
int main(void)
{
    int result = descend(60);
    for (unsigned i = 0; i < sizeof data; i++)
        result |= data[i] != 0;
    printf("the stack has run into the data: %d\n", result);
    return 0;
}
C
deep wide "" 139 "task 4 (wide): cannot .*: stack of 1024 KiB exhausted"

# A thread that the pager was never told of has no stack for a handler: the pager says so and ends the task.
compile untold <<'C'
#include <client/task.h>
#include <l4/syscalls.h>
#include <pager/pager.h>
#include <unistd.h>
static char stack[8192];
static void touch_nothing(void)
{
    *(volatile int *)0x70000000 = 1;
}
int main(void)
{
    L4_ThreadId_t thread;
    struct l4_registers r = {.control = L4_EXREGS_START, .sp = (L4_Word_t)stack + 8000, .ip = (L4_Word_t)touch_nothing};
    if (task_thread_create(pager_thread(), &thread, NULL) != OK)
        return 9;
    (void)L4_ExchangeRegisters(thread, &r);
    sleep(20);
    return 8;
}
C
deep untold "" 139 "task 4 (untold): fault at ip .*, address 0x70000000, in a thread without a stack for its handler"

echo 'int main(void) { return 0; }' >"$folder/small.c"
tools/pilotfish-cc -Wl,-z,stack-size=0x10000001 -o "$folder/vast" "$folder/small.c"
tools/run "$folder/vast" >"$folder/out" 2>&1 </dev/null
seen=$?
[ $seen -eq 2 ] && grep -q "too large.*stack" "$folder/out"
result $? "a stack larger than the address space is refused before the boot"

# Each kind of recursion ends in an error that the script catches.  by.lua is Lua's own stack, on
# the heap.
cat >"$folder/deep.lua" <<'LUA'
local by = {}
function by.gsub() return (string.gsub("a", "a", by.gsub)) end
function by.pcall() local ok, why = pcall(by.pcall) if not ok then error(why, 0) end end
function by.sort() table.sort({1, 2, 3}, function(a, b) by.sort() return a < b end) end
function by.metamethod() return tostring(setmetatable({}, {__tostring = by.metamethod})) end
function by.format() return string.format("%s", setmetatable({}, {__tostring = by.format})) end
function by.coroutine() return coroutine.wrap(by.coroutine)() end
function by.load() return assert(load(function() by.load() end))() end
function by.parser() assert(load("return " .. ("("):rep(1000) .. "1" .. (")"):rep(1000))) end
function by.nested_functions() assert(load(("return function() "):rep(1000) .. ("end "):rep(1000))) end
function by.concatenation() assert(load("return " .. ("1 .. "):rep(1000) .. "1")) end
function by.lua() return 1 + by.lua() end
local bad = 0
for name, recurse in pairs(by) do
    local ok, why = pcall(recurse)
    local caught = not ok and tostring(why):find("overflow")
    print(name, caught and "is caught" or "WRONG: " .. tostring(why))
    bad = bad + (caught and 0 or 1)
end
os.exit(bad)
LUA
tools/run --mem 32 --swap 64 --timeout 100 --file "$folder/deep.lua" --arguments deep.lua "$build/lua.elf" \
    >"$folder/out" 2>&1 </dev/null
seen=$?
echo "status $seen" >>"$folder/out"
[ $seen -eq 0 ] && [ "$(grep -c 'is caught' "$folder/out")" -eq 11 ]
result $? "Lua catches recursion of eleven kinds"

# A deep stack costs address space only: what an idle program holds is what it touched.
cat >"$folder/idle.c" <<'C'
#include <client/physmem.h>
#include <stdio.h>
int main(void)
{
    struct task_memory m;
    enum error e = physmem_task_info(0, &m);
    printf("error %d, promised %u\n", (int)e, (unsigned)m.promised);
    return 0;
}
C
tools/pilotfish-cc -Wl,-z,stack-size=0x10000 -o "$folder/idle" "$folder/idle.c"
tools/run --mem 8 --swap 16 "$folder/idle" >"$folder/small_stack" 2>&1 </dev/null
tools/pilotfish-cc -Wl,-z,stack-size=0x200000 -o "$folder/idle" "$folder/idle.c"
tools/run --mem 8 --swap 16 "$folder/idle" >"$folder/large_stack" 2>&1 </dev/null
cat "$folder/small_stack" "$folder/large_stack" >"$folder/out"
grep -q '^error 0, promised [1-9]' "$folder/large_stack" && cmp -s "$folder/small_stack" "$folder/large_stack"
result $? "a stack of 2 MiB promises no more than one of 64 KiB"
