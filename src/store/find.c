/* SPDX-License-Identifier: Apache-2.0 */
#include "store/internal.h"

int store_host_number(struct store *s, struct slice name, uint32_t *ret,
                      struct err *e)
{
	const struct db_value *row;
	struct db_rows *rows;
	int r = read_begin(s, e);

	if (r < 0)
		return r;
	*ret = 0;
	r = row_first(s->db, TABLE_HOST, "SELECT * FROM host WHERE name = ?1",
	              &DB_T(name), 1, &rows, &row);
	if (r > 0) {
		*ret = (uint32_t)row[0].n;
		row_done(s->db, rows);
	}
	read_end(s);
	return r < 0 ? store_error(s, e, r, "asking") : 0;
}
