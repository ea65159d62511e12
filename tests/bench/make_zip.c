/* make_zip FILE COUNT: a deflated zip of that many small texts. */
#include <archive.h>
#include <archive_entry.h>
#include <stdlib.h>

#include "made.h"

enum { MOST = 1 << 16 };

int
main(int argc, char *argv[])
{
	struct archive_entry *entry = archive_entry_new();
	struct archive *zip = archive_write_new();
	static char text[MOST];
	char name[64];
	size_t len;
	long count, n;

	if (argc != 3 || archive_write_set_format_zip(zip) != ARCHIVE_OK ||
	    archive_write_open_filename(zip, argv[1]) != ARCHIVE_OK)
		return 2;
	count = strtol(argv[2], NULL, 10);
	for (n = 0; n < count; n++) {
		len = made_words(text, made_number(50, 1200));
		(void)snprintf(name, sizeof(name), "export/%03ld/note%06ld.txt",
		    n / 500, n);
		archive_entry_clear(entry);
		archive_entry_set_pathname(entry, name);
		archive_entry_set_filetype(entry, AE_IFREG);
		archive_entry_set_perm(entry, 0644);
		archive_entry_set_mtime(entry, 1700000000 + n, 0);
		archive_entry_set_size(entry, (la_int64_t)len);
		if (archive_write_header(zip, entry) != ARCHIVE_OK ||
		    archive_write_data(zip, text, len) != (la_ssize_t)len)
			return 1;
	}
	archive_entry_free(entry);
	return archive_write_free(zip) == ARCHIVE_OK ? 0 : 1;
}
