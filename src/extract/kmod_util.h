/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Kernel modules: objects with a .modinfo section, often with a signature
 * appended. They are known by that section, whatever they are called.
 */
#ifndef EXTRACT_KMOD_UTIL_H
#define EXTRACT_KMOD_UTIL_H

#include "extract/elf_util.h"

/*
 * Makes the record of the module that `e` has open. `member` is its name when
 * it was unpacked from a compressed item, else empty. The signer is what the
 * signature says: there is no certificate in it to check it with.
 */
int kmod_read(struct elf *e, struct slice member);

#endif
