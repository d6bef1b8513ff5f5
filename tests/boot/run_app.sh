#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# `make run APP=...` and tools/pilotfish-cc as somebody else's script would use them.
tree=$PWD
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
count=0

# expect NAME STATUS OUTPUT COMMAND...: the command, with input from $folder/input, ends and prints
# so.
expect() {
    count=$((count + 1))
    name=$1 status=$2 output=$3
    shift 3
    seen=$("$@" <"$folder/input" 2>"$folder/errors")
    code=$?
    if [ $code = "$status" ] && [ "$seen" = "$output" ]; then
        echo "ok $count - $name"
    else
        printf 'status %s, output:\n%s\nerrors:\n' "$code" "$seen" | sed 's/^/# /'
        sed 's/^/# /' "$folder/errors"
        echo "not ok $count - $name"
    fi
}
# One line of complaint, of tools/run, and nothing else.
complains() {
    count=$((count + 1))
    if [ "$(wc -l <"$folder/errors")" = 1 ] && grep -q "^run: .*$2" "$folder/errors"; then
        echo "ok $count - $1"
    else
        sed 's/^/# /' "$folder/errors"
        echo "not ok $count - $1"
    fi
}
run() {
    make -s -C "$tree" run TIMEOUT=100 "$@"
}

# What is typed wrong: status 2 and one line that begins so, and that is all.
mistyped() {
    expect "$1" 2 "" run APP="$folder/prog" "$1"
    complains "says so in the same words" "$2"
}

echo "KTAP version 1"
echo "1..45"
: >"$folder/input"
cat >"$folder/prog.c" <<'EOF'
#include <stdio.h>
#include <stdlib.h>
int main(int argc, char **argv)
{
    char line[100];
    for (int i = 1; i < argc; i++)
        printf("%s\n", argv[i]);
    while (fgets(line, sizeof line, stdin))
        printf("read %s", line);
    return argc > 1 ? atoi(argv[1]) : 0;
}
EOF
ln -s "$tree/tools/pilotfish-cc" "$folder/cc"
cd "$folder" || exit 1
expect "compiles and links outside the tree" 0 "" ./cc -Wall -Werror -O2 -o prog prog.c -lm
expect "compiles without a pager thread" 0 "" ./cc --no-pager -o simple prog.c
expect "stops behind the compiler" 0 "" ./cc -c -o prog.o prog.c
expect "links objects" 0 "" ./cc -o linked prog.o
expect "an error in the source is an error" 1 "" ./cc -c -o x.o -DINT=int -Dmain="int 3" prog.c
expect "status 0, empty output" 0 "" run APP="$folder/prog"
expect "status 255" 255 "255" run APP="$folder/prog" ARGS=255
expect "status 200 by itself, through make" 200 "200
a b
c" run APP="$folder/prog" ARGS='200 "a b" c' MEM=16 SWAP=16
printf 'one\ntwo\n' >"$folder/input"
expect "standard input" 3 "3
read one
read two" run APP="$folder/prog" ARGS=3
: >"$folder/input"
expect "no pager thread" 7 "7" run APP="$folder/simple" ARGS=7 SWAP=0
echo 'print("lua", 6 * 7) os.exit(5)' >"$folder/script.lua"
expect "a file as boot module" 5 "lua	42" run APP="$tree/$BUILD/lua.elf" ARGS=script.lua FILES="$folder/script.lua"
expect "a program that is not there" 2 "" run APP="$folder/nothing"
complains "says so in a line" "No such file"
expect "a file that is no program" 2 "" run APP="$folder/prog.c"
complains "says so in a line" "not an ELF"
head -c 20000 prog >cut.elf
expect "a program cut off" 2 "" run APP="$folder/cut.elf"
complains "says so in a line" "damaged"
echo 'static volatile char big[180 << 20]; int main(void) { return big[1]; }' >big.c
./cc -o big big.c
expect "a program too large" 2 "" run APP="$folder/big" MEM=16 SWAP=64
complains "says so in a line" "too large"
for word in 0 abc 4096 -1 1.5 ''; do
    mistyped "MEM=$word" "MEM=$word: .*; MEM takes a number of MiB from 1 to 3584$"
done
mistyped SWAP=none "SWAP=none: not a whole number; SWAP takes a number of MiB from 0 to"
mistyped TIMEOUT=soon "TIMEOUT=soon: TIMEOUT takes a number of seconds"
mistyped ARGS="it's" "ARGS: a single quote"
mistyped FILES='"' "FILES: a double quote"
mistyped MEM=2 "too large: .*; MEM=[34] would do"
expect "APP with nothing" 2 "" run APP=
complains "says so in a line" "APP= names no program; for example: make run APP="
expect "files without a program" 2 "" make -s -C "$tree" run FILES=x
complains "says so in a line" "FILES= and ARGS= are a program's"
