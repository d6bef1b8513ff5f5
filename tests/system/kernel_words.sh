#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# What a person may get wrong with the kernel's words and the boot modules: each case is said in one clear message.  A word
# without effect lets the boot go on; what the kernel cannot boot ends the machine with status 126, and is no panic.
. tests/system/common/functions

# goes_on WORDS TEXT: the machine boots, and says TEXT.
goes_on() {
    tools/run --append "$1" --timeout 60 "$build/hello.elf" >"$folder/out" 2>&1 </dev/null
    status=$?
    [ $status -eq 0 ] && grep -q "^kernel: $2" "$folder/out" && grep -q "^Hello from task" "$folder/out"
    result $? "the word ${3:-$1}"
}

# said NAME TEXT STATUS: what $folder/console has is TEXT and an advice behind it, and the status was 126.
said() {
    tr -d '\r' <"$folder/console" >"$folder/out"
    [ "$3" -eq 126 ] && grep -q "^Pilotfish cannot boot: .*$2" "$folder/out" && ! grep -q panic "$folder/out" &&
        grep -A 1 "^Pilotfish cannot boot" "$folder/out" | tail -n 1 | grep -q "^[A-Z].*\.$"
    result $? "$1"
}

# refuses NAME TEXT OPTIONS...: tools/run with these options.
refuses() {
    name=$1 text=$2
    shift 2
    tools/run --timeout 60 "$@" >"$folder/console" 2>&1 </dev/null
    said "$name" "$text" $?
}

# refuses_bare NAME TEXT MIB MODULES: a machine with these boot modules, which tools/run would not start.
refuses_bare() {
    qemu-system-i386 -M pc -accel tcg -m "$3" -display none -monitor none -nic none -serial stdio -no-reboot \
        -device isa-debug-exit,iobase=0xf4,iosize=4 -kernel "$build/kernel.elf" ${4:+-initrd "$4"} \
        >"$folder/console" 2>&1 </dev/null
    said "$1" "$2" $(($? / 2))
}

# patched NAME OFFSET BYTES: the root task's program with other bytes at an offset, as $folder/NAME.
patched() {
    cp "$build/plain_paths.elf" "$folder/$1"
    # shellcheck disable=SC2059 # the bytes are escapes
    printf "$3" | dd of="$folder/$1" bs=1 seek="$2" conv=notrunc 2>/dev/null
}

# root_refused NAME TEXT FILE: as root task beside the tests' sigma0.
root_refused() {
    refuses "$1" "boot module 2 (.*) should be the root task; .*$2" --servers "$build/sigma0-minimal.elf" "$3"
}

plan 34
goes_on qiet "qiet: no such word; it is ignored\.  The words are quiet kdb "
goes_on "quiet trace=1" "trace=1: no such word"
goes_on ioports=open "ioports=open: the only value is mapped"
goes_on ktest "ktest: this kernel is built without tests"
for value in abc 12x 0 100 65536 4294967296 99999999999999999999 ""; do
    goes_on "kmem=$value" "kmem=$value: wanted is a number of KiB from 324 to 32704 on this machine; the default, 2044, is taken"
done
long=$(printf '%01100d' 0)
goes_on "quiet $long" "of the command line only the first 1023 bytes are read" "of 1100 letters"
tools/run --append "kmem=32704" --timeout 60 "$build/hello.elf" >"$folder/out" 2>&1 </dev/null
status=$?
[ $status -eq 0 ] && ! grep -q "^kernel:" "$folder/out" && grep -q "kernel pool 32704 KiB" "$folder/out"
result $? "the largest kmem= that is allowed"

# The least kmem= that a machine says it can do with is enough to boot it.
for machine in "486 900" "pentium3 900" "486 4" "pentium3 4"; do
    # shellcheck disable=SC2086 # words on purpose
    set -- $machine
    least=$(tools/run --cpu "$1" --mem "$2" --append "kmem=1" --timeout 60 "$build/hello.elf" 2>&1 </dev/null |
        sed -n 's/.*KiB from \([0-9]*\) to.*/\1/p')
    tools/run --cpu "$1" --mem "$2" --append "trace kmem=$least" --timeout 60 "$build/hello.elf" >"$folder/out" 2>&1 </dev/null
    grep -q "^Hello from task" "$folder/out"
    result $? "$1, $2 MiB: kmem=$least boots"
done

refuses "the servers in the wrong order" "boot module 1 (task.elf) should be sigma0; it is the other one of the two" \
    --servers "$build/task.elf" "$build/physmem.elf"
cp "$build/physmem.elf" "$folder/again.elf"
refuses "sigma0 as root task" "boot module 2 (again.elf) should be the root task; it is the other one of the two" \
    --servers "$build/physmem.elf" "$folder/again.elf"
echo text >"$folder/text"
refuses "a text as sigma0" "boot module 1 (text) should be sigma0; it is not an ELF file" --servers "$folder/text" "$build/task.elf"
: >"$folder/empty"
root_refused "an empty file" "it is not an ELF file" "$folder/empty"
patched machine 18 '\076'
root_refused "a program for another machine" "an ELF file for another machine than IA-32" "$folder/machine"
patched shared 16 '\003'
root_refused "a shared object" "not an executable that is linked for fixed addresses" "$folder/shared"
head -c 3000 "$build/plain_paths.elf" >"$folder/short"
root_refused "a file that has been cut" "damaged, or the file has been cut short" "$folder/short"
patched none 44 '\000\000\000\000\000\000\000\000' # no sections either, from which strip would make segments
root_refused "no segments" "no segment that could be loaded" "$folder/none"
patched entry 24 '\000\000\000\001'
root_refused "an entry point outside" "its entry point 0x1000000 lies in none" "$folder/entry"
# The physical address of the first segment is 12 bytes into the first program header, which is at 52.
patched kernel 64 '\000\000\020\000'
root_refused "on the kernel" "lies where the kernel is" "$folder/kernel"
patched sigma0 64 '\000\000\002\000'
root_refused "on sigma0" "lies where sigma0 is" "$folder/sigma0"
patched hole 64 '\000\000\012\000'
root_refused "where there is no RAM" "lies where the machine has no memory" "$folder/hole"
patched high 64 '\000\000\000\360'
refuses_bare "beyond memory" "memory below the boot modules ends at [0-9]* KiB, and the program needs it up to [0-9]* KiB" \
    64 "$build/sigma0-minimal.elf,$folder/high"

# files COUNT BYTES: as many --file options for files of that size.
files() {
    number=0
    mkdir -p "$folder/files"
    while [ $number -lt "$1" ]; do
        number=$((number + 1))
        head -c "$2" /dev/zero >"$folder/files/f$number"
        echo "--file $folder/files/f$number"
    done
}

# shellcheck disable=SC2046 # words on purpose
tools/run --timeout 60 $(files 1000 5) "$build/hello.elf" >"$folder/out" 2>&1 </dev/null
status=$?
[ $status -eq 0 ] && grep -q "^Hello from task" "$folder/out"
result $? "a thousand files"
modules=$(find "$folder/files" -type f | tr '\n' ,)
refuses_bare "more files than fit" "the boot modules take [0-9]* KiB, and this machine has [0-9]* KiB for them" \
    4 "$build/physmem.elf,$build/task.elf,${modules%,}"
refuses_bare "no boot modules" "there are 0 boot modules" 16 ""
