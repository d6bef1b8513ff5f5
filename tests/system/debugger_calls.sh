#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Who may make debugger calls (docs/x2.md): what tasks do without the word kdb leaves no trace, what
# the root task and spaces with the console print comes, and nobody's last words get lost.
. tests/system/common/functions
plan 8

# console COMMAND...: what the machine says goes to $folder/out; the status is the machine's.
console() {
    "$@" </dev/null 2>&1 | tr -d '\r' >"$folder/out"
    tail -n 1 "$folder/out" | grep -q "^status 0$"
}
machine() {
    tools/run --timeout 60 "$@"
    echo "status $?"
}
quiet_about_it() {
    ! grep -q "forged\|^---\|<unmapped>" "$folder/out"
}

console machine --mem 8 --swap 0 "$build/test-debugger_calls.elf"
result $? "a task's debugger calls do nothing"
quiet_about_it
result $? "and print nothing"

conformance() {
    tests/system/conformance.sh only=kdb_calls
    echo "status $?"
}
console conformance
result $? "the conformance tests of the debugger calls"
! grep -q "^# from an ordinary space" "$folder/out" && grep -q "^# from a space with the console" "$folder/out" &&
    grep -q "^# printed by the debugger" "$folder/out"
result $? "the root task prints, another space only where it has been given the console"

# Without a console server the manifest's programs print by the kernel.
printf 'quiet on\nmain hello\n' >"$folder/manifest"
console machine --mem 8 --swap 0 --append ioports=mapped --manifest "$folder/manifest" --file "$build/hello.elf"
grep -q "^Hello from task" "$folder/out"
result $? "a program prints where there is no console server"

# dies NAME TEXT STATUS: with that text in the task server's or the program's line.
dies() {
    printf 'quiet on\n%smain %s\n' "$4" "$1" >"$folder/manifest"
    tools/run --timeout 60 --mem 8 --swap 0 --append ioports=mapped --manifest "$folder/manifest" \
        --file "$build/console.elf" --file "$folder/$1.elf" </dev/null 2>&1 | tr -d '\r' >"$folder/out"
    grep -q "^task [0-9]* ($1): $2" "$folder/out"
    result $? "$5"
}
compile crash.elf <<'END'
int main(void)
{
    *(volatile int *)0x10000000 = 1;
}
END
compile breaks.elf <<'END'
void assertion_failed(const char *file, int line, const char *condition);
int main(void)
{
    assertion_failed("lib/\nforged", 7, "it\033 holds");
}
END
dies crash "cannot write 0x10000000: no region there (ip 0x[0-9a-f]*): task ended$" 139 "" \
    "a crash is told where there is no console server"
dies breaks "lib/?forged:7: assertion failed: it? holds: task ended\." 134 "server console
" "a broken invariant is told by the task server, in one line"
dies crash "cannot write 0x10000000: no region there (ip 0x[0-9a-f]*): task ended$" 139 "server console
" "a crash is told on the console"
