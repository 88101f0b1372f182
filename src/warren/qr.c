/* SPDX-License-Identifier: ISC */
#include "warren/qr.h"

#include <errno.h>
#include <fcntl.h>
#include <png.h>
#include <qrencode.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"

#define QUIET	4	/* modules of margin, ISO/IEC 18004 */
#define PIXELS	8	/* a module's side */

static QRcode *
encode(const char *text)
{
	return QRcode_encodeString8bit(text, 0, QR_ECLEVEL_L);
}

/* QRcode_free() leaves what was in it, a key, in memory. */
static void
forget(QRcode *q)
{
	mem_wipe(q->data, (size_t)q->width * (size_t)q->width);
	QRcode_free(q);
}

static bool
dark(const QRcode *q, int x, int y)
{
	return x >= 0 && y >= 0 && x < q->width && y < q->width &&
	    q->data[y * q->width + x] & 1;
}

bool
qr_show(FILE *to, const char *text)
{
	/* Black and white by name, whatever colours the terminal likes. */
	static const char *const half[] = { "█", "▀", "▄", " " };
	QRcode *q = encode(text);

	if (q == NULL)
		return false;
	for (int y = -QUIET; y < q->width + QUIET; y += 2) {
		fputs("\033[40;97m", to);
		for (int x = -QUIET; x < q->width + QUIET; x++)
			fputs(half[dark(q, x, y) * 2 + dark(q, x, y + 1)], to);
		fputs("\033[0m\n", to);
	}
	forget(q);
	return true;
}

static bool
write_rows(png_structp png, const QRcode *q)
{
	const int side = (q->width + 2 * QUIET) * PIXELS;
	png_byte *row = calloc(1, (size_t)side);

	if (row == NULL)
		return false;
	for (int y = 0; y < side; y++) {
		for (int x = 0; x < side; x++)
			row[x] = dark(q, x / PIXELS - QUIET,
			    y / PIXELS - QUIET) ? 0 : 255;
		png_write_row(png, row);
	}
	mem_wipe(row, (size_t)side);
	free(row);
	return true;
}

static int
write_png(FILE *f, const QRcode *q)
{
	const png_uint_32 side = (png_uint_32)(q->width + 2 * QUIET) * PIXELS;
	png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING,
	    NULL, NULL, NULL);
	png_infop info = png ? png_create_info_struct(png) : NULL;
	bool ok = false;

	/* libpng comes back here by longjmp() after an error. */
	if (info != NULL && setjmp(png_jmpbuf(png)) == 0) {
		png_init_io(png, f);
		png_set_IHDR(png, info, side, side, 8, PNG_COLOR_TYPE_GRAY,
		    PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
		    PNG_FILTER_TYPE_DEFAULT);
		png_write_info(png, info);
		if (write_rows(png, q)) {
			png_write_end(png, NULL);
			if (fflush(f) == 0)
				ok = true;
		}
	}
	if (png != NULL)
		png_destroy_write_struct(&png, &info);
	return ok ? 0 : -EIO;
}

int
qr_png(const char *path, const char *text)
{
	QRcode *q = encode(text);
	FILE *f = NULL;
	int fd, err;

	if (q == NULL)
		return -errno;
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd >= 0)
		f = fdopen(fd, "wb");
	err = f ? write_png(f, q) : -errno;
	if (f != NULL && fclose(f) != 0 && err == 0)
		err = -errno;
	if (err != 0 && fd >= 0)
		unlink(path);
	forget(q);
	return err;
}
