/* SPDX-License-Identifier: ISC */
/*
 * A main() for fuzz targets where there is no libFuzzer: runs the target on
 * every file of the folder argv[1], and on a fixed set of mutations of them
 * and of nothing, the same ones in every run.  A missing folder has no files.
 * More arguments are files to run as they are, to see a crash again.
 */
#include <dirent.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define INPUT_MAX	((size_t)65536)
#define SEEDS_MAX	512
#define ROUNDS		20000
#define BUDGET_MS	1000

struct input {
	uint8_t *p;
	size_t n;
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int LLVMFuzzerInitialize(int *argc, char ***argv) __attribute__((weak));

static struct input seeds[SEEDS_MAX];
static unsigned n_seeds;
static uint64_t state = 0x5eed;

static uint32_t
dice(uint32_t n)
{
	state = state * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(state >> 33) % n;
}

/* A copy of exactly n bytes, so that a sanitizer sees a read past the end. */
static void
run(const uint8_t *p, size_t n)
{
	uint8_t *copy = malloc(n ? n : 1);

	if (!copy)
		abort();
	if (n)
		memcpy(copy, p, n);
	LLVMFuzzerTestOneInput(copy, n);
	free(copy);
}

static bool
load(const char *path, struct input *ret)
{
	FILE *f = fopen(path, "rb");
	uint8_t *p = malloc(INPUT_MAX);
	size_t n;

	if (!f || !p) {
		perror(path);
		exit(2);
	}
	n = fread(p, 1, INPUT_MAX, f);
	if (ferror(f)) {	/* a folder */
		fclose(f);
		free(p);
		return false;
	}
	fclose(f);
	*ret = (struct input){ .p = p, .n = n };
	return true;
}

static int
by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static void
load_folder(const char *path)
{
	struct dirent **v;
	char name[4096];
	int n = scandir(path, &v, NULL, by_name);

	for (int i = 0; i < n; i++) {
		snprintf(name, sizeof(name), "%s/%s", path, v[i]->d_name);
		if (v[i]->d_name[0] != '.' && n_seeds < SEEDS_MAX)
			n_seeds += load(name, &seeds[n_seeds]);
		free(v[i]);
	}
	if (n >= 0)
		free(v);
}

static void
insert(uint8_t *b, size_t *n)
{
	size_t at = dice((uint32_t)*n + 1), many = 1 + dice(8);

	if (*n + many > INPUT_MAX)
		return;
	memmove(b + at + many, b + at, *n - at);
	for (size_t i = 0; i < many; i++)
		b[at + i] = (uint8_t)dice(256);
	*n += many;
}

static void
cut(uint8_t *b, size_t *n)
{
	size_t at = dice((uint32_t)*n), many = 1 + dice(8);

	if (dice(4) == 0 || many > *n - at)
		many = *n - at;
	memmove(b + at, b + at + many, *n - at - many);
	*n -= many;
}

/* The head of b, then the tail of a seed. */
static void
splice(uint8_t *b, size_t *n)
{
	const struct input *s = &seeds[dice(n_seeds)];
	size_t keep = dice((uint32_t)*n + 1);
	size_t from = dice((uint32_t)s->n + 1);

	if (keep + s->n - from > INPUT_MAX)
		return;
	memcpy(b + keep, s->p + from, s->n - from);
	*n = keep + s->n - from;
}

static void
overwrite(uint8_t *b, size_t n)
{
	static const uint8_t edge[] = { 0, 1, 0x7f, 0x80, 0xfe, 0xff };
	size_t at = dice((uint32_t)n);

	switch (dice(4)) {
	case 0:
		b[at] ^= (uint8_t)(1 << dice(8));
		break;
	case 1:
		b[at] = edge[dice(sizeof(edge))];
		break;
	case 2:
		b[at] = (uint8_t)(b[at] + dice(9) - 4);
		break;
	default:
		b[at] = b[dice((uint32_t)n)];
	}
}

static void
mutate(uint8_t *b, size_t *n)
{
	switch (dice(8)) {
	case 0:
		insert(b, n);
		break;
	case 1:
		if (*n)
			cut(b, n);
		break;
	case 2:
		if (n_seeds)
			splice(b, n);
		break;
	default:
		if (*n)
			overwrite(b, *n);
		else
			insert(b, n);
	}
}

static int64_t
clock_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void
run_mutations(void)
{
	static uint8_t b[INPUT_MAX];
	int64_t end = clock_ms() + BUDGET_MS;
	unsigned i;

	for (i = 0; i < ROUNDS && (i % 64 || clock_ms() < end); i++) {
		size_t n = 0;

		if (n_seeds && i % 16) {
			const struct input *s = &seeds[i % n_seeds];

			memcpy(b, s->p, s->n);
			n = s->n;
		}
		for (uint32_t k = 1 + dice(6); k > 0; k--)
			mutate(b, &n);
		run(b, n);
	}
	printf("%u seeds, %u mutations\n", n_seeds, i);
}

int
main(int argc, char **argv)
{
	struct input one;

	if (LLVMFuzzerInitialize)
		LLVMFuzzerInitialize(&argc, &argv);
	alarm(60);		/* a target that hangs has failed */
	for (int i = 2; i < argc; i++) {
		if (load(argv[i], &one)) {
			run(one.p, one.n);
			free(one.p);
		}
	}
	if (argc > 2)
		return 0;
	if (argc > 1)
		load_folder(argv[1]);
	run(NULL, 0);
	for (unsigned i = 0; i < n_seeds; i++)
		run(seeds[i].p, seeds[i].n);
	run_mutations();
	for (unsigned i = 0; i < n_seeds; i++)
		free(seeds[i].p);
	return 0;
}
