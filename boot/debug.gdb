# SPDX-License-Identifier: BSD-2-Clause
# make debug: QEMU under gdb, halted before the first instruction.  The demo's console goes to build/debug.txt;
# DEBUG="tools/run --gdb ..." in the environment debugs something else.
set architecture i386
file build/kernel.elf
add-symbol-file build/physmem.elf
add-symbol-file build/task.elf
# Other programs are all linked at 0x20000, as physmem is: add-symbol-file build/<program>.elf when its task runs.
source tools/pilotfish-gdb.py
python
import os
gdb.execute("target remote | " + os.environ.get("DEBUG", "tools/run --gdb --mem 16 --demo"))
end
echo Halted at reset; the serial console goes to build/debug.txt.  Try: break kernel_main, continue, l4 threads\n
