/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rules at the head of join.c, one test each. The pack is made by hand;
 * names and values are those of real packages.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>

#include "finding/hits.h"

enum { KASPERSKY, MICROSOFT, N_ENTITIES };

enum {
	VENDOR,      /* package.vendor, developed, strong, installed or stored */
	UNIT,        /* unit.name, article kesl, residue or installed */
	USER,        /* user.name, article kesl, residue */
	PE_MAKER,    /* pe.company, developed, strong */
	PE_SIGNER,   /* signer.organisation, developed, proven */
	COPYRIGHT,   /* copyright.holder, in-part, weak */
	CODE,        /* file.bytes, in-part, strong */
	NPM,         /* npm.name, developed, strong */
	NAME,        /* path, developed, weak */
	BACKGROUND,  /* elf.comment, strong, but the fact was not looked up */
	PCI,         /* pci.vendor, proven, hardware */
	MS_PE,       /* pe.company of the other entity */
	PRODUCT,     /* pe.product, article kesl */
	N_MARKS
};

#define BIT(state) (1u << (state))
#define LIVE (BIT(STATE_INSTALLED) | BIT(STATE_STORED))

static struct entity entities[N_ENTITIES] = {
	[KASPERSKY] = {.id = "kaspersky", .name = "AO Kaspersky Lab"},
	[MICROSOFT] = {.id = "microsoft", .name = "Microsoft Corporation", .index = 1},
};

#define MARK(name, b, s, st, first) \
	.id = name, .basis = b, .strength = s, .states = st, .state_first = first, \
	.source = "test"

static struct mark marks[N_MARKS] = {
	[VENDOR] = {MARK("kaspersky/package-vendor", BASIS_DEVELOPED, STRENGTH_STRONG,
	            LIVE | BIT(STATE_RESIDUE), STATE_INSTALLED)},
	[UNIT] = {MARK("kaspersky/unit", BASIS_DEVELOPED, STRENGTH_STRONG, LIVE,
	          STATE_INSTALLED), .article = "kesl"},
	[USER] = {MARK("kaspersky/user", BASIS_DEVELOPED, STRENGTH_WEAK,
	          BIT(STATE_RESIDUE), STATE_RESIDUE), .article = "kesl"},
	[PE_MAKER] = {MARK("kaspersky/pe-company", BASIS_DEVELOPED, STRENGTH_STRONG,
	              LIVE, STATE_STORED)},
	[PE_SIGNER] = {MARK("kaspersky/signer", BASIS_DEVELOPED, STRENGTH_PROVEN, LIVE,
	               STATE_STORED)},
	[COPYRIGHT] = {MARK("kaspersky/copyright", BASIS_DEVELOPED, STRENGTH_STRONG,
	               LIVE, STATE_INSTALLED)},
	[CODE] = {MARK("kaspersky/nrpe-acl", BASIS_IN_PART, STRENGTH_STRONG, LIVE,
	          STATE_INSTALLED)},
	[NPM] = {MARK("kaspersky/npm", BASIS_DEVELOPED, STRENGTH_STRONG, LIVE,
	         STATE_STORED)},
	[NAME] = {MARK("kaspersky/path", BASIS_DEVELOPED, STRENGTH_WEAK, LIVE,
	          STATE_INSTALLED)},
	[BACKGROUND] = {MARK("kaspersky/comment", BASIS_DEVELOPED, STRENGTH_STRONG, LIVE,
	                STATE_INSTALLED), .sureness = SURE_BACKGROUND},
	[PCI] = {MARK("kaspersky/pci", BASIS_DEVELOPED, STRENGTH_PROVEN, LIVE,
	         STATE_INSTALLED), .kind = ARTICLE_HARDWARE},
	[MS_PE] = {MARK("microsoft/pe-company", BASIS_DEVELOPED, STRENGTH_STRONG, LIVE,
	           STATE_STORED), .entity = MICROSOFT},
	[PRODUCT] = {MARK("kaspersky/pe-product", BASIS_DEVELOPED, STRENGTH_STRONG, LIVE,
	             STATE_STORED), .article = "kesl"},
};

static struct pack pack = {
	.entities = entities, .n_entities = N_ENTITIES,
	.marks = marks, .n_marks = N_MARKS,
};

/* ---- what the rest of a sweep would know ---- */

static const struct {
	const char *path, *ecosystem, *name, *version;
} owned[] = {
	{"/opt/kaspersky/kesl/bin/kesl", "deb", "kesl", "12.1.0-1297"},
	{"/usr/sbin/nrpe", "deb", "nagios-nrpe-server", "4.1.0-1"},
	{"/usr/lib/wine/kernel32.dll", "deb", "libwine", "8.0"},
	{"/etc/passwd", "rpm", "setup", "2.14"},
	{"/etc/systemd/system/kesl.service", "deb", "kesl", "12.1.0-1297"},
};

static const struct {
	const char *package, *maker;
} makers[] = {
	{"libwine", "Debian Wine Party <debian-wine@lists.debian.org>"},
	{"nagios-nrpe-server", "Debian Nagios Maintainer Group"},
	{"kesl", "Kaspersky Lab ZAO"},
};

static int shown = -1; /* what part_shown answers */

static bool owner_of(void *, uint32_t, struct slice path, struct owner *ret)
{
	for (size_t i = 0; i < COUNT_OF(owned); i++) {
		if (!slice_eq(path, slice_str(owned[i].path)))
			continue;
		*ret = (struct owner){slice_str(owned[i].ecosystem),
		                      slice_str(owned[i].name),
		                      slice_str(owned[i].version)};
		return true;
	}
	return false;
}

static bool maker_of(void *, uint32_t, struct slice, struct slice package,
                     struct slice *ret)
{
	for (size_t i = 0; i < COUNT_OF(makers); i++) {
		if (!slice_eq(package, slice_str(makers[i].package)))
			continue;
		*ret = slice_str(makers[i].maker);
		return true;
	}
	return false;
}

static bool folder_of(void *, uint32_t, struct slice root, struct owner *ret)
{
	if (!slice_eq(root, SLICE("/srv/app/node_modules/@kaspersky/hexa-ui")))
		return false;
	*ret = (struct owner){SLICE("npm"), SLICE("@kaspersky/hexa-ui"),
	                      SLICE("1.2.3")};
	return true;
}

static int part_shown(void *, uint32_t, struct slice, const struct mark *)
{
	return shown;
}

static const struct finding_context context = {
	.owner_of = owner_of, .maker_of = maker_of, .folder_of = folder_of,
	.part_shown = part_shown,
};

/* ---- hits ---- */

struct given {
	int mark;
	enum scope scope;
	const char *path, *ecosystem, *name, *version, *root, *value;
	const char *maker; /* whom the file names, "" = nobody */
	enum state state;
	enum attr attr;
	bool verified;
	uint32_t source;
};

static int add(struct findings *f, struct given g)
{
	struct claim claim = {.attr = g.attr, .value = slice_str(g.value),
	                      .offset = 7, .length = 5, .verified = g.verified};
	struct record record = {
		.scope = g.scope, .state = g.state,
		.ecosystem = g.ecosystem ? g.ecosystem : "",
		.name = slice_str(g.name), .version = slice_str(g.version),
		.root = slice_str(g.root), .maker = slice_str(g.maker),
		.claims = &claim, .n_claims = 1,
	};

	return findings_add(f, &(struct finding_input){
		.source = g.source, .path = slice_str(g.path), .record = &record,
		.claim = &claim, .mark = &marks[g.mark]});
}

static int number_marks(void **)
{
	for (uint32_t i = 0; i < N_MARKS; i++)
		marks[i].index = i;
	return 0;
}

/* Settles these hits and gives the findings; the caller frees the set. */
static struct findings *settle(const struct given *list, size_t n, uint64_t *mentions)
{
	struct findings *f = findings_new(&pack);

	assert_non_null(f);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(add(f, list[i]), 0);
	assert_int_equal(findings_settle(f, &context, NULL, 0, mentions), 0);
	return f;
}

#define SETTLE(...) \
	struct given given[] = {__VA_ARGS__}; \
	uint64_t mentions = 0; \
	size_t n; \
	struct findings *f = settle(given, COUNT_OF(given), &mentions); \
	const struct finding *list = findings_list(f, &n)

static void assert_article(const struct finding *f, const char *ecosystem,
                           const char *name, const char *version)
{
	assert_string_equal(f->ecosystem, ecosystem);
	assert_true(slice_eq(f->name, slice_str(name)));
	assert_true(slice_eq(f->version, slice_str(version)));
}

#define KESL_PACKAGE \
	{.mark = VENDOR, .scope = SCOPE_PACKAGE, .path = "/var/lib/dpkg/status", \
	 .ecosystem = "deb", .name = "kesl", .version = "12.1.0-1297", \
	 .state = STATE_INSTALLED, .attr = ATTR_PACKAGE_VENDOR, \
	 .value = "AO Kaspersky Lab"}
#define WINE_FILE(m) \
	{.mark = m, .scope = SCOPE_ITEM, .path = "/usr/lib/wine/kernel32.dll", \
	 .name = "Wine", .state = STATE_INSTALLED, .attr = ATTR_PE_COMPANY, \
	 .value = "Microsoft Corporation"}
#define NRPE_PART \
	{.mark = COPYRIGHT, .scope = SCOPE_PART, .ecosystem = "deb", \
	 .path = "/usr/share/doc/nagios-nrpe-server/copyright", \
	 .name = "nagios-nrpe-server", .version = "4.1.0-1", \
	 .state = STATE_INSTALLED, .attr = ATTR_COPYRIGHT_HOLDER, \
	 .value = "2011-2013 Kaspersky Lab ZAO"}

/* ---- rule 1 ---- */

static void files_of_a_package_are_one_article(void **)
{
	SETTLE(KESL_PACKAGE,
	       {.mark = NAME, .scope = SCOPE_ITEM, .attr = ATTR_PATH,
	        .path = "/opt/kaspersky/kesl/bin/kesl",
	        .value = "/opt/kaspersky/kesl/bin/kesl", .state = STATE_INSTALLED});
	assert_int_equal(n, 1);
	assert_article(&list[0], "deb", "kesl", "12.1.0-1297");
	assert_int_equal(list[0].n_evidence, 2);
	assert_int_equal(list[0].strength, STRENGTH_STRONG);
	assert_string_equal(list[0].evidence[0].mark->id, "kaspersky/package-vendor");
	findings_free(f);
}

static void a_marks_article_joins_the_package_of_that_name(void **)
{
	SETTLE({.mark = USER, .scope = SCOPE_SETUP, .path = "/etc/passwd",
	        .name = "kesl", .state = STATE_INSTALLED, .attr = ATTR_USER_NAME,
	        .value = "kesl"},
	       {.mark = PRODUCT, .scope = SCOPE_ITEM, .path = "/srv/kesl.exe",
	        .version = "11.0", .state = STATE_STORED, .attr = ATTR_PE_PRODUCT,
	        .value = "Endpoint Security"},
	       KESL_PACKAGE);
	assert_int_equal(n, 1);
	assert_article(&list[0], "deb", "kesl", "12.1.0-1297");
	assert_int_equal(list[0].n_evidence, 3);
	assert_int_equal(list[0].state, STATE_INSTALLED);
	findings_free(f);
}

static void a_shared_table_does_not_accuse_its_owner(void **)
{
	SETTLE({.mark = USER, .scope = SCOPE_SETUP, .path = "/etc/passwd",
	        .state = STATE_INSTALLED, .attr = ATTR_USER_NAME, .value = "kesl"});
	assert_int_equal(n, 1);
	assert_article(&list[0], "", "kesl", "");
	assert_int_equal(list[0].state, STATE_RESIDUE);
	findings_free(f);
}

static void versions_stay_apart_and_a_bare_name_joins_none_of_two(void **)
{
	struct given other = KESL_PACKAGE;
	other.version = "11.4.0-1096";
	SETTLE(KESL_PACKAGE, other,
	       {.mark = UNIT, .scope = SCOPE_SETUP, .path = "/etc/init.d/kesl",
	        .state = STATE_INSTALLED, .attr = ATTR_UNIT_NAME, .value = "kesl"});
	assert_int_equal(n, 3);
	assert_article(&list[0], "", "kesl", "");
	assert_article(&list[1], "deb", "kesl", "11.4.0-1096");
	assert_article(&list[2], "deb", "kesl", "12.1.0-1297");
	findings_free(f);
}

static void ecosystems_and_sources_stay_apart(void **)
{
	struct given rpm = KESL_PACKAGE, elsewhere = KESL_PACKAGE;
	rpm.ecosystem = "rpm";
	elsewhere.source = 1;
	SETTLE(KESL_PACKAGE, rpm, elsewhere);
	assert_int_equal(n, 3);
	assert_string_equal(list[0].id, list[1].id);
	assert_int_not_equal(list[0].source, list[1].source);
	assert_string_not_equal(list[0].id, list[2].id);
	findings_free(f);
}

static void a_folder_is_the_code_package_in_it(void **)
{
	SETTLE({.mark = NPM, .scope = SCOPE_FOLDER,
	        .path = "/srv/app/node_modules/@kaspersky/hexa-ui/LICENSE",
	        .root = "/srv/app/node_modules/@kaspersky/hexa-ui",
	        .state = STATE_STORED, .attr = ATTR_LICENSE_HOLDER,
	        .value = "AO Kaspersky Lab"},
	       {.mark = NPM, .scope = SCOPE_FOLDER, .path = "/srv/x/vendor/kl/a.go",
	        .root = "/srv/x/vendor/kl", .state = STATE_STORED,
	        .attr = ATTR_SOURCE_HOLDER, .value = "AO Kaspersky Lab"});
	assert_int_equal(n, 2);
	assert_article(&list[0], "npm", "@kaspersky/hexa-ui", "1.2.3");
	assert_article(&list[1], "", "kl", "");
	assert_int_equal(list[0].basis, BASIS_DEVELOPED);
	findings_free(f);
}

static void a_loose_file_is_called_by_its_name(void **)
{
	SETTLE({.mark = PE_MAKER, .scope = SCOPE_ITEM, .path = "/home/u/avp.exe",
	        .state = STATE_STORED, .attr = ATTR_PE_COMPANY,
	        .value = "AO Kaspersky Lab"});
	assert_int_equal(n, 1);
	assert_article(&list[0], "", "avp.exe", "");
	assert_int_equal(list[0].state, STATE_STORED);
	findings_free(f);
}

/* ---- rules 2 and 3 ---- */

static void a_state_that_the_mark_does_not_list_gives_its_first(void **)
{
	SETTLE({.mark = PE_MAKER, .scope = SCOPE_ITEM, .path = "/home/u/avp.exe",
	        .state = STATE_RESIDUE, .attr = ATTR_PE_COMPANY, .value = "x"});
	assert_int_equal(list[0].state, STATE_STORED);
	assert_int_equal(n, 1);
	findings_free(f);
}

static void a_removed_package_is_residue(void **)
{
	struct given removed = KESL_PACKAGE;
	removed.state = STATE_RESIDUE;
	SETTLE(removed);
	assert_int_equal(n, 1);
	assert_int_equal(list[0].state, STATE_RESIDUE);
	findings_free(f);
}

static void code_in_anothers_package_is_in_part(void **)
{
	SETTLE({.mark = NPM, .scope = SCOPE_ITEM, .path = "/usr/sbin/nrpe",
	        .state = STATE_INSTALLED, .attr = ATTR_GO_MODULE, .value = "x"});
	assert_int_equal(n, 1);
	assert_article(&list[0], "deb", "nagios-nrpe-server", "4.1.0-1");
	assert_int_equal(list[0].basis, BASIS_IN_PART);
	findings_free(f);
}

static void code_in_the_makers_own_package_stays_developed(void **)
{
	SETTLE(KESL_PACKAGE,
	       {.mark = NPM, .scope = SCOPE_ITEM,
	        .path = "/opt/kaspersky/kesl/bin/kesl", .state = STATE_INSTALLED,
	        .attr = ATTR_GO_MODULE, .value = "x"});
	assert_int_equal(n, 1);
	assert_int_equal(list[0].evidence[0].basis, BASIS_DEVELOPED);
	assert_int_equal(list[0].evidence[1].basis, BASIS_DEVELOPED);
	findings_free(f);
}

/* ---- rule 4 ---- */

static void proven_needs_a_verified_claim_or_a_registered_id(void **)
{
	struct given signer = {.mark = PE_SIGNER, .scope = SCOPE_ITEM,
	                       .path = "/home/u/avp.exe", .state = STATE_STORED,
	                       .attr = ATTR_SIGNER_ORGANISATION,
	                       .value = "AO Kaspersky Lab"};
	struct given verified = signer;
	verified.path = "/home/u/kav.exe";
	verified.verified = true;
	SETTLE(signer, verified,
	       {.mark = PCI, .scope = SCOPE_ITEM, .path = "/lib/modules/x.ko",
	        .state = STATE_INSTALLED, .attr = ATTR_PCI_VENDOR, .value = "19e5"});
	assert_int_equal(n, 3);
	assert_article(&list[0], "", "kav.exe", "");
	assert_int_equal(list[0].strength, STRENGTH_PROVEN);
	assert_null(list[0].evidence[0].capped);
	assert_article(&list[1], "", "x.ko", "");
	assert_int_equal(list[1].strength, STRENGTH_PROVEN);
	assert_int_equal(list[1].kind, ARTICLE_HARDWARE);
	assert_int_equal(list[2].strength, STRENGTH_STRONG);
	assert_non_null(list[2].evidence[0].capped);
	findings_free(f);
}

static void a_makers_name_in_anothers_unsigned_file_is_weak(void **)
{
	SETTLE(WINE_FILE(MS_PE));
	assert_int_equal(n, 1);
	assert_article(&list[0], "deb", "libwine", "8.0");
	assert_int_equal(list[0].strength, STRENGTH_WEAK);
	assert_string_equal(list[0].evidence[0].capped,
	                    "the package that owns the file names another maker and"
	                    " the file is not signed");
	findings_free(f);
}

static void a_verified_signer_upholds_the_makers_name(void **)
{
	struct given maker = WINE_FILE(PE_MAKER);
	maker.value = "AO Kaspersky Lab";
	SETTLE(maker,
	       {.mark = PE_SIGNER, .scope = SCOPE_ITEM, .verified = true,
	        .path = "/usr/lib/wine/kernel32.dll", .state = STATE_INSTALLED,
	        .attr = ATTR_SIGNER_ORGANISATION, .value = "AO Kaspersky Lab"});
	assert_int_equal(n, 1);
	assert_int_equal(list[0].strength, STRENGTH_PROVEN);
	assert_int_equal(list[0].evidence[1].strength, STRENGTH_STRONG);
	assert_null(list[0].evidence[1].capped);
	findings_free(f);
}

static void another_entitys_signature_upholds_nothing(void **)
{
	SETTLE(WINE_FILE(MS_PE),
	       {.mark = PE_SIGNER, .scope = SCOPE_ITEM, .verified = true,
	        .path = "/usr/lib/wine/kernel32.dll", .state = STATE_INSTALLED,
	        .attr = ATTR_SIGNER_ORGANISATION, .value = "AO Kaspersky Lab"});
	assert_int_equal(n, 2);
	assert_string_equal(list[1].entity->id, "microsoft");
	assert_int_equal(list[1].strength, STRENGTH_WEAK);
	findings_free(f);
}

static void the_makers_own_package_contradicts_nothing(void **)
{
	static struct entity_name known = {.name = "Kaspersky Lab"};
	entities[KASPERSKY].names = &known;
	entities[KASPERSKY].n_names = 1;
	SETTLE({.mark = PE_MAKER, .scope = SCOPE_ITEM,
	        .path = "/opt/kaspersky/kesl/bin/kesl", .state = STATE_INSTALLED,
	        .attr = ATTR_PE_COMPANY, .value = "AO Kaspersky Lab"});
	entities[KASPERSKY].n_names = 0;
	assert_int_equal(n, 1);
	assert_int_equal(list[0].strength, STRENGTH_STRONG);
	findings_free(f);
}

static void a_fact_not_looked_up_is_weak(void **)
{
	SETTLE({.mark = BACKGROUND, .scope = SCOPE_ITEM, .path = "/srv/a",
	        .state = STATE_STORED, .attr = ATTR_ELF_COMMENT, .value = "x"});
	assert_int_equal(n, 1);
	assert_int_equal(list[0].strength, STRENGTH_WEAK);
	assert_non_null(list[0].evidence[0].capped);
	findings_free(f);
}

static void weak_evidence_never_adds_up(void **)
{
	SETTLE({.mark = NAME, .scope = SCOPE_ITEM, .path = "/opt/kaspersky/kesl/bin/kesl",
	        .state = STATE_INSTALLED, .attr = ATTR_PATH, .value = "x"},
	       {.mark = BACKGROUND, .scope = SCOPE_ITEM, .state = STATE_INSTALLED,
	        .path = "/opt/kaspersky/kesl/bin/kesl", .attr = ATTR_ELF_COMMENT,
	        .value = "y"},
	       {.mark = USER, .scope = SCOPE_SETUP, .path = "/etc/passwd",
	        .state = STATE_INSTALLED, .attr = ATTR_USER_NAME, .value = "kesl"});
	assert_int_equal(n, 1);
	assert_int_equal(list[0].n_evidence, 3);
	assert_int_equal(list[0].strength, STRENGTH_WEAK);
	findings_free(f);
}

/* ---- rule 5 ---- */

static void a_part_that_is_not_in_the_program_is_a_mention(void **)
{
	shown = 0;
	SETTLE(NRPE_PART, NRPE_PART, KESL_PACKAGE);
	shown = -1;
	assert_int_equal(n, 1);
	assert_article(&list[0], "deb", "kesl", "12.1.0-1297");
	assert_int_equal(mentions, 1);
	findings_free(f);
}

static void a_part_that_was_not_looked_for_is_weak_and_in_part(void **)
{
	SETTLE(NRPE_PART);
	assert_int_equal(n, 1);
	assert_int_equal(list[0].strength, STRENGTH_WEAK);
	assert_int_equal(list[0].basis, BASIS_IN_PART);
	assert_int_equal(mentions, 0);
	findings_free(f);
}

static void a_part_whose_bytes_are_there_is_strong_and_in_part(void **)
{
	shown = 1;
	SETTLE(NRPE_PART,
	       {.mark = CODE, .scope = SCOPE_ITEM, .path = "/usr/sbin/nrpe",
	        .state = STATE_INSTALLED, .attr = ATTR_FILE_BYTES,
	        .value = "CONFIG_HOST ERROR"});
	shown = -1;
	assert_int_equal(n, 1);
	assert_article(&list[0], "deb", "nagios-nrpe-server", "4.1.0-1");
	assert_int_equal(list[0].strength, STRENGTH_STRONG);
	assert_int_equal(list[0].basis, BASIS_IN_PART);
	assert_int_equal(list[0].n_evidence, 2);
	findings_free(f);
}

static size_t n_parts;
static struct findings *adding_to;

static void count_part(void *, uint32_t, struct slice package,
                       const struct entity *entity)
{
	assert_true(slice_eq(package, SLICE("nagios-nrpe-server")));
	assert_string_equal(entity->id, "kaspersky");
	n_parts++;
	for (int i = 0; i < 100; i++)
		assert_int_equal(add(adding_to, (struct given)KESL_PACKAGE), 0);
}

static void parts_are_named_once_and_more_may_be_added_meanwhile(void **)
{
	struct findings *f = adding_to = findings_new(&pack);

	assert_non_null(f);
	assert_int_equal(add(f, (struct given)KESL_PACKAGE), 0);
	for (int i = 0; i < 3; i++)
		assert_int_equal(add(f, (struct given)NRPE_PART), 0);
	findings_parts(f, count_part, NULL);
	assert_int_equal(n_parts, 1);
	findings_free(f);
}

/* ---- the set ---- */

static void the_id_is_the_same_in_every_run(void **)
{
	SETTLE(KESL_PACKAGE);
	assert_int_equal(n, 1);
	assert_string_equal(list[0].id, "9ebc83fa7c2ca16c416e2af012e2d3e8");
	findings_free(f);
}

static void the_same_claim_twice_is_one_piece_of_evidence(void **)
{
	SETTLE(KESL_PACKAGE, KESL_PACKAGE);
	assert_int_equal(n, 1);
	assert_int_equal(list[0].n_evidence, 1);
	findings_free(f);
}

static void evidence_over_the_limit_is_counted(void **)
{
	struct findings *f = findings_new(&pack);
	uint64_t mentions = 0;
	char value[32];
	size_t n;

	assert_non_null(f);
	for (int i = 0; i < EVIDENCE_MAX + 37; i++) {
		struct given g = KESL_PACKAGE;
		(void)snprintf(value, sizeof(value), "Kaspersky %d", i);
		g.value = value;
		assert_int_equal(add(f, g), 0);
	}
	assert_int_equal(findings_settle(f, &context, NULL, 0, &mentions), 0);
	const struct finding *list = findings_list(f, &n);
	assert_int_equal(n, 1);
	assert_int_equal(list[0].n_evidence, EVIDENCE_MAX);
	assert_int_equal(list[0].n_more, 37);
	findings_free(f);
}

static void hits_over_the_limit_are_refused(void **)
{
	struct findings *f = findings_new(&pack);
	uint64_t mentions = 0;
	char name[32];
	int r = 0, added = 0;
	size_t n;

	assert_non_null(f);
	while (added <= FINDINGS_MAX && r == 0) {
		struct given g = KESL_PACKAGE;
		(void)snprintf(name, sizeof(name), "kesl-%d", added);
		g.name = name;
		r = add(f, g);
		added += r == 0;
	}
	assert_int_equal(r, -E2BIG);
	assert_int_equal(added, FINDINGS_MAX);
	assert_int_equal(findings_settle(f, &context, NULL, 0, &mentions), 0);
	(void)findings_list(f, &n);
	assert_int_equal(n, FINDINGS_MAX);
	findings_free(f);
}

#define SIGNED_FILE(named) \
	{.mark = PE_SIGNER, .scope = SCOPE_ITEM, .path = "/srv/driver.sys", \
	 .name = "driver", .state = STATE_STORED, .verified = true, \
	 .attr = ATTR_SIGNER_ORGANISATION, .value = "AO Kaspersky Lab", \
	 .maker = (named)}

static void who_signed_the_file_of_another_maker_provided_it(void **)
{
	SETTLE(SIGNED_FILE("Somebody Else Inc"));
	assert_int_equal(n, 1);
	assert_int_equal(list[0].basis, BASIS_PROVIDED);
	assert_int_equal(list[0].strength, STRENGTH_PROVEN);
	findings_free(f);
}

static void who_signed_a_file_that_names_nobody_else_developed_it(void **)
{
	static const char *const named[] = {"", "Products of AO Kaspersky Lab"};

	for (size_t i = 0; i < COUNT_OF(named); i++) {
		SETTLE(SIGNED_FILE(named[i]));
		assert_int_equal(n, 1);
		assert_int_equal(list[0].basis, BASIS_DEVELOPED);
		findings_free(f);
	}
}

/* Entities list few spellings of their name; marks know more of them. */
static void a_maker_that_a_mark_knows_is_not_another(void **)
{
	SETTLE(SIGNED_FILE("KL Ltd."),
	       {.mark = PE_MAKER, .scope = SCOPE_ITEM,
	        .path = "/srv/driver.sys", .name = "driver",
	        .state = STATE_STORED, .attr = ATTR_PE_COMPANY,
	        .value = "KL Ltd."});
	assert_int_equal(n, 1);
	assert_int_equal(list[0].basis, BASIS_DEVELOPED);
	assert_int_equal(list[0].strength, STRENGTH_PROVEN);
	findings_free(f);
}

static void strings_over_the_limit_are_refused(void **)
{
	static char value[CLAIM_VALUE_MAX + 1];
	struct findings *f = findings_new(&pack);
	int r = 0;

	assert_non_null(f);
	memset(value, 'x', sizeof(value) - 1);
	for (int i = 0; i < FINDINGS_MAX && r == 0; i++) {
		struct given g = KESL_PACKAGE;
		(void)snprintf(value, 16, "%015d", i);
		value[15] = 'x';
		g.value = value;
		r = add(f, g);
	}
	assert_int_equal(r, -E2BIG);
	findings_free(f);
}

static void *add_many(void *f)
{
	for (int i = 0; i < 1000; i++)
		if (add(f, (struct given)KESL_PACKAGE) != 0)
			return f;
	return NULL;
}

static void several_threads_may_add(void **)
{
	struct findings *f = findings_new(&pack);
	pthread_t threads[4];
	uint64_t mentions = 0;
	size_t n;

	assert_non_null(f);
	for (size_t i = 0; i < COUNT_OF(threads); i++)
		assert_int_equal(pthread_create(&threads[i], NULL, add_many, f), 0);
	for (size_t i = 0; i < COUNT_OF(threads); i++) {
		void *failed;
		assert_int_equal(pthread_join(threads[i], &failed), 0);
		assert_null(failed);
	}
	assert_int_equal(findings_settle(f, NULL, NULL, 0, &mentions), 0);
	(void)findings_list(f, &n);
	assert_int_equal(n, 1);
	findings_free(f);
}

static void nothing_in_gives_nothing_out(void **)
{
	struct findings *f = findings_new(&pack);
	uint64_t mentions = 3;
	size_t n;

	assert_non_null(f);
	assert_int_equal(findings_settle(f, NULL, NULL, 0, &mentions), 0);
	(void)findings_list(f, &n);
	assert_int_equal(n, 0);
	assert_int_equal(mentions, 3);
	findings_free(f);
	findings_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(files_of_a_package_are_one_article),
		cmocka_unit_test(a_marks_article_joins_the_package_of_that_name),
		cmocka_unit_test(a_shared_table_does_not_accuse_its_owner),
		cmocka_unit_test(versions_stay_apart_and_a_bare_name_joins_none_of_two),
		cmocka_unit_test(ecosystems_and_sources_stay_apart),
		cmocka_unit_test(a_folder_is_the_code_package_in_it),
		cmocka_unit_test(a_loose_file_is_called_by_its_name),
		cmocka_unit_test(a_state_that_the_mark_does_not_list_gives_its_first),
		cmocka_unit_test(a_removed_package_is_residue),
		cmocka_unit_test(code_in_anothers_package_is_in_part),
		cmocka_unit_test(code_in_the_makers_own_package_stays_developed),
		cmocka_unit_test(proven_needs_a_verified_claim_or_a_registered_id),
		cmocka_unit_test(a_makers_name_in_anothers_unsigned_file_is_weak),
		cmocka_unit_test(a_verified_signer_upholds_the_makers_name),
		cmocka_unit_test(another_entitys_signature_upholds_nothing),
		cmocka_unit_test(the_makers_own_package_contradicts_nothing),
		cmocka_unit_test(a_fact_not_looked_up_is_weak),
		cmocka_unit_test(weak_evidence_never_adds_up),
		cmocka_unit_test(a_part_that_is_not_in_the_program_is_a_mention),
		cmocka_unit_test(a_part_that_was_not_looked_for_is_weak_and_in_part),
		cmocka_unit_test(a_part_whose_bytes_are_there_is_strong_and_in_part),
		cmocka_unit_test(parts_are_named_once_and_more_may_be_added_meanwhile),
		cmocka_unit_test(the_id_is_the_same_in_every_run),
		cmocka_unit_test(the_same_claim_twice_is_one_piece_of_evidence),
		cmocka_unit_test(evidence_over_the_limit_is_counted),
		cmocka_unit_test(hits_over_the_limit_are_refused),
		cmocka_unit_test(who_signed_the_file_of_another_maker_provided_it),
		cmocka_unit_test(who_signed_a_file_that_names_nobody_else_developed_it),
		cmocka_unit_test(a_maker_that_a_mark_knows_is_not_another),
		cmocka_unit_test(strings_over_the_limit_are_refused),
		cmocka_unit_test(several_threads_may_add),
		cmocka_unit_test(nothing_in_gives_nothing_out),
	};

	return cmocka_run_group_tests(tests, number_marks, NULL);
}
