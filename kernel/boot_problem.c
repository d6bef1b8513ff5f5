/* SPDX-License-Identifier: BSD-2-Clause */
/* The texts: one for each way in which a boot can fail, and one advice for each. */
#include "boot_problem.h"

#include "ia32/io.h"
#include "ia32/kickstart.h"
#include "panic.h"

enum { STATUS_CANNOT_BOOT = 126, STATUS_PORT = 0xe9, EXIT_PORT = 0xf4 };

enum advice {
    USE_A_LOADER,
    GIVE_MEMORY,
    GIVE_LESS,
    GIVE_ROOM,
    SHORTEN,
    RIGHT_ORDER,
    LINK_ELSEWHERE,
    BUILD_AGAIN,
};

static const char *const advices[] = {
    [USE_A_LOADER] = "Boot it with GRUB's command multiboot, or with QEMU's option -kernel.",
    [GIVE_MEMORY] = "Give the machine more memory.",
    [GIVE_LESS] = "Give the machine more memory, or fewer or smaller files.",
    [GIVE_ROOM] =
        "Give the machine more memory, or fewer or smaller files, or link the program for lower addresses.",
    [SHORTEN] = "Give fewer files or shorter arguments, or the kernel more memory (kmem=KiB).",
    [RIGHT_ORDER] = "The order is: sigma0 (physmem.elf), the root task (task.elf), then what they need.",
    [LINK_ELSEWHERE] = "Link it for other addresses.",
    [BUILD_AGAIN] = "Build it again, or copy it again.",
};

/* What is wrong, with the problem's two numbers in decimal or in hexadecimal; of_server: with one
 * of the two servers, which is named before the text. */
static const struct {
    const char *text;
    enum advice advice;
    bool of_server;
} texts[BOOT_ERROR_COUNT] = {
    [BOOT_NOT_MULTIBOOT] = {"it was not started by a multiboot loader", USE_A_LOADER, false},
    [BOOT_NO_MEMORY_MAP] = {"the boot loader does not say which memory there is at 1 MiB", USE_A_LOADER,
                            false},
    [BOOT_MEMORY_TOO_SMALL] = {"this machine has %u KiB of memory, and the kernel alone needs %u KiB",
                               GIVE_MEMORY, false},
    [BOOT_MODULES_MISSING] = {"there are %u boot modules, and two servers must be among them", RIGHT_ORDER,
                              false},
    [BOOT_LIST_TOO_LONG] =
        {"the names and arguments of the boot modules take %u bytes, and there is no room for them in "
         "the kernel's memory of %u bytes",
         SHORTEN, false},
    [BOOT_MODULES_TOO_LARGE] = {"the boot modules take %u KiB, and this machine has %u KiB for them",
                                GIVE_LESS, false},
    [BOOT_MODULE_TOO_HIGH] = {"the boot loader has put it at 0x%x, but it must go to 0x%x, further down",
                              GIVE_MEMORY, true},
    [BOOT_NOT_ELF] = {"it is not an ELF file", RIGHT_ORDER, true},
    [BOOT_NOT_IA32] = {"it is an ELF file for another machine than IA-32", BUILD_AGAIN, true},
    [BOOT_NOT_EXECUTABLE] = {"it is an ELF file, but not an executable that is linked for fixed addresses",
                             BUILD_AGAIN, true},
    [BOOT_CUT_SHORT] = {"its ELF headers are damaged, or the file has been cut short", BUILD_AGAIN, true},
    [BOOT_NOTHING_TO_LOAD] = {"it has no segment that could be loaded", BUILD_AGAIN, true},
    [BOOT_WRONG_ORDER] = {"it is the other one of the two servers", RIGHT_ORDER, true},
    [BOOT_ON_KERNEL] = {"its segment from 0x%x to 0x%x lies where the kernel is", LINK_ELSEWHERE, true},
    [BOOT_ON_SIGMA0] = {"its segment from 0x%x to 0x%x lies where sigma0 is", LINK_ELSEWHERE, true},
    [BOOT_BEYOND_ROOM] =
        {"the memory below the boot modules ends at %u KiB, and the program needs it up to %u KiB", GIVE_ROOM,
         true},
    [BOOT_NOT_RAM] = {"its segment from 0x%x to 0x%x lies where the machine has no memory", LINK_ELSEWHERE,
                      true},
    [BOOT_ENTRY_OUTSIDE] = {"its entry point 0x%x lies in none of its segments", BUILD_AGAIN, true},
};

static void __attribute__((noreturn)) end_machine(void)
{
    for (const char *s = "126\n"; *s; s++) {
        outb(STATUS_PORT, (uint8_t)*s);
    }
    outl(EXIT_PORT, STATUS_CANNOT_BOOT);
    print("system halted\n");
    for (;;) {
        __asm__ volatile("cli\n\thlt");
    }
}

void boot_refuse(const struct boot_problem *p)
{
    static const char *const places[BOOT_SERVERS] = {"sigma0", "the root task"};
    print("\nPilotfish cannot boot: ");
    if (texts[p->error].of_server && p->module < BOOT_SERVERS) {
        print("boot module %u (%s) should be %s; ", (unsigned)p->module + 1, p->name, places[p->module]);
    } else if (texts[p->error].of_server) {
        print("boot module %u is %s; ", (unsigned)p->module + 1, p->name);
    }
    print(texts[p->error].text, (unsigned)p->start, (unsigned)p->end);
    print(".\n%s\n", advices[texts[p->error].advice]);
    end_machine();
}
