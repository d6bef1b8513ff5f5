#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# With ioports=mapped a program cannot stop the machine: whatever wants ports or privilege is ended,
# the others go on.
. tests/system/common/functions

cat >"$folder/hostile.c" <<'C'
#include <stdlib.h>
#include <string.h>
#define OUT(port, value) __asm__ volatile("outb %b0, %w1" : : "a"(value), "Nd"(port))
int main(int argc, char **argv)
{
    const char *deed = argc > 1 ? argv[1] : "";
    static char bytes[64];
    void *to = bytes;
    if (strcmp(deed, "cli") == 0) {
        __asm__ volatile("cli");
    } else if (strcmp(deed, "hlt") == 0) {
        __asm__ volatile("cli; hlt");
    } else if (strcmp(deed, "halt") == 0) {
        __asm__ volatile("hlt");
    } else if (strcmp(deed, "sti") == 0) {
        __asm__ volatile("sti");
    } else if (strcmp(deed, "popf") == 0) {
        __asm__ volatile("pushl $0; popfl; 1: jmp 1b");
    } else if (strcmp(deed, "ins") == 0) {
        __asm__ volatile("rep insw" : "+D"(to) : "c"(8), "d"(0x1f0) : "memory");
    } else if (strcmp(deed, "pci") == 0) {
        __asm__ volatile("outl %0, %w1" : : "a"(0x80000000), "Nd"(0xcf8));
    } else {
        OUT(strtoul(deed, NULL, 0), argc > 2 ? strtoul(argv[2], NULL, 0) : 0);
    }
    return 0;
}
C
tools/pilotfish-cc -Wall -o "$folder/hostile" "$folder/hostile.c" || exit 1
tools/pilotfish-cc -Wall --no-pager -o "$folder/bare" "$folder/hostile.c" || exit 1
compile watch <<'C'
#include <stdio.h>
#include <unistd.h>
#include "client/task.h"
int main(void)
{
    struct task_info info;
    sleep(1);
    for (L4_Word_t id = 0; task_info(id, &info) == OK; id = info.task + 1)
        printf("%s %s\n", info.name, info.state == TASK_RUNNING ? "runs" : "has ended");
    printf("the machine goes on\n");
    return 7;
}
C

# Each line a task: reset by keyboard controller, port 0x92 and PCI; masked timer; stopped timer;
# QEMU's exit; the disk.
cat >"$folder/deeds" <<'DEEDS'
cli
sti
hlt
halt
pci
ins
0x64 0xfe
0x92 1
0xcf9 6
0x21 0xff
0x43 0x30
0xf4 1
0x1f7 0x20
0x3f9 0
DEEDS
count=$(wc -l <"$folder/deeds")

# boot APPEND DEEDS-FILE: all deeds, with and without a pager, beside a program that watches.
boot() {
    {
        echo "driver ata"
        echo "server console raw"
        sed 's/^/start hostile /' "$2"
        sed 's/^/start bare /' "$2"
        echo "start hostile popf"
        echo "main watch"
    } >"$folder/manifest"
    tools/run --mem 16 --timeout 60 --append "$1" --manifest "$folder/manifest" --file build/ata.elf \
        --file build/console.elf --file "$folder/hostile" --file "$folder/bare" --file "$folder/watch" \
        >"$folder/out" 2>&1 </dev/null
}

lines() { # lines COUNT PATTERN
    [ "$(grep -ac "$2" "$folder/out")" -eq "$1" ]
}

plan 5
boot ioports=mapped "$folder/deeds"
status=$?
[ $status -eq 7 ] && grep -aq 'the machine goes on' "$folder/out"
result $? "the watcher ends the machine, after a second with hostile tasks"
lines "$count" '^task [0-9]* (hostile): general protection (exception 13,' && ! grep -aq '^bare runs' "$folder/out"
result $? "every one of them is ended, by its pager's default"
lines "$count" '^task [0-9]* (bare): .*task ended'
result $? "and where there is no pager, by the task server"
lines 1 '^hostile runs'
result $? "one that clears the interrupt flag by popf just goes on"
echo "0xf4 1" >"$folder/one"
boot "" "$folder/one"
status=$?
! grep -aq 'the machine goes on' "$folder/out" && [ $status -ne 7 ]
result $? "without ioports=mapped any of them stops the machine"
