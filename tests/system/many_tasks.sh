#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# No table bounds what there can be: a thousand tasks and four thousand threads on 64 MiB, and two
# hundred boot modules.  And what there is gets on, though all wake at once where few have room.
. tests/system/common/functions

plan 3

tools/run --mem 64 --swap 128 --timeout 180 --arguments "1000 4 apart" "$build/bench-idle.elf" \
    >"$folder/out" 2>&1 </dev/null
status=$?
[ $status -eq 0 ] && grep -q "^1000 tasks are right" "$folder/out"
result $? "1000 tasks with 4 threads each"

tools/run --mem 8 --swap 64 --timeout 120 --arguments 300 "$build/bench-idle.elf" \
    >"$folder/out" 2>&1 </dev/null
status=$?
[ $status -eq 0 ] && grep -q "^300 tasks are right" "$folder/out"
result $? "300 tasks awake together on 8 MiB"

compile last_file <<'END'
#include <stdio.h>

int main(void)
{
    char line[16] = "";
    FILE *file = fopen("file200", "r");
    if (file != NULL) {
        (void)fgets(line, sizeof line, file);
    }
    printf("it says: %s\n", line);
    return 0;
}
END
printf 'quiet on\nserver console raw\nmain last_file\n' >"$folder/manifest"
set --
for number in $(seq 200); do
    echo "I am $number" >"$folder/file$number"
    set -- "$@" --file "$folder/file$number"
done
tools/run --mem 32 --swap 0 --timeout 60 --manifest "$folder/manifest" --file "$build/console.elf" \
    --file "$folder/last_file" "$@" >"$folder/out" 2>&1 </dev/null
status=$?
[ $status -eq 0 ] && grep -q "^it says: I am 200" "$folder/out"
result $? "a file in the last of 200 boot modules"
