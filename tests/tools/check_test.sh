#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The tree's own checks find what they are for: a small tree passes, and fails as soon as one rule
# is broken.
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mkdir -p "$folder/tools" "$folder/servers/physmem/ground" "$folder/servers/physmem/room"
cp tools/check tools/references.py tools/figures.py tools/mutants tools/own_time.py "$folder/tools/"
cd "$folder" || exit 1
git init -q .
count=0
result() {
    count=$((count + 1))
    if [ "$1" = 0 ]; then echo "ok $count - $2"; else echo "not ok $count - $2"; fi
}
# passes CHECK NAME;  fails CHECK PATTERN NAME: the check says no, with a comment line that matches
passes() {
    tools/check "$1" >out 2>&1
    result $? "$2"
}
fails() {
    ! tools/check "$1" >out 2>&1 && grep -q "^# .*$2" out
    result $? "$3"
}
# put FILE INCLUDE...
put() {
    file=servers/physmem/$1
    shift
    : >"$file"
    for name in "$@"; do echo "#include \"$name\"" >>"$file"; done
}

put ground/low.h
put ground/low.c ground/low.h
put room/high.h ground/low.h
put room/high.c room/high.h
put main.c room/high.h ground/low.h
passes storeys "storeys: includes that point down"
passes circles "circles: none"
put ground/low.c ground/low.h room/high.h
fails storeys "room/high.h, which stands above" "storeys: an arrow up"
fails circles "ground/low -> servers/physmem/room/high -> servers/physmem/ground/low" "circles: two files, through a header"
put ground/low.c low.h
fails storeys "low.h without its folder" "storeys: an include that does not name its storey"
mkdir servers/physmem/attic
put ground/low.c ground/low.h
put attic/old.c ground/low.h
fails storeys "attic/ is no storey" "storeys: a folder that nobody placed"
rm -r servers/physmem/attic
put room/a.h room/b.h
put room/b.h room/c.h
put room/c.h room/a.h
passes storeys "storeys: a circle within a storey is no arrow up"
fails circles "room/a -> .*room/b -> .*room/c -> .*room/a" "circles: three headers"
# What physmem and segmap have been built from, if that were so: an object each.
mkdir -p build/obj/app/servers/segmap
object() { printf 'int %s(void);\nint %s(void)\n{\n    return 0;\n}\n' "$1" "$1" | i686-linux-gnu-gcc -x c -c -o "$2" -; }
object tree_find build/obj/app/servers/segmap/tree.o
object main build/physmem.elf
put main.c room/high.h
echo '    tag = L4_Ipc(to, L4_anythread, L4_Timeouts(L4_ZeroTime, t()), tag, &from);' >>servers/physmem/main.c
passes swapper "B5: physmem replies, and has nothing of segmap in it"
echo '    tag = L4_Call(segmap, tag);' >servers/physmem/room/ask.c
fails swapper "it may wait here: L4_Call(segmap, tag)" "B5: physmem calls somebody"
rm servers/physmem/room/ask.c
echo '    tag = L4_Ipc(segmap, segmap, L4_Timeouts(L4_Never, L4_Never), tag, &from);' >>servers/physmem/main.c
fails swapper "it may wait here: L4_Ipc(segmap, segmap" "B5: its loop waits for one"
put main.c room/high.h
object tree_find build/physmem.elf
fails swapper "tree_find of segmap is in physmem" "B5: the tree is in physmem"
mkdir -p tests/mutants
mutant() {
    printf 'mutant %s: what it breaks\nin low.c\n- %s\n+ %s\ntest unit low all\n' "$@" >>tests/mutants/a.list
}
printf 'int low(void)\n{\n    return  1;\n}\n' >servers/physmem/ground/low.c
mutant other_number "return 1;" "return 2;"
passes mutants "mutants: a text that is there, with other blanks"
mutant gone "return 3;" "return 4;"
fails mutants "gone: in low.c, found 0 times: return 3;" "mutants: a text that has gone"
echo "1..$count"
