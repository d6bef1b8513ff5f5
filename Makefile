# SPDX-License-Identifier: BSD-2-Clause
# Builds Pilotfish, runs it and tests it.  `make help` lists what can be asked.
#
# Everything made lies under build/.  Sources are found by wildcard: a new file in a folder below is
# part of the program that the folder makes.

BUILD := build
GOALS := $(or $(MAKECMDGOALS),all)
MAKEFLAGS += -rR --no-print-directory
.DELETE_ON_ERROR:
.SECONDARY:

# ---- what must be installed (says so and installs it; silent when all is there) ----------------------
DEPS := $(if $(filter-out clean help doctor,$(GOALS)),build) $(filter test check debug,$(GOALS)) \
	$(if $(filter tested mutants soak fuzz-host,$(GOALS)),test)
ifneq ($(strip $(DEPS)),)
ifneq ($(shell tools/install-deps $(DEPS) >&2 && echo ok),ok)
$(error tools are missing, see above)
endif
endif

# ---- tools and flags ---------------------------------------------------------------------------------
CROSS := i686-linux-gnu-
CC := $(CROSS)gcc
AR := $(CROSS)ar
HOSTCC := gcc

WARN := -Wall -Wextra -Werror -Wshadow -Wconversion -Wundef -Wvla -Wmissing-prototypes -Wstrict-prototypes \
	-Wimplicit-fallthrough=5
MACHINE := -march=i486 -mtune=generic -fno-pic -no-pie -fno-stack-protector -fcf-protection=none \
	-fno-asynchronous-unwind-tables -ffunction-sections -fdata-sections -fno-common \
	-U__linux__ -U__linux -Ulinux -U__gnu_linux__ -U__unix__ -U__unix -Uunix
CFLAGS := -std=gnu11 -O2 -g $(MACHINE) -ffreestanding $(WARN)
# -nostdinc: the cross compiler would otherwise find the C library headers of its own system.
INCLUDE = -nostdinc -Ilib -isystem $(shell $(CC) -print-file-name=include)
LDFLAGS := -nostdlib -static -no-pie -Wl,--build-id=none -Wl,-z,noexecstack -Wl,-z,max-page-size=4096 \
	-Wl,--gc-sections -Wl,--fatal-warnings

say = @printf '  %-5s %s\n' $(1) $@ >&2
files = $(sort $(wildcard $(foreach dir,$(1),$(dir)/*.c $(dir)/*.S)))
objects = $(patsubst %,$(BUILD)/obj/%.o,$(basename $(1)))

# ---- the parts ---------------------------------------------------------------------------------------
KERNEL_SRC := $(sort $(shell find kernel -name '*.[cS]'))
KTEST_SRC := $(KERNEL_SRC) $(call files,tests/kernel lib/ktap)
BASE_SRC := $(call files,lib/base)
PHYSMEM_SRC := $(sort $(shell find servers/physmem -name '*.[cS]')) $(call files,lib/base lib/l4)
TASK_SRC := $(call files,servers/task lib/base lib/l4 lib/client lib/loader)
LIB_SRC := $(filter-out lib/newlib/crt0.S,$(call files,lib/base lib/l4 lib/client lib/pager lib/loader lib/newlib lib/ktap))

# Programs: a folder each under apps/ and tests/programs/, the console, the drivers and tests/mechanism; and a file
# each in tests/programs/ (test-NAME.elf), tests/perf/ (bench-NAME.elf) and tests/mechanism/children/ (child_NAME.elf).
NO_PAGER := hello console ata segmap child_simple raw_disk
DIRS := $(patsubst %/,%,$(sort $(dir $(wildcard apps/*/*.c tests/programs/*/*.c tests/hostile/*.c servers/console/*.c servers/segmap/*.c servers/drivers/*/*.c tests/mechanism/*.c))))
DIRS := $(filter-out apps/lua,$(DIRS))
PROGRAMS := $(foreach dir,$(DIRS),$(BUILD)/$(notdir $(dir)).elf) \
	$(patsubst tests/programs/%.c,$(BUILD)/test-%.elf,$(wildcard tests/programs/*.c)) \
	$(patsubst tests/perf/%.c,$(BUILD)/bench-%.elf,$(wildcard tests/perf/*.c)) \
	$(patsubst tests/mechanism/children/%.c,$(BUILD)/child_%.elf,$(wildcard tests/mechanism/children/*.c)) \
	$(BUILD)/raw_disk.elf
UNIT_TESTS := $(patsubst tests/unit/%.c,$(BUILD)/unit/%,$(wildcard tests/unit/*_test.c))

# A part whose sources are not there yet is left out.
NEWLIB := $(BUILD)/newlib/i686-pilotfish
CRT0 := $(patsubst lib/newlib/crt0.S,$(BUILD)/crt0.o,$(wildcard lib/newlib/crt0.S))
KERNELS := $(if $(wildcard linker.ld),$(BUILD)/kernel.elf $(BUILD)/kernel-ktest.elf $(BUILD)/kernel-irqoff.elf)
SERVERS := $(if $(wildcard servers/physmem/*.c),$(BUILD)/physmem.elf) $(if $(wildcard servers/task/*.c),$(BUILD)/task.elf)
PERF_KERNEL := $(BUILD)/perf-kernel.elf
PERF_PHYSMEM := $(BUILD)/physmem-measured.elf
LIBRARY := $(BUILD)/libpilotfish.a
LUA := $(if $(CRT0),$(BUILD)/lua.elf)
# Initial servers for the kernel alone: a sigma0 for tests, the conformance tests as root task.
ROOTS := $(BUILD)/sigma0-minimal.elf $(BUILD)/ipc_paths.elf $(BUILD)/plain_paths.elf $(BUILD)/read_key.elf $(BUILD)/kernel_memory.elf $(BUILD)/long_calls.elf $(if $(wildcard tests/conformance/main.c),$(BUILD)/conformance.elf) \
	$(BUILD)/fuzz.elf
HOST_TOOLS := $(BUILD)/tools/mkswap $(BUILD)/tools/elf-check
BOOTABLE := $(KERNELS) $(SERVERS) $(PERF_KERNEL) $(PERF_PHYSMEM) $(ROOTS) $(if $(CRT0),$(PROGRAMS)) $(LUA) $(HOST_TOOLS)

all: $(BOOTABLE) $(LIBRARY) $(CRT0)

# ---- compiling ---------------------------------------------------------------------------------------
$(BUILD)/obj/kernel/%.o: INCLUDE += -Ikernel -Ikernel/ia32
# The kernel is optimised as a whole (but for what runs before paging, which must stay by itself).
# Its image is never paged: no padding in front of loops and jumps.
KERNEL_FLAGS = -mgeneral-regs-only -fno-align-loops -fno-align-jumps $(if $(findstring kickstart,$@),,-flto=auto)
$(BUILD)/obj/kernel/%.o: CFLAGS += $(KERNEL_FLAGS)
# The debugger need not be fast, nor what is seldom called.
$(BUILD)/obj/kernel/kdb/%.o: CFLAGS += -Os
SELDOM := kernel/main kernel/boot_words kernel/ia32/cpu kernel/ia32/protection kernel/ia32/port_map \
	kernel/ia32/emergency kernel/l4/strip kernel/l4/space_control kernel/l4/ipc_suspend kernel/l4/io_ports \
	kernel/l4/memory_control kernel/l4/memory_type kernel/l4/exchange_registers kernel/l4/schedule_control \
	kernel/l4/superpage kernel/l4/mapping_index kernel/l4/mapping_walk kernel/l4/ipc_propagation \
	kernel/l4/ipc_check kernel/l4/ipc_abort kernel/l4/long_call kernel/l4/interrupt_ipc kernel/l4/space \
	kernel/l4/timer kernel/l4/reaper
$(SELDOM:%=$(BUILD)/obj/%.o): CFLAGS += -Os
$(BUILD)/obj-ktest/%.o: INCLUDE += -Ikernel -Ikernel/ia32 -Itests/kernel
$(BUILD)/obj-ktest/%.o: CFLAGS += $(KERNEL_FLAGS) -DKTEST
$(BUILD)/obj/servers/physmem/%.o: INCLUDE += -Iservers/physmem -isystem $(NEWLIB)/include
# So is physmem: a fault goes through every storey, and their calls would cost more than their work.
PHYSMEM_FLAGS := -fno-align-loops -fno-align-jumps -fno-align-functions -flto=auto
$(BUILD)/obj/servers/physmem/%.o: CFLAGS += $(PHYSMEM_FLAGS)
# What a fault comes through is fast; all else is small, since all of it stays in memory.
PHYSMEM_FAST := main mem platform_l4 $(addprefix calls/,dispatch fault_calls) \
	$(addprefix contents/,checksum container finder page shared unmap) $(addprefix ground/,budget clock progress) \
	$(addprefix policy/,may_go policy_clock shield) $(addprefix room/,contract frame slab table_frame) \
	$(addprefix serving/,event fault provide rounds) $(addprefix tasks/,recency)
PHYSMEM_SMALL := $(filter-out $(PHYSMEM_FAST:%=servers/physmem/%.c),$(wildcard servers/physmem/*.c servers/physmem/*/*.c))
$(PHYSMEM_SMALL:%.c=$(BUILD)/obj/%.o): CFLAGS += -Os
$(BUILD)/obj/tests/perf/physmem/%.o: INCLUDE += -Iservers/physmem
$(BUILD)/physmem.elf $(PERF_PHYSMEM): LDFLAGS += -O2 $(MACHINE) $(PHYSMEM_FLAGS)
# Their files need not be mapped, so nothing in them is aligned: GRUB has hardly room for them on 3 MiB.
$(BUILD)/physmem.elf $(PERF_PHYSMEM) $(BUILD)/task.elf: LDFLAGS += -Wl,--nmagic
$(call objects,$(PHYSMEM_SRC)): | $(BUILD)/newlib/done
$(BUILD)/obj/servers/task/%.o: INCLUDE += -Iservers/task
# What can start the swap driver again stays in memory, as the driver does: size matters more there.
$(BUILD)/obj/servers/task/%.o $(BUILD)/obj/lib/loader/%.o: CFLAGS += -Os
$(BUILD)/obj/app/servers/drivers/%.o: APP_FLAGS := -Os
$(BUILD)/obj/lib/newlib/%.o: CFLAGS += -D__pilotfish__=1
$(BUILD)/obj/lib/newlib/%.o: INCLUDE = -nostdinc -Ilib -isystem lib/newlib/include -isystem $(NEWLIB)/include \
	-isystem $(shell $(CC) -print-file-name=include)
$(call objects,$(call files,lib/newlib)): | $(BUILD)/newlib/done

define compile
@mkdir -p $(@D)
$(call say,$(1))
@$(CC) $(INCLUDE) $(CFLAGS) -MMD -MP -c -o $@ $<
endef

$(BUILD)/obj/%.o: %.c Makefile
	$(call compile,CC)
$(BUILD)/obj/%.o: %.S Makefile
	$(call compile,AS)
$(BUILD)/obj-ktest/%.o: %.c Makefile
	$(call compile,CC)
$(BUILD)/obj-ktest/%.o: %.S Makefile
	$(call compile,AS)
$(BUILD)/obj-irqoff/%.o: INCLUDE += -Ikernel -Ikernel/ia32
$(BUILD)/obj-irqoff/%.o: CFLAGS += $(KERNEL_FLAGS)
$(BUILD)/obj-irqoff/kernel/ia32/entry.o: CFLAGS += -Dvector_handlers=irqoff_handlers
$(BUILD)/obj-irqoff/kernel/ia32/thread_regs.o: CFLAGS += -Darch_interrupt_window=irqoff_plain_window
$(BUILD)/obj-irqoff/%.o: %.c Makefile
	$(call compile,CC)
$(BUILD)/obj-irqoff/%.o: %.S Makefile
	$(call compile,AS)
$(BUILD)/crt0.o: lib/newlib/crt0.S Makefile
	$(call compile,AS)

# ---- kernel, servers, library ------------------------------------------------------------------------
KTEST_OBJ := $(patsubst %,$(BUILD)/obj-ktest/%.o,$(basename $(KTEST_SRC)))
# The kernel that tells its longest stretches with interrupts off (tests/perf/irqoff).
IRQOFF_OWN := $(patsubst %,$(BUILD)/obj-irqoff/%.o,kernel/ia32/entry kernel/ia32/thread_regs tests/perf/irqoff/irqoff)
IRQOFF_OBJ := $(IRQOFF_OWN) $(filter-out $(IRQOFF_OWN:$(BUILD)/obj-irqoff/%=$(BUILD)/obj/%),$(call objects,$(KERNEL_SRC)))

$(BUILD)/kernel.elf: linker.ld $(call objects,$(KERNEL_SRC) $(BASE_SRC))
$(BUILD)/kernel-ktest.elf: linker.ld $(KTEST_OBJ) $(call objects,$(BASE_SRC))
$(BUILD)/kernel-irqoff.elf: linker.ld $(IRQOFF_OBJ) $(call objects,$(BASE_SRC))
$(BUILD)/kernel.elf: KSYMS_ROOM := 0x1640
$(BUILD)/kernel-irqoff.elf: KSYMS_ROOM := 0x1680
$(BUILD)/kernel-ktest.elf: KSYMS_ROOM := 0x1ac0
$(KERNELS): tools/ksyms
	$(call say,LD)
	@$(CC) -O2 $(MACHINE) -mgeneral-regs-only -flto=auto $(LDFLAGS) -T linker.ld \
		-Wl,--defsym=KSYMS_ROOM=$(KSYMS_ROOM) -o $@ $(filter %.o,$^) -lgcc
	@$(CROSS)nm $@ | tools/ksyms $(KSYMS_ROOM) >$@.ksyms && $(CROSS)objcopy --update-section .ksyms=$@.ksyms $@

$(BUILD)/physmem.elf: $(call objects,$(PHYSMEM_SRC)) $(wildcard servers/physmem/*.ld)
$(BUILD)/task.elf: $(call objects,$(TASK_SRC)) $(wildcard servers/task/*.ld)
# The same with a meter for events.
$(PERF_PHYSMEM): $(call objects,$(filter-out servers/physmem/meter.c,$(PHYSMEM_SRC)) $(call files,tests/perf/physmem)) \
	$(wildcard servers/physmem/*.ld)
# The kernel's own benchmark: a root task that does nothing else, beside the tests' sigma0.
$(PERF_KERNEL): BASE := 0x1800000
$(PERF_KERNEL): $(call objects,tests/roots/start.S lib/base/format.c $(call files,tests/perf/kernel lib/l4))
$(BUILD)/sigma0-minimal.elf: $(call objects,tests/roots/start.S tests/roots/memory.c tests/roots/sigma0.c $(call files,lib/l4))
$(BUILD)/conformance.elf: $(call objects,tests/roots/start.S tests/roots/memory.c lib/base/format.c \
	$(call files,tests/conformance lib/l4 lib/ktap))
$(BUILD)/ipc_paths.elf $(BUILD)/plain_paths.elf $(BUILD)/read_key.elf: $(BUILD)/%.elf: $(call objects,tests/roots/start.S tests/roots/memory.c \
	tests/roots/paths.c lib/base/format.c $(call files,lib/l4)) $(BUILD)/obj/tests/roots/%.o
$(BUILD)/kernel_memory.elf: $(BUILD)/%.elf: $(call objects,tests/roots/start.S tests/roots/memory.c lib/base/format.c \
	$(call files,lib/l4 lib/ktap)) $(BUILD)/obj/tests/roots/%.o
$(BUILD)/long_calls.elf: $(call objects,tests/roots/start.S tests/roots/memory.c lib/base/format.c \
	$(call files,tests/roots/long_calls lib/l4 lib/ktap))
$(BUILD)/fuzz.elf: $(call objects,tests/roots/start.S tests/roots/memory.c tests/conformance/raw_call.S lib/base/format.c \
	$(call files,tests/roots/fuzz lib/l4 lib/ktap))
$(BUILD)/sigma0-minimal.elf: BASE := 0x20000
$(BUILD)/conformance.elf $(BUILD)/ipc_paths.elf $(BUILD)/plain_paths.elf $(BUILD)/read_key.elf $(BUILD)/kernel_memory.elf $(BUILD)/long_calls.elf $(BUILD)/fuzz.elf: BASE := 0x400000
$(ROOTS):
	$(call say,LD)
	@$(CC) $(LDFLAGS) -e _start -Wl,-Ttext-segment=$(BASE) -o $@ $(filter %.o,$^) -lgcc
$(SERVERS) $(PERF_KERNEL) $(PERF_PHYSMEM):
	$(call say,LD)
	@$(CC) $(LDFLAGS) -e _start $(or $(patsubst %,-T %,$(filter %.ld,$^)),-Wl$(comma)-Ttext-segment=$(BASE)) \
		-o $@ $(filter %.o,$^) $(NEWLIB)/lib/libc.a -lgcc
comma := ,

$(LIBRARY): $(call objects,$(LIB_SRC))
	$(call say,AR)
	@rm -f $@
	@$(AR) rcsD $@ $^

# ---- newlib, Lua, programs ---------------------------------------------------------------------------
$(BUILD)/newlib/done: tools/build-newlib $(shell find tools/newlib -type f ! -name README.md)
	@tools/build-newlib $(BUILD)/newlib >&2
	@touch $@

PROGRAM_NEEDS := $(CRT0) $(LIBRARY) $(BUILD)/newlib/done tools/pilotfish-cc $(wildcard lib/newlib/program.ld)

$(BUILD)/obj/app/%.o: %.c Makefile tools/pilotfish-cc | $(BUILD)/newlib/done
	@mkdir -p $(@D)
	$(call say,CC)
	@tools/pilotfish-cc -std=gnu11 $(WARN) $(APP_FLAGS) -Ilib -MD -MP -c -o $@ $<

define link_program
$(BUILD)/$(1).elf: $(patsubst %.c,$(BUILD)/obj/app/%.o,$(2)) $$(PROGRAM_NEEDS)
	$$(call say,LD)
	@tools/pilotfish-cc $(if $(filter $(1),$(NO_PAGER)),--no-pager) -o $$@ $$(filter-out $$(CRT0),$$(filter %.o,$$^))
endef
$(foreach dir,$(DIRS),$(eval $(call link_program,$(notdir $(dir)),$(sort $(wildcard $(dir)/*.c)))))
# The swap driver's parts under another main program.
$(eval $(call link_program,raw_disk,tests/perf/raw_disk/raw_disk.c $(filter-out %/main.c,$(wildcard servers/drivers/ata/*.c))))
$(foreach src,$(wildcard tests/programs/*.c),$(eval $(call link_program,test-$(basename $(notdir $(src))),$(src))))
$(foreach src,$(wildcard tests/mechanism/children/*.c),$(eval $(call link_program,child_$(basename $(notdir $(src))),$(src))))
$(foreach src,$(wildcard tests/perf/*.c),$(eval $(call link_program,bench-$(basename $(notdir $(src))),$(src))))

$(BUILD)/lua.elf: tools/build-lua $(PROGRAM_NEEDS)
	@tools/build-lua $(BUILD)/lua $@ >&2

# ---- host side ---------------------------------------------------------------------------------------
$(BUILD)/tools/mkswap: tools/mkswap.c lib/protocol/swap.h
$(BUILD)/tools/elf-check: tools/elf_check.c lib/loader/elf_image.c lib/loader/elf_image.h
$(HOST_TOOLS):
	@mkdir -p $(@D)
	$(call say,HOST)
	@$(HOSTCC) -std=gnu11 -D_FILE_OFFSET_BITS=64 -O2 $(WARN) -Ilib -o $@ $(filter %.c,$^)

# Unit tests run as 32-bit programs of the host, so that words have the machine's size; tools/host32 runs them
# where the host cannot.  The sources under test stand in the test's line `// sources: ...`; each is compiled once,
# for all tests.
UNIT_LIB := /usr/i686-linux-gnu/lib
UNIT_CFLAGS := -std=gnu11 -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all -static-libasan -static-libubsan \
	-Wl,--dynamic-linker=$(UNIT_LIB)/ld-linux.so.2 -Wl,-rpath=$(UNIT_LIB) -DHOST_TEST $(WARN) -Wno-missing-prototypes
unit_objects = $(patsubst %.c,$(BUILD)/obj-unit/%.o,$(wildcard $(1)))
unit_sources = $(shell sed -n 's|^// sources: *||p' $(1))
$(BUILD)/obj-unit/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(call say,UNIT)
	@$(CC) -Ilib -Ikernel -Itests -Itests/unit/kernel_mock -Iservers/physmem \
		$(addprefix -I,$(sort $(dir $(call unit_sources,$<)))) $(UNIT_CFLAGS) -MMD -MP -c -o $@ $<
.SECONDEXPANSION:
$(BUILD)/unit/%: $(BUILD)/obj-unit/tests/unit/%.o $$(call unit_objects,$$(call unit_sources,tests/unit/$$*.c))
	@mkdir -p $(@D)
	@$(CC) $(UNIT_CFLAGS) -o $@ $^

# libFuzzer's targets (tests/fuzz): each includes a unit test and takes its sources.
FUZZERS := $(patsubst tests/fuzz/%.c,$(BUILD)/fuzz/%,$(wildcard tests/fuzz/*.c))
FUZZ_CFLAGS = --target=i686-linux-gnu -std=gnu11 -O1 -g -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all \
	-L$(shell $(CC) -print-file-name=) -L$(UNIT_LIB) -Wl,--dynamic-linker=$(UNIT_LIB)/ld-linux.so.2 \
	-Wl,-rpath=$(UNIT_LIB) -DHOST_TEST
$(BUILD)/fuzz/%: tests/fuzz/%.c $(wildcard tests/fuzz/*.h) tests/unit/%_test.c Makefile $(wildcard kernel/l4/*.[ch])
	@mkdir -p $(@D)
	$(call say,FUZZ)
	@src="$$(sed -n 's|^// sources: *||p' tests/unit/$*_test.c)"; \
	inc="-Ilib -Ikernel -Itests -Iservers/physmem $$(for file in $$src; do printf -- '-I%s ' "$$(dirname $$file)"; done)"; \
	clang $(FUZZ_CFLAGS) $$inc -o $@ $< $$src

# ---- what can be asked -------------------------------------------------------------------------------
# `make run` hands what the user typed to tools/run as it was typed: through the environment,
# unexpanded ($(value)).  `make run APP=` with nothing is told so; an empty APP of the environment
# means nothing.
APP_GIVEN := $(if $(filter undefined,$(origin APP)),,$(if $(filter environment,$(origin APP)),$(value APP),yes))
ifeq ($(origin MEM),undefined)
MEM := $(if $(APP_GIVEN),64,16)
endif
SWAP ?= 128
TIMEOUT ?= 600
override MEM := $(value MEM)
override SWAP := $(value SWAP)
override TIMEOUT := $(value TIMEOUT)
override ARGS := $(value ARGS)
override FILES := $(value FILES)
override APP := $(value APP)
RUN_WORDS := ARGS FILES MEM SWAP TIMEOUT
export $(RUN_WORDS)

# `make run` ends with the program's own status, which make by itself cannot: a recipe that fails
# makes it end with 2.  tools/make_exit.c is an extension of GNU make that adds $(exit-as FILE), which
# takes the file away.  The file is this make's own: two runs at once have nothing in common.
ifneq ($(filter run run-it,$(GOALS)),)
ifneq ($(APP_GIVEN),)
export APP
else
unexport APP
endif
STATUS_FILE := $(BUILD)/status-$(shell echo $$PPID)
ifneq ($(filter load,$(.FEATURES)),)
-load $(BUILD)/tools/make_exit.so
$(BUILD)/tools/make_exit.so: tools/make_exit.c
	@mkdir -p $(@D)
	@$(HOSTCC) -shared -fPIC -O2 $(WARN) -o $@ $<
run: run-it
	@:$(exit-as $(STATUS_FILE))
else
run: run-it
	@status=$$(cat $(STATUS_FILE)); rm -f $(STATUS_FILE); exit $$status
endif
# The shell ends well when the user interrupts it: make would write a line about that, and ends
# anyway.
run-it: $(if $(APP_GIVEN),$(if $(value APP),$(BOOTABLE)),$(BOOTABLE))
	@interrupted=; trap 'interrupted=yes' INT; tools/run --make; status=$$?; \
	[ -z "$$interrupted" ] || exit 0; echo $$status >$(STATUS_FILE)
endif

# `make -j tested` makes what `make test` runs; tests themselves run beside each other without it.
SYSTEM_TESTS := $(wildcard tests/tools/*.sh tests/tools/*.py tests/boot/*.sh tests/system/*.sh tests/system/*.py)
tested: all $(UNIT_TESTS) $(FUZZERS) iso
test: tested
	@BUILD=$(BUILD) tools/ktap-collect $(UNIT_TESTS:%="tools/host32 %") $(SYSTEM_TESTS)

# Breaks on purpose, each of which a named test must see: tests/mutants.
mutants: all
	@tools/mutants $(QUARTER:%=--quarter %) $(NAMES)

# Hours of random system calls, seed after seed, and the mutants in between; stops at the first that finds something.
soak: all
	@BUILD=$(BUILD) sh tests/system/driver_dies.sh 1000
	@BUILD=$(BUILD) TIMEOUT=36000 sh tests/system/hostile_fuzz.sh 1000000 $(or $(SEED),$$(date +%s))
	@BUILD=$(BUILD) tests/system/fuzz.sh soak $(or $(SEED),$$(date +%s)) $(CALLS)

# The same for the kernel's data structures on the host; FUZZ_SECONDS for each.
fuzz-host: $(FUZZERS)
	@BUILD=$(BUILD) tests/system/host_fuzz.sh $(or $(FUZZ_SECONDS),600)

bench: all
	@tools/bench

check: all
	@tools/check

iso: $(BUILD)/pilotfish.iso
$(BUILD)/pilotfish.iso: $(BOOTABLE) boot/grub.cfg tools/make-iso $(wildcard apps/lua/*.lua)
	$(call say,ISO)
	@tools/make-iso $@

debug: all
	@gdb -q -x boot/debug.gdb

doctor:
	@tools/doctor

clean:
	rm -rf $(BUILD)

help:
	@echo 'make run       boot the demo: a 16 MiB machine with tasks of four times its memory'
	@echo 'make run APP=<elf> [ARGS="..."] [MEM=<MiB>] [SWAP=<MiB>] [FILES="a b"] [TIMEOUT=<seconds>]'
	@echo '               boot, run one program, pass its console through, end with its status;'
	@echo '               ARGS and FILES are split as a shell does: ARGS="1 '"'two words'"'"'
	@echo 'make test      every test: unit, in-kernel, system, ISO in two emulators'
	@echo 'make mutants   breaks the tree a little at a time; each break must make a named test fail (QUARTER=<n>, NAMES="a b")'
	@echo 'make soak      hours of random system calls, seed after seed (SEED=<first> CALLS=<n>)'
	@echo 'make fuzz-host the mapping database and the scheduler on the host, by libFuzzer (FUZZ_SECONDS=<n> each)'
	@echo 'make check     compilers, static analysers, formatting, rules of this tree'
	@echo 'make bench     figures, a line each: bench <name> <value> <unit>'
	@echo 'make iso       build/pilotfish.iso, boots as CD, disk or USB stick'
	@echo 'make debug     QEMU under gdb, with the symbols of kernel and servers'
	@echo 'make doctor    each tool, its version or how to get it'
	@echo 'make all       only build;   make clean   remove build/'

.PHONY: all run run-it tested test mutants soak fuzz-host bench check iso debug doctor clean help
-include $(shell find $(BUILD)/obj $(BUILD)/obj-ktest $(BUILD)/obj-irqoff $(BUILD)/obj-unit $(BUILD)/crt0.d -name '*.d' 2>/dev/null)
