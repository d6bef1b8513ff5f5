/* SPDX-License-Identifier: BSD-2-Clause */
/* Every function of every device is asked for its class, through the two ports of mechanism 1. */
#include "pci.h"

#include "client/task.h"
#include "port.h"

enum { PCI_ADDRESS = 0xcf8, PCI_DATA = 0xcfc, PCI_PORTS_LOG2 = 3 };

enum { /* byte offsets in the configuration space */
       PCI_ID = 0x00,
       PCI_COMMAND = 0x04,
       PCI_CLASS = 0x08, /* class [31:24], subclass [23:16], programming interface [15:8] */
       PCI_HEADER = 0x0c,
       PCI_BAR4 = 0x20,
};

enum {
    COMMAND_IO = 1 << 0,
    COMMAND_BUS_MASTER = 1 << 2,
    HEADER_MULTI_FUNCTION = 1 << 23,
    CLASS_IDE = 0x0101,
    INTERFACE_NATIVE_PRIMARY = 1 << 0,
    INTERFACE_NATIVE_SECONDARY = 1 << 2,
    INTERFACE_BUS_MASTER = 1 << 7,
    BAR_IO = 1,
    BAR_IO_MASK = 0xfffc,
    BUSES = 256,
    FUNCTIONS = 8,
    DEVICES = 32,
};

#define PCI_ENABLE 0x80000000u
#define PCI_NOBODY 0xffffffffu

/* The function's number is bus [15:8], device [7:3], function [2:0], as in the address register. */
typedef uint16_t pci_place_t;

static uint32_t config_read(pci_place_t place, uint8_t offset)
{
    port_out32(PCI_ADDRESS, PCI_ENABLE | (uint32_t)place << 8 | offset);
    return port_in32(PCI_DATA);
}

static void config_write(pci_place_t place, uint8_t offset, uint32_t value)
{
    port_out32(PCI_ADDRESS, PCI_ENABLE | (uint32_t)place << 8 | offset);
    port_out32(PCI_DATA, value);
}

static bool pci_present(void)
{
    if (task_ports(PCI_ADDRESS, PCI_PORTS_LOG2) != OK) {
        return false;
    }
    uint32_t before = port_in32(PCI_ADDRESS);
    port_out32(PCI_ADDRESS, PCI_ENABLE);
    bool present = port_in32(PCI_ADDRESS) == PCI_ENABLE;
    port_out32(PCI_ADDRESS, before);
    return present;
}

static void take(pci_place_t place, struct pci_ide *ide)
{
    uint32_t id = config_read(place, PCI_ID);
    uint32_t interface = config_read(place, PCI_CLASS) >> 8;
    uint32_t bar = config_read(place, PCI_BAR4);
    /* Zeros leave the status bits alone. */
    uint32_t command = config_read(place, PCI_COMMAND) & 0xffff;
    *ide = (struct pci_ide){
        .vendor = (uint16_t)id,
        .device = (uint16_t)(id >> 16),
        .legacy = {!(interface & INTERFACE_NATIVE_PRIMARY), !(interface & INTERFACE_NATIVE_SECONDARY)},
    };
    command |= COMMAND_IO;
    if (interface & INTERFACE_BUS_MASTER && bar & BAR_IO && (bar & BAR_IO_MASK) != 0) {
        ide->bus_master = (uint16_t)(bar & BAR_IO_MASK);
        command |= COMMAND_BUS_MASTER;
    }
    config_write(place, PCI_COMMAND, command);
}

bool pci_find_ide(struct pci_ide *ide)
{
    if (!pci_present()) {
        return false;
    }
    for (unsigned slot = 0; slot < BUSES * DEVICES; slot++) {
        unsigned functions = 1;
        for (unsigned function = 0; function < functions; function++) {
            pci_place_t place = (pci_place_t)(slot * FUNCTIONS + function);
            if (config_read(place, PCI_ID) == PCI_NOBODY) {
                continue;
            }
            if (function == 0 && config_read(place, PCI_HEADER) & HEADER_MULTI_FUNCTION) {
                functions = FUNCTIONS;
            }
            if (config_read(place, PCI_CLASS) >> 16 == CLASS_IDE) {
                take(place, ide);
                return true;
            }
        }
    }
    return false;
}
