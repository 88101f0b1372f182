/* SPDX-License-Identifier: ISC */
/*
 * A library to be loaded before a program (LD_PRELOAD) whose memory is then
 * out now and again: of what the program itself asks for, and not the
 * libraries it stands on, one in so many allocations fails, as the first four
 * octets of the file STARVE say at that moment; 0 is none.
 */
#include <fcntl.h>
#include <link.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

extern void *__libc_malloc(size_t n);
extern void *__libc_calloc(size_t count, size_t n);
extern void *__libc_realloc(void *p, size_t n);

struct told {
	uint32_t one_in;
	uint32_t failed;		/* told back */
};

static struct told *told;
static uintptr_t from, to;		/* where the program's code is */
static uint64_t dice = 88172645463325252u;

static int
main_program(struct dl_phdr_info *info, size_t size, void *arg)
{
	(void)size;
	(void)arg;
	for (int i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *p = &info->dlpi_phdr[i];

		if (p->p_type != PT_LOAD || !(p->p_flags & PF_X))
			continue;
		from = info->dlpi_addr + p->p_vaddr;
		to = from + p->p_memsz;
	}
	return 1;		/* the first one is the program */
}

static void __attribute__((constructor))
begin(void)
{
	const char *path = getenv("STARVE");
	int fd = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
	void *p;

	if (fd < 0)
		return;
	p = mmap(NULL, sizeof(*told), PROT_READ | PROT_WRITE, MAP_SHARED, fd,
	    0);
	close(fd);
	dl_iterate_phdr(main_program, NULL);
	told = p == MAP_FAILED ? NULL : p;
}

static int
fails(uintptr_t caller)
{
	const uint32_t one_in = told ? told->one_in : 0;

	if (!one_in || caller < from || caller >= to)
		return 0;
	dice ^= dice << 13;
	dice ^= dice >> 7;
	dice ^= dice << 17;
	if ((dice >> 11) % one_in)
		return 0;
	told->failed++;
	return 1;
}

#define CALLER	((uintptr_t)__builtin_return_address(0))

void *
malloc(size_t n)
{
	return fails(CALLER) ? NULL : __libc_malloc(n);
}

void *
calloc(size_t count, size_t n)
{
	return fails(CALLER) ? NULL : __libc_calloc(count, n);
}

void *
realloc(void *p, size_t n)
{
	return fails(CALLER) ? NULL : __libc_realloc(p, n);
}
