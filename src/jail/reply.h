/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A checked reply turned into the event that it means; shared by the lanes,
 * which have it from a worker, and jail_replay(), which has it from a memory.
 */
#ifndef JAIL_REPLY_H
#define JAIL_REPLY_H

#include "jail/wire.h"

/* The claims of a record, with the item's path and byte hits among them. */
enum { JAIL_RECORD_CLAIMS_MAX = RECORD_CLAIMS_MAX + BYTE_HITS_MAX + 1 };

/* The package last reported, whose owned paths follow. */
struct reply_package {
	bool there;
	struct jail_package is;
	uint8_t text[2 * RECORD_NAME_MAX];
};

/* Calls the event of a reply other than DONE, or none for the parts of a
 * record. A package is copied into *package. */
void reply_deliver(const struct jail_events *on, const struct jail_item *item,
                   const struct wire_reply *reply, struct reply_package *package);

#endif
