#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# 32-bit programs run on every machine, by themselves or by QEMU, and what they end with gets through.
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
count=0
result() {
    count=$((count + 1))
    if [ "$1" = 0 ]; then
        echo "ok $count - $2"
    else
        sed 's/^/# /' "$folder/out"
        echo "not ok $count - $2"
    fi
}
# gives STATUS TEXT NAME: the last command ended with that status and said that.
gives() {
    [ "$status" = "$1" ] && grep -q "$2" "$folder/out"
    result $? "$3"
}

# ---- this machine, with a real program, built as unit tests are ----------------------------------
lib=/usr/i686-linux-gnu/lib
cat >"$folder/program.c" <<'END'
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    char *block = calloc(4, 1);
    const char *what = argc > 1 ? argv[1] : "";

    if (!strcmp(what, "words"))
        printf("%d bits, %s|%s|\n", (int)sizeof(void *) * 8, argv[2], argv[3]);
    if (!strcmp(what, "pid"))
        printf("pid %d\n", (int)getpid());
    fflush(stdout);
    if (!strcmp(what, "signal"))
        raise(SIGTERM);
    if (!strcmp(what, "overrun"))
        block[argc + 2] = 1;
    if (!strcmp(what, "leak"))
        block = NULL;
    free(block);
    return 7;
}
END
i686-linux-gnu-gcc -O1 -w -fsanitize=address,undefined -static-libasan -static-libubsan \
    -Wl,--dynamic-linker=$lib/ld-linux.so.2 -Wl,-rpath=$lib -o "$folder/program" "$folder/program.c"
real() {
    python3 tools/own_time.py 60 tools/host32 "$folder/program" "$@" >"$folder/out" 2>&1
    status=$?
}

echo "KTAP version 1"
echo "1..11"
real words "a b" ""
gives 7 "^32 bits, a b||$" "a program gets its words, and its status gets through"
real overrun
gives 1 "heap-buffer-overflow" "the address sanitizer sees"
real leak
[ $status = 7 ] || grep -q "LeakSanitizer" "$folder/out"
result $? "a program that leaks ends"
tools/host32 "$folder/program" signal >"$folder/out" 2>&1
status=$?
gives 143 "" "so does the signal it ends by"
tools/host32 "$folder/program" pid >"$folder/out" 2>&1 &
child=$!
wait $child
status=$?
gives 7 "^pid $child$" "it has the process that was started"

# ---- the two sorts of machines, pretended: `chmod` makes the probe what it would be --------------
mkdir "$folder/native" "$folder/other" "$folder/bare"
for machine in native other bare; do
    for tool in cat mktemp rm sh; do ln -s "$(command -v $tool)" "$folder/$machine/$tool"; done
done
# shellcheck disable=SC2016 # for the script
printf '#!/bin/sh\nprintf "#!/bin/sh\\nexit 32\\n" >"$2"\n/bin/chmod "$@"\n' >"$folder/native/chmod"
printf '#!/bin/sh\n' >"$folder/other/chmod"
cp "$folder/other/chmod" "$folder/bare/chmod"
# shellcheck disable=SC2016 # for the script
printf '#!/bin/sh\necho "qemu: $# words, $ASAN_OPTIONS"\nexit 5\n' >"$folder/other/qemu-i386"
# shellcheck disable=SC2016 # for the script
printf '#!/bin/sh\necho "itself: $# words, $ASAN_OPTIONS"\nexit 6\n' >"$folder/itself"
chmod +x "$folder"/*/chmod "$folder/other/qemu-i386" "$folder/itself"
on() {
    machine=$1
    shift
    PATH=$folder/$machine ASAN_OPTIONS=one=1 /bin/sh tools/host32 "$@" >"$folder/out" 2>&1
    status=$?
}
on native "$folder/itself" "a b"
gives 6 "^itself: 1 words, one=1$" "a machine that can runs it itself"
on other "$folder/itself" "a b"
gives 5 "^qemu: 4 words, one=1:detect_leaks=0$" "one that cannot, by QEMU, without a look for leaks"
on bare "$folder/itself"
gives 126 "^host32: .*no qemu-i386 to run $folder/itself: install" "one without QEMU says what to install"
on native --native
[ $status = 0 ] && [ ! -s "$folder/out" ]
result $? "one that can says so"
on bare --native
[ $status = 1 ] && [ ! -s "$folder/out" ]
result $? "one that cannot says so"
on native
gives 2 "which program" "no program is a mistake"
