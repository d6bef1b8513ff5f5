/* SPDX-License-Identifier: BSD-2-Clause */
/* Finds the IDE controller on the PCI bus (configuration mechanism 1).  Called by drive.c only. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct pci_ide {
    uint16_t vendor, device;
    uint16_t bus_master; /* first port of the bus-master registers, 0 = none */
    bool legacy[2];      /* channel answers at the legacy ports and interrupt lines */
};

/* Finds the first IDE controller and switches I/O decoding and bus mastering on.  Returns false if
 * there is no PCI bus or no such controller. */
bool pci_find_ide(struct pci_ide *ide);
