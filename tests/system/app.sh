#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The contract of `make run APP=...` and tools/run: a program made outside the tree runs, its console comes through
# byte for byte, its status is the machine's; what cannot run is told in one line.
. tests/system/common/functions

compile number <<'C'
#include <stdlib.h>
int main(int argc, char **argv) { return argc > 1 ? atoi(argv[1]) : 0; }
C
compile talk <<'C'
#include <stdio.h>
int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        printf("[%s]\n", argv[i]);
    for (int i = 0; i < 2000; i++)
        printf("line %d\n", i);
    for (int c = 0; c < 256; c++)
        putchar(c);
    return fflush(stdout) != 0;
}
C
compile echo <<'C'
#include <stdio.h>
int main(void)
{
    char line[100];
    while (fgets(line, sizeof line, stdin))
        printf("<%s", line);
    return 5;
}
C
compile crash <<'C'
#include <stdlib.h>
#include <assert.h>
int main(int argc, char **argv)
{
    switch (atoi(argv[argc - 1])) {
    case 1: *(volatile int *)0x70000000 = 1; break;
    case 2: __asm__ volatile("ud2"); break;
    case 3: abort();
    case 4: assert(argc == 0);
    case 5: return *(volatile int *)0;
    case 6: return main(argc, argv) + main(argc, argv);
    }
    return 0;
}
C
compile twice <<'C'
#include "pager/pager.h"
static void again(void *address, void *ip, unsigned access, enum error error)
{
    (void)address, (void)ip, (void)access, (void)error;
    *(volatile int *)0x71000000 = 1;
}
int main(void)
{
    pager_set_fault_handler(again);
    return *(volatile int *)0x70000000;
}
C
compile eater <<'C'
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
int main(void)
{
    size_t n = 0;
    char *p;
    while (n < 4096 && (p = malloc(1 << 20)) != NULL)
        memset(p, 1, 1 << 20), n++;
    puts("done");
    return 3;
}
C

# run EXPECTED-STATUS TOOL-WORDS...: output to $folder/stdout and $folder/out.
run() {
    expected=$1
    shift
    tools/run --timeout 120 "$@" >"$folder/stdout" 2>"$folder/out" </dev/null
    seen=$?
    echo "status $seen, should be $expected" >>"$folder/out"
    [ "$seen" -eq "$expected" ]
}

# refused NAME PATTERN FILE [WORDS...]: one clear line, and a status other than 0; nothing hangs.
refused() {
    refused_name=$1
    pattern=$2
    file=$3
    shift 3
    tools/run --timeout 60 "$@" "$file" >"$folder/stdout" 2>&1 </dev/null
    seen=$?
    cp "$folder/stdout" "$folder/out"
    echo "status $seen" >>"$folder/out"
    [ $seen -ne 0 ] && [ $seen -ne 124 ] && [ "$(grep -c . "$folder/stdout")" -eq 1 ] &&
        grep -q "$pattern" "$folder/stdout"
    result $? "$refused_name"
}

# patch NAME OFFSET BYTES: a copy of the status program with bytes (printf escapes) changed.
patch() {
    cp "$folder/number" "$folder/$1"
    # shellcheck disable=SC2059 # the bytes are a format
    printf "$3" | dd of="$folder/$1" bs=1 seek="$2" conv=notrunc 2>/dev/null
}

plan 30
for status in 0 1 42 127 255; do
    run $status "$folder/number" --arguments $status
    result $? "status $status"
done

run 0 "$folder/talk" --arguments "one two 3"
{
    printf '[one]\n[two]\n[3]\n'
    seq -f 'line %.0f' 0 1999
    c=0
    while [ $c -lt 256 ]; do
        # shellcheck disable=SC2059
        printf "\\$(printf %03o $c)"
        c=$((c + 1))
    done
} >"$folder/expected"
check "stdout is the program's, byte for byte" cmp "$folder/expected" "$folder/stdout"

printf 'first\nsecond line\n' | tools/run --timeout 60 "$folder/echo" >"$folder/stdout" 2>"$folder/out"
[ $? -eq 5 ]
result $? "standard input: the program sees its end"
printf '<first\n<second line\n' >"$folder/expected"
check "standard input comes through" cmp "$folder/expected" "$folder/stdout"

run 139 "$folder/crash" --arguments 1
result $? "a bad write: status 139"
cp "$folder/stdout" "$folder/out"
check "the address is told" grep -q "0x70000000" "$folder/stdout"
run 132 "$folder/crash" --arguments 2
result $? "a bad instruction: status 132"
run 134 "$folder/crash" --arguments 3
result $? "abort: status 134"
run 134 "$folder/crash" --arguments 4
result $? "assert: status 134"
run 139 "$folder/crash" --arguments 5
result $? "a null pointer: status 139"
run 139 "$folder/crash" --arguments 6
result $? "stack overflow: status 139"
run 139 "$folder/twice" && grep -q "cannot read 0x70000000: no region there.*cannot write 0x71000000: no region there" \
    "$folder/stdout"
result $? "a fault while a fault is handled: both are told, with address and cause"
# Memory is promised page by page, when it is touched: the task that touches too much gets the error.
run 139 --mem 16 --swap 16 "$folder/eater"
result $? "more than memory and swap: status 139"
cp "$folder/stdout" "$folder/out"
check "the reason is told" grep -q "neither memory nor swap left" "$folder/stdout"

refused "no such program" "No such file" "$folder/missing"
refused "a folder" "." "$folder"
echo "#!/bin/sh" >"$folder/script"
refused "not a program" "not an ELF" "$folder/script"
: >"$folder/empty"
refused "an empty file" "not an ELF" "$folder/empty"
refused "a program of the host" "x86 program\|not linked\|not an ELF" /bin/true
head -c 5000 "$folder/number" >"$folder/short"
refused "a truncated program" "damaged" "$folder/short"
patch entry 24 '\0\0\0\100'
refused "an entry outside" "status: \|entry\|program" "$folder/entry"
patch header 44 '\377\0'
refused "more headers than the file has" "damaged" "$folder/header"
echo 'static volatile char big[1 << 28]; int main(void) { return big[5]; }' | compile huge 2>/dev/null
refused "too large for the address space" "too large" "$folder/huge"
compile large <<'C'
static volatile char big[40 << 20];
int main(void)
{
    for (int i = 0; i < 40 << 20; i += 4096)
        big[i] = 7;
    return big[4096];
}
C
refused "too large for memory and swap" "too large" "$folder/large" --mem 16 --swap 16
run 7 "$folder/large" --mem 16 --swap 64
result $? "the same program with enough swap"
make -s run APP="$folder/number" ARGS=42 >"$folder/stdout" 2>"$folder/out" </dev/null
seen=$?
echo "status $seen" >>"$folder/out"
[ $seen -eq 42 ]
result $? "make run APP= ends with the program's status"
