/* SPDX-License-Identifier: BSD-2-Clause */
/* Finds the IDE controller on the PCI bus (configuration mechanism 1). */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct pci_ide {
    uint16_t vendor, device;
    uint16_t bus_master; /* first port of the bus-master registers, 0 = none */
    bool legacy[2];      /* channel answers at the legacy ports and interrupt lines */
};

/* The first IDE controller; I/O decoding and bus mastering are switched on.  False: no PCI, or none
 * there. */
bool pci_find_ide(struct pci_ide *ide);
