/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
/* cmocka.h needs the three above. */
#include <cmocka.h>

#include "extract/test_prefix.h"

extern const struct extractor extract_npm, extract_npm_lock;

/* From the npm package @kaspersky/hexa-ui, shortened. */
static const char hexa[] =
	"{\n  \"name\": \"@kaspersky/hexa-ui\",\n  \"version\": \"6.198.2\",\n"
	"  \"author\": \"AO Kaspersky Lab\",\n"
	"  \"repository\": \"KasperskyLab/uif\",\n"
	"  \"dependencies\": {\"react\": \"^17\"}\n}\n";

static const char people[] =
	"{\"name\":\"p\",\"author\":\"Ann <a@b.example> (https://b.example)\","
	"\"contributors\":[{\"name\":\"M\\u00fcller\",\"email\":\"m@c.example\"}],"
	"\"repository\":{\"type\":\"git\",\"url\":\"git@d.example:x.git\"}}";

static const char extension[] =
	"{\"name\":\"e\",\"publisher\":\"ms-python\","
	"\"homepage\":\"https://d.example/e\"}";

static const char project[] =
	"{\"name\":\"mine\",\"dependencies\":{\"a\":\"^1\","
	"\"alias\":\"npm:@s/real@^2\"},\"devDependencies\":{\"d\":\"*\"}}";

static void an_installed_package_names_its_author(void **state)
{
	(void)state;
	EXPECT_EXTRACT(
		&extract_npm,
		"/opt/x/node_modules/@kaspersky/hexa-ui/package.json",
		slice_str(hexa),
		"folder installed npm name=@kaspersky/hexa-ui version=6.198.2 "
		"root=/opt/x/node_modules/@kaspersky/hexa-ui\n"
		"  npm.name=@kaspersky/hexa-ui @13+18\n"
		"  npm.author=AO Kaspersky Lab @71+16\n"
		"  npm.repository=KasperskyLab/uif @107+16\n");
}

static void people_are_taken_apart(void **state)
{
	(void)state;
	EXPECT_EXTRACT(&extract_npm, "/n/node_modules/p/package.json",
	               slice_str(people),
	               "folder installed npm name=p root=/n/node_modules/p\n"
	               "  npm.name=p @9+1\n"
	               "  npm.author=Ann @22+3\n"
	               "  npm.author=a@b.example @27+11\n"
	               "  npm.author=https://b.example @41+17\n"
	               "  npm.author=Müller @86+11\n"
	               "  npm.author=m@c.example @108+11\n"
	               "  npm.repository=git@d.example:x.git @157+19\n");
}

static void the_homepage_and_the_publisher_are_claimed(void **state)
{
	(void)state;
	EXPECT_EXTRACT(&extract_npm, "/n/node_modules/e/package.json",
	               slice_str(extension),
	               "folder installed npm name=e root=/n/node_modules/e\n"
	               "  npm.name=e @9+1\n"
	               "  npm.author=ms-python @25+9\n"
	               "  package.url=https://d.example/e @48+19\n");
}

static void a_project_refers_to_what_it_depends_on(void **state)
{
	(void)state;
	EXPECT_EXTRACT(&extract_npm, "/srv/p/package.json", slice_str(project),
	               "folder stored npm name=mine root=/srv/p\n"
	               "  npm.name=mine @9+4\n"
	               "item referenced npm name=a version=^1\n"
	               "  npm.dependency=a @32+1\n"
	               "item referenced npm name=@s/real version=npm:@s/real@^2\n"
	               "  npm.dependency=@s/real @41+5\n"
	               "item referenced npm name=d version=*\n"
	               "  npm.dependency=d @86+1\n");
}

static void a_manifest_inside_a_package_is_only_stored(void **state)
{
	(void)state;
	EXPECT_EXTRACT(&extract_npm, "/n/node_modules/p/test/package.json",
	               SLICE("{\"name\":\"t\",\"dependencies\":{\"a\":\"1\"}}"),
	               "folder stored npm name=t root=/n/node_modules/p/test\n"
	               "  npm.name=t @9+1\n");
}

static void a_manifest_without_a_name_says_nothing(void **state)
{
	(void)state;
	EXPECT_EXTRACT(&extract_npm, "/n/node_modules/p/esm/package.json",
	               SLICE("{\"type\":\"module\"}"), "");
	EXPECT_EXTRACT(&extract_npm, "/p/package.json", SLICE("[1,2]"), "");
}

static void broken_and_bottomless_manifests_are_results(void **state)
{
	(void)state;
	char deep[1000];
	memset(deep, '[', sizeof(deep));
	EXPECT_EXTRACT(&extract_npm, "/p/package.json", SLICE("{\"name\":\"x"),
	               "error EBADMSG\n");
	EXPECT_EXTRACT(&extract_npm, "/p/package.json",
	               slice_of(deep, sizeof(deep)), "error ELOOP\n");
}

static void lock_files_of_npm_name_every_package(void **state)
{
	(void)state;
	static const char v3[] =
		"{\"lockfileVersion\":3,\"packages\":{\"\":{\"name\":\"me\"},"
		"\"node_modules/a\":{\"version\":\"1.2.3\"},"
		"\"node_modules/a/node_modules/@s/b\":{\"version\":\"2\"},"
		"\"ws/c\":{\"version\":\"1\"}}}";
	static const char v1[] =
		"{\"dependencies\":{\"a\":{\"version\":\"1\",\"dependencies\":"
		"{\"b\":{\"version\":\"2\"}}}}}";

	EXPECT_EXTRACT(&extract_npm_lock, "/p/package-lock.json", slice_str(v3),
	               "item referenced npm name=a version=1.2.3\n"
	               "  npm.dependency=a @64+1\n"
	               "item referenced npm name=@s/b version=2\n"
	               "  npm.dependency=@s/b @116+4\n");
	EXPECT_EXTRACT(&extract_npm_lock, "/p/npm-shrinkwrap.json",
	               slice_str(v1),
	               "item referenced npm name=a version=1\n"
	               "  npm.dependency=a @18+1\n"
	               "item referenced npm name=b version=2\n"
	               "  npm.dependency=b @53+1\n");
}

static const char yarn[] =
	"# yarn lockfile v1\n\n"
	"\"@s/a@^1.0.0\", \"@s/a@^1.1\":\n  version \"1.2.0\"\n"
	"  dependencies:\n    b \"^3\"\n\n"
	"b@^3:\n  version \"3.0.1\"\n";

static const char pnpm[] =
	"lockfileVersion: '9.0'\n\nimporters:\n  .:\n    dependencies:\n\n"
	"packages:\n\n  '@s/a@1.2.0':\n    resolution: {integrity: x}\n"
	"  /b/3.0.1_peer:\n  /c@4.0.0(d@1.0.0):\n\nsnapshots:\n  e@1.0.0:\n";

static void lock_files_of_yarn_and_pnpm_name_every_package(void **state)
{
	(void)state;
	EXPECT_EXTRACT(&extract_npm_lock, "/p/yarn.lock", slice_str(yarn),
	               "item referenced npm name=@s/a version=1.2.0\n"
	               "  npm.dependency=@s/a @21+4\n"
	               "item referenced npm name=b version=3.0.1\n"
	               "  npm.dependency=b @94+1\n");
	EXPECT_EXTRACT(&extract_npm_lock, "/p/yarn.lock",
	               SLICE("__metadata:\n  version: 6\n\n"
	                     "\"a@npm:^1, a@npm:~2\":\n  version: 2.0.0\n"),
	               "item referenced npm name=a version=2.0.0\n"
	               "  npm.dependency=a @27+1\n");
	EXPECT_EXTRACT(&extract_npm_lock, "/p/pnpm-lock.yaml", slice_str(pnpm),
	               "item referenced npm name=@s/a version=1.2.0\n"
	               "  npm.dependency=@s/a @73+4\n"
	               "item referenced npm name=b version=3.0.1\n"
	               "  npm.dependency=b @120+1\n"
	               "item referenced npm name=c version=4.0.0\n"
	               "  npm.dependency=c @137+1\n");
}

static void every_prefix_is_survived(void **state)
{
	(void)state;
	run_on_every_prefix(&extract_npm, "/p/package.json", slice_str(people));
	run_on_every_prefix(&extract_npm, "/p/package.json", slice_str(project));
	run_on_every_prefix(&extract_npm, "/p/package.json",
	                    SLICE("{\"name\":\"\\ud83d\\ude00\\u00e9\\q\\u12"));
	run_on_every_prefix(&extract_npm_lock, "/p/yarn.lock", slice_str(yarn));
	run_on_every_prefix(&extract_npm_lock, "/p/pnpm-lock.yaml",
	                    slice_str(pnpm));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_installed_package_names_its_author),
		cmocka_unit_test(people_are_taken_apart),
		cmocka_unit_test(the_homepage_and_the_publisher_are_claimed),
		cmocka_unit_test(a_project_refers_to_what_it_depends_on),
		cmocka_unit_test(a_manifest_inside_a_package_is_only_stored),
		cmocka_unit_test(a_manifest_without_a_name_says_nothing),
		cmocka_unit_test(broken_and_bottomless_manifests_are_results),
		cmocka_unit_test(lock_files_of_npm_name_every_package),
		cmocka_unit_test(lock_files_of_yarn_and_pnpm_name_every_package),
		cmocka_unit_test(every_prefix_is_survived),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
