/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once

#include "ground/types.h"

/* 32 bits over the contents of a frame. */
uint32_t frame_checksum(frame_t f);
