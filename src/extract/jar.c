/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ZIP files that are programs: Java archives by their manifest, Maven
 * coordinates and class folders; Python wheels and eggs by their metadata.
 * Any other ZIP file, an Android application among them, is said to be an
 * archive that was not opened; so is what lies packed inside a JAR.
 */
#include "extract/code_util.h"
#include "extract/pypi_util.h"
#include "extract/values_util.h"
#include "extract/zip_util.h"

#include <errno.h>

enum {
	MEMBER_BYTES_MAX = 1024 * 1024, /* of a manifest or properties file */
	POMS_MAX = 256,
	FIELDS_MAX = 16,                /* of a manifest that are claimed */
	MANIFEST_LINES_MAX = 4096,
	UNREAD_MAX = 16                 /* members named as not examined */
};

/* What a ZIP file holds that says what it is. */
struct jar {
	struct extraction *x;
	struct zip zip;
	struct zip_member manifest, python; /* empty name: there is none */
	struct zip_member *poms;            /* room for POMS_MAX */
	size_t n_poms;
	struct value_set folders;
	struct slice last_folder;           /* members stand folder by folder */
	struct claim *classes;              /* one per folder; VALUE_SET_MAX */
	size_t n_classes;
	bool android, dex, more_folders, encrypted;
	unsigned n_unread;
};

/* --- what is in it --- */

static void say_unread(struct jar *j, enum why why, struct slice member)
{
	if (j->n_unread < UNREAD_MAX)
		sink_unread(j->x->out, why, member);
	j->n_unread++;
}

static void add_class(struct jar *j, struct slice name)
{
	struct slice folder = slice_dirname(name);

	if (folder.n == 0 || slice_eq(folder, j->last_folder))
		return;
	j->last_folder = folder;
	int r = value_set_add(&j->folders, ATTR_JAR_CLASS, folder);
	if (r < 0)
		j->more_folders = true;
	if (r <= 0)
		return;
	j->classes[j->n_classes++] = (struct claim){
		.attr = ATTR_JAR_CLASS,
		.value = folder,
		.member = name,
	};
}

static bool is_python(struct slice name)
{
	return slice_ends(name, SLICE(".dist-info/METADATA")) ||
	       slice_eq(name, SLICE("EGG-INFO/PKG-INFO"));
}

static bool is_pom(struct slice name)
{
	return slice_starts(name, SLICE("META-INF/maven/")) &&
	       slice_ends(name, SLICE("/pom.properties"));
}

static void sort_member(struct jar *j, const struct zip_member *m)
{
	struct slice name = m->name;

	if (m->encrypted) {
		j->encrypted = true;
		say_unread(j, WHY_ENCRYPTED, name);
	}
	if (slice_ends(name, SLICE(".class")))
		add_class(j, name);
	else if (slice_eq_nocase(name, SLICE("META-INF/MANIFEST.MF")))
		j->manifest = *m;
	else if (is_python(name))
		j->python = *m;
	else if (is_pom(name) && j->n_poms < POMS_MAX)
		j->poms[j->n_poms++] = *m;
	else if (slice_eq(name, SLICE("AndroidManifest.xml")))
		j->android = true;
	else if (slice_eq(name, SLICE("classes.dex")))
		j->dex = true;
}

static int survey(struct jar *j)
{
	struct zip_member m;
	int r;

	j->folders = value_set_on(j->x->mem);
	j->poms = arena_zalloc(j->x->mem, POMS_MAX, sizeof(*j->poms));
	j->classes =
		arena_zalloc(j->x->mem, VALUE_SET_MAX, sizeof(*j->classes));
	if (!j->poms || !j->classes)
		return -ENOMEM;
	while ((r = zip_next(&j->zip, &m)) > 0)
		sort_member(j, &m);
	return r;
}

/* Archives and native programs inside are not looked into: says which. */
static void say_packed(struct jar *j)
{
	static const struct slice ends[] = {
		SLICE(".jar"), SLICE(".war"), SLICE(".zip"),    SLICE(".so"),
		SLICE(".dll"), SLICE(".exe"), SLICE(".jnilib"), SLICE(".dylib"),
		SLICE(".pyd"),
	};
	struct zip_member m;

	zip_rewind(&j->zip);
	while (zip_next(&j->zip, &m) > 0)
		for (size_t i = 0; i < COUNT_OF(ends); i++)
			if (!m.encrypted && slice_ends(m.name, ends[i]))
				say_unread(j, WHY_ARCHIVE, m.name);
}

/* A member's bytes, or an empty slice and a word about why not. */
static struct slice read_member(struct jar *j, const struct zip_member *m)
{
	struct slice text = {0};

	if (m->name.n == 0 || m->encrypted)
		return text;
	int r = zip_read(&j->zip, m, MEMBER_BYTES_MAX, j->x->mem, &text);
	if (r < 0)
		sink_unread(j->x->out, extract_why(r), m->name);
	return text;
}

/* --- manifest --- */

enum use { USE_CLAIM, USE_NAME, USE_VERSION };

static const struct {
	struct slice key;
	enum use use;
	enum attr attr;
} manifest_keys[] = {
	{SLICE("Implementation-Vendor"), USE_CLAIM, ATTR_JAR_VENDOR},
	{SLICE("Specification-Vendor"), USE_CLAIM, ATTR_JAR_VENDOR},
	{SLICE("Bundle-Vendor"), USE_CLAIM, ATTR_JAR_VENDOR},
	{SLICE("Implementation-Title"), USE_NAME, ATTR_JAR_TITLE},
	{SLICE("Bundle-Name"), USE_NAME, ATTR_JAR_TITLE},
	{SLICE("Bundle-SymbolicName"), USE_NAME, ATTR_JAR_TITLE},
	{SLICE("Implementation-Version"), USE_VERSION, 0},
	{SLICE("Bundle-Version"), USE_VERSION, 0},
};

struct manifest {
	struct claim claims[FIELDS_MAX];
	size_t n;
	struct slice name, version;
};

/* Takes one field off the text: a line and those after it that start with a
 * blank, which are its continuation. The result is unfolded. */
static bool next_field(struct slice *rest, struct arena *mem, struct slice *ret)
{
	struct slice line, more;

	if (!slice_line(rest, &line) || line.n == 0)
		return false;
	const uint8_t *start = line.p;
	*ret = line;
	if (rest->n == 0 || rest->p[0] != ' ')
		return true;
	size_t most = (size_t)(rest->p - start) + rest->n;
	uint8_t *to = arena_alloc(mem, most < CLAIM_VALUE_MAX ? most
	                                                      : CLAIM_VALUE_MAX);
	if (!to)
		return true;
	size_t n = line.n < CLAIM_VALUE_MAX ? line.n : CLAIM_VALUE_MAX;
	memcpy(to, line.p, n);
	while (rest->n && rest->p[0] == ' ' && slice_line(rest, &more)) {
		more = slice_first(slice_from(more, 1), CLAIM_VALUE_MAX - n);
		memcpy(to + n, more.p, more.n);
		n += more.n;
	}
	*ret = slice_of(to, n);
	return true;
}

static void use_field(struct manifest *m, size_t i, struct claim claim)
{
	/* "org.example.name;singleton:=true" */
	if (manifest_keys[i].use == USE_NAME)
		claim.value = slice_first(claim.value,
		                          slice_find_byte(claim.value, ';'));
	if (manifest_keys[i].use == USE_VERSION) {
		if (m->version.n == 0)
			m->version = claim.value;
		return;
	}
	/* "%bundleName" stands for a text in another member. */
	if (slice_starts(claim.value, SLICE("%")) || m->n == FIELDS_MAX)
		return;
	if (manifest_keys[i].use == USE_NAME && m->name.n == 0)
		m->name = claim.value;
	claim.attr = manifest_keys[i].attr;
	m->claims[m->n++] = claim;
}

static void read_manifest(struct jar *j, struct manifest *m)
{
	struct slice text = read_member(j, &j->manifest);
	struct slice rest = text, field;

	for (unsigned i = 0; i < MANIFEST_LINES_MAX; i++) {
		size_t offset = text.n - rest.n;
		if (!next_field(&rest, j->x->mem, &field))
			return; /* the sections of single members follow */
		size_t colon = slice_find_byte(field, ':');
		struct slice key = slice_first(field, colon);
		struct slice value = slice_trim(slice_from(field, colon + 1));
		for (size_t k = 0; k < COUNT_OF(manifest_keys); k++)
			if (slice_eq_nocase(key, manifest_keys[k].key))
				use_field(m, k,
				          (struct claim){
						  .value = value,
						  .member = j->manifest.name,
						  .offset = offset,
						  .length = field.n,
					  });
	}
}

/* --- Maven --- */

struct pom {
	struct claim group, artifact;
	struct slice version, name; /* name: "group:artifact" */
};

/* The value of "key=value"; an empty claim when the text has no such line. */
static struct claim property(struct slice text, struct slice member,
                             struct slice key, enum attr attr)
{
	struct slice rest = text, line;

	while (slice_line(&rest, &line)) {
		size_t n = slice_find_byte(line, '=');
		if (!slice_eq(slice_trim(slice_first(line, n)), key))
			continue;
		struct slice value = slice_trim(slice_from(line, n + 1));
		return (struct claim){
			.attr = attr,
			.value = value,
			.member = member,
			.offset = (size_t)(value.p - text.p),
			.length = value.n,
		};
	}
	return (struct claim){0};
}

static bool read_pom(struct jar *j, const struct zip_member *m, struct pom *ret)
{
	struct slice text = read_member(j, m);

	*ret = (struct pom){
		.group = property(text, m->name, SLICE("groupId"),
	                          ATTR_MAVEN_GROUP),
		.artifact = property(text, m->name, SLICE("artifactId"),
	                             ATTR_MAVEN_ARTIFACT),
		.version = property(text, m->name, SLICE("version"), 0).value,
	};
	struct slice group = ret->group.value, artifact = ret->artifact.value;
	if (group.n == 0 || artifact.n == 0 || group.n > RECORD_NAME_MAX)
		return false;
	ret->name = slice_str(arena_printf(j->x->mem, "%.*s:%.*s",
	                                   SLICE_ARG(group),
	                                   SLICE_ARG(slice_first(
						   artifact, RECORD_NAME_MAX))));
	return true;
}

/* --- records --- */

static void claim_pom(struct jar *j, const struct pom *pom)
{
	sink_claim(j->x->out, &pom->group);
	sink_claim(j->x->out, &pom->artifact);
}

/* One POM says what the file is; several say what was put together in it, and
 * each then has a record of its own. */
static void claim_jar(struct jar *j, struct record *head)
{
	struct manifest manifest = {0};
	struct pom pom;
	bool single = j->n_poms == 1 && read_pom(j, &j->poms[0], &pom);

	read_manifest(j, &manifest);
	if (manifest.name.n)
		head->name = manifest.name;
	head->version = manifest.version;
	if (single) {
		head->ecosystem = "maven";
		head->name = pom.name;
		head->version = pom.version;
	}
	sink_record(j->x->out, head);
	if (single)
		claim_pom(j, &pom);
	struct value_run run = value_run_on(j->x, head);
	for (size_t i = 0; i < manifest.n; i++)
		value_run_add(&run, &manifest.claims[i]);
	for (size_t i = 0; i < j->n_classes; i++)
		value_run_add(&run, &j->classes[i]);
	for (size_t i = 0; !single && i < j->n_poms; i++) {
		if (!read_pom(j, &j->poms[i], &pom))
			continue;
		struct record part = *head;
		part.ecosystem = "maven";
		part.name = pom.name;
		part.version = pom.version;
		sink_record(j->x->out, &part);
		claim_pom(j, &pom);
	}
}

static void claim_python(struct jar *j)
{
	struct slice text = read_member(j, &j->python);

	sink_record(j->x->out, &(struct record){
				       .scope = SCOPE_ITEM,
				       .kind = ARTICLE_SOFTWARE,
				       .state = STATE_STORED,
				       .ecosystem = "pypi",
			       });
	if (!pypi_fields(j->x->out, slice_first(text, PYPI_METADATA_MAX),
	                 j->python.name))
		sink_drop(j->x->out);
}

static void claim_what_it_is(struct jar *j)
{
	struct record head = value_item_head(j->x->item);

	if (j->python.name.n) {
		claim_python(j);
	} else if ((j->manifest.name.n || j->n_classes) && !j->android) {
		claim_jar(j, &head);
	} else {
		sink_unread(j->x->out, WHY_ARCHIVE, (struct slice){0});
		return;
	}
	say_packed(j);
	if (j->more_folders)
		sink_unread(j->x->out, WHY_TOO_MANY, (struct slice){0});
}

static int jar_run(struct extraction *x)
{
	struct jar j = {.x = x};

	/* A browser extension is a ZIP file too, and has its own extractor. */
	if (slice_ends(x->item->path, SLICE(".xpi")))
		return 0;
	int r = zip_open(&j.zip, x->in, x->mem);
	if (r == -ENOENT)
		return slice_starts(x->in->head, SLICE("PK\3\4")) ? -EBADMSG : 0;
	if (r < 0)
		return r;
	r = survey(&j);
	claim_what_it_is(&j);
	return r;
}

/* By name as well, since a JAR may start with a script that launches it. */
const struct extractor extract_jar = {
	.name = "jar",
	.version = 1,
	.probes = {{MAGIC("PK\3\4")}, {MAGIC("#!"), .path = "*.jar"}},
	.run = jar_run,
};
