/* SPDX-License-Identifier: MIT */
/* fuzz.h - what the targets share: the entry point and a check that stays on in every build. */
#ifndef FUZZ_H
#define FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/** Ends the process when a property does not hold; libFuzzer then keeps the input. */
#define FUZZ_CHECK(claim)                                                                         \
    do {                                                                                          \
        if (!(claim)) {                                                                           \
            fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #claim);            \
            abort();                                                                              \
        }                                                                                         \
    } while (0)

#endif
