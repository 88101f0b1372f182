/* SPDX-License-Identifier: ISC */
/* Keys: who may read them, which belong together, who else has them. */
#include <string.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "base/text.h"
#include "sys/files.h"
#include "warren/doctor.h"
#include "wg/key.h"

#define PATH_MOST	4096

/* --- files --------------------------------------------------------------- */

static void
secret_file(struct doctor *d, const char *path, const char *what)
{
	const char *fix;
	struct stat st;

	if (path == NULL || stat(path, &st) != 0 || !S_ISREG(st.st_mode) ||
	    (st.st_mode & (S_IRWXG | S_IRWXO)) == 0)
		return;
	fix = doctor_mend(d, "chmod 600 '%s'", path);
	doctor_finds(d, "key-readable", fix, strchr(path, '\'') ? NULL : fix,
	    "%s, which holds %s, has mode %04o: others than its owner may "
	    "read it", path, what, (unsigned)st.st_mode & 07777);
}

/* The first word of a file, as a key. */
static bool
key_of_file(const char *path, uint8_t ret[WG_KEY])
{
	const char *why;
	struct text t;
	bool ok;

	text_init(&t, 4096);
	t.secret = true;
	ok = files_read(NULL, path, &t, &why) && !t.bad &&
	    wg_key_from_base64(ret, bytes_of(t.s, strcspn(t.s, " \t\r\n")));
	text_done(&t);
	return ok;
}

static bool
public_of_file(const char *path, uint8_t ret[WG_KEY])
{
	uint8_t key[WG_KEY];
	bool ok = key_of_file(path, key) && wg_key_public(ret, key);

	mem_wipe(key, sizeof(key));
	return ok;
}

/* Names that people give the other half: "x.key" and "x.pub", and so on. */
static const struct halves {
	const char *private_part, *public_part;
} halves[] = {
	{ ".key", ".pub" }, { "private", "public" }, { "priv", "pub" },
	{ "", ".pub" }
};

static bool
other_half(const struct halves *h, const char *path, char *buf, size_t cap)
{
	const char *slash = strrchr(path, '/'), *at;
	const char *name = slash ? slash + 1 : path;
	struct stat st;

	at = h->private_part[0] ? strstr(name, h->private_part) :
	    name + strlen(name);
	if (at == NULL)
		return false;
	snprintf(buf, cap, "%.*s%s%s", (int)(at - path), path,
	    h->public_part, at + strlen(h->private_part));
	return stat(buf, &st) == 0 && S_ISREG(st.st_mode);
}

static void
compare_halves(struct doctor *d, const char *path)
{
	uint8_t ours[WG_KEY], theirs[WG_KEY];
	char a[WG_KEY_BASE64], b[WG_KEY_BASE64], buf[PATH_MOST];

	for (unsigned i = 0; i < sizeof(halves) / sizeof(halves[0]); i++) {
		if (!other_half(&halves[i], path, buf, sizeof(buf)))
			continue;
		if (!public_of_file(path, ours) || !key_of_file(buf, theirs) ||
		    memcmp(ours, theirs, WG_KEY) == 0)
			return;
		wg_key_to_base64(a, ours);
		wg_key_to_base64(b, theirs);
		doctor_finds(d, "key-mismatch", doctor_mend(d, "warren pubkey "
		    "< '%s' > '%s'", path, buf), NULL, "the private key in "
		    "%s has the public key %s, and %s says %s: peers that "
		    "were told that one will not know us", path, a, buf, b);
		return;
	}
}

static const json_t *
tunnel_of_iface(const struct doctor *d, const char *iface)
{
	const json_t *t;
	size_t i;

	json_array_foreach(d->tunnels, i, t)
		if (iface != NULL &&
		    strcmp(look_text(t, "interface"), iface) == 0)
			return t;
	return NULL;
}

/* The file has another key than the tunnel, which read it long ago. */
static void
compare_running(struct doctor *d, const struct conf_proto *p)
{
	const char *runs = look_text(tunnel_of_iface(d, p->wg.iface),
	    "public_key");
	char text[WG_KEY_BASE64];
	uint8_t key[WG_KEY];

	if (*runs == '\0' || !public_of_file(p->wg.private_key.file, key))
		return;
	wg_key_to_base64(text, key);
	if (strcmp(text, runs) != 0)
		doctor_finds(d, "key-changed", doctor_mend(d, "%s restart %s",
		    doctor_warren(d), p->name), NULL, "%s runs with the "
		    "public key %s, and the one of %s is %s by now",
		    p->wg.iface, runs, p->wg.private_key.file, text);
}

static void
files(struct doctor *d, const struct conf_proto *p)
{
	const struct conf_wireguard *w = &p->wg;

	secret_file(d, w->private_key.file, "a private key");
	if (w->config_file != NULL)
		secret_file(d, w->config_file, "a private key");
	else if (w->private_key.key != NULL)
		secret_file(d, d->file, "a private key");
	for (const struct conf_wg_peer *y = w->peers; y; y = y->next)
		secret_file(d, y->preshared.file, "a preshared key");
	if (w->private_key.file != NULL) {
		compare_halves(d, w->private_key.file);
		compare_running(d, p);
	}
}

/* --- whose they are ------------------------------------------------------ */

/* Of pairs whose private half has been printed in manuals and articles. */
static const char *const published[] = {
	"HIgo9xNzJMWLKASShiTqIybxZ0U3wGLiUeJ1PKf8ykw=",
	"G3D758Mb0jyo9H9MnTeDO6Hnh/mqHju3R3Cols4P+jo=",
	"Mi87VBithUnR8zI9cWqgMaYeK4PaNvA4tG3h4GLjLh8=",
	"HRyEEQXB02irTFUQwtSoe0zqoNftss8IifFJFKZ46xE=",
	"WdFWaWzgFYqcCEVgnkphNkWKu3u9N6cYnki87GXFhX0="
};

static const char new_key[] = "(umask 077; warren genkey > KEYFILE) there, "
    "then: warren restart TUNNEL";

static void
is_published(struct doctor *d, const char *key, const char *whose,
    const char *iface)
{
	for (unsigned i = 0; i < sizeof(published) / sizeof(*published); i++)
		if (strcmp(key, published[i]) == 0)
			doctor_finds(d, "published-key", new_key, NULL,
			    "%s of %s has the public key %s, whose private "
			    "half stands in a published text: anybody can be "
			    "it", whose, iface, key);
}

/* A machine that was copied with its key: each hears the other's packets. */
static void
wanders(struct doctor *d, const json_t *t, const json_t *p)
{
	const json_t *v = json_object_get(p, "endpoints");
	const char *a = look_text(json_array_get(v, 0), "endpoint");
	const char *b = look_text(json_array_get(v, 1), "endpoint");

	if (json_array_size(v) < 4 || strcmp(a, look_text(
	    json_array_get(v, 2), "endpoint")) != 0 || strcmp(b,
	    look_text(json_array_get(v, 3), "endpoint")) != 0)
		return;
	doctor_finds(d, "same-key", new_key, NULL, "peer %s of %s is at %s "
	    "and at %s by turns, the last times at %s and %s: two machines "
	    "have its key (a copied disk?), and each takes the other's "
	    "packets", look_text(p, "name"), look_text(t, "interface"), a, b,
	    look_text(json_array_get(v, 0), "since"),
	    look_text(json_array_get(v, 1), "since"));
}

static void
whose(struct doctor *d, const json_t *t)
{
	const char *ours = look_text(t, "public_key");
	const char *iface = look_text(t, "interface");
	const json_t *p;
	size_t k;

	is_published(d, ours, "the interface", iface);
	json_array_foreach(json_object_get(t, "peers"), k, p) {
		char who[100];

		snprintf(who, sizeof(who), "peer %s", look_text(p, "name"));
		is_published(d, look_text(p, "public_key"), who, iface);
		if (strcmp(look_text(p, "public_key"), ours) == 0)
			doctor_finds(d, "own-key", new_key, NULL, "peer %s of "
			    "%s has our own public key %s: was the file, or "
			    "the whole machine, copied?", look_text(p, "name"),
			    iface, ours);
		wanders(d, t, p);
	}
}

/* --- who else is there --------------------------------------------------- */

/* Whether its endpoint is more than a memory. */
static bool
is_there(const struct doctor *d, const json_t *t, const json_t *p)
{
	const struct conf_wg_peer *cf = doctor_conf_peer(doctor_conf_wg(d,
	    look_text(t, "interface")), look_text(p, "name"));

	return json_is_true(json_object_get(p, "alive")) ||
	    (cf != NULL && cf->endpoint_host != NULL);
}

/* Two peers cannot be behind one address and port. */
static void
same_place(struct doctor *d, const json_t *t, size_t k)
{
	const json_t *peers = json_object_get(t, "peers");
	const json_t *p = json_array_get(peers, k), *q;
	const char *at = look_text(p, "endpoint");

	for (size_t i = 0; *at != '\0' && i < k; i++) {
		q = json_array_get(peers, i);
		if (strcmp(look_text(q, "endpoint"), at) == 0 &&
		    is_there(d, t, p) && is_there(d, t, q))
			doctor_finds(d, "same-endpoint", "give one of them "
			    "another listen port, or none, so that it takes "
			    "any; where both are behind one NAT, which has "
			    "room for one, say so there", NULL, "peers %s and "
			    "%s of %s are both at %s: what is for one goes to "
			    "the other", look_text(q, "name"),
			    look_text(p, "name"), look_text(t, "interface"),
			    at);
	}
}

void
doctor_keys(struct doctor *d)
{
	const struct conf_proto *p = d->conf ? d->conf->protocols : NULL;
	const json_t *t;
	size_t i;

	for (; p != NULL; p = p->next)
		if (p->kind == CONF_WIREGUARD)
			files(d, p);
	json_array_foreach(d->tunnels, i, t) {
		whose(d, t);
		for (size_t k = 0; k < json_array_size(
		    json_object_get(t, "peers")); k++)
			same_place(d, t, k);
	}
}
