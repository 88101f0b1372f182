/* SPDX-License-Identifier: ISC */
#include "warren/doctor.h"

#include <net/if.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/text.h"

#define FILE_DEFAULT	"/etc/warren/warren.conf"

struct options {
	const char *file;
	bool json, fix, yes;
};

/* --- findings ------------------------------------------------------------ */

const char *
doctor_mend(struct doctor *d, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(d->mend, sizeof(d->mend), fmt, ap);
	va_end(ap);
	return d->mend;
}

void
doctor_finds(struct doctor *d, const char *code, const char *mend,
    const char *fix, const char *fmt, ...)
{
	json_t *o = json_object();
	char text[800];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	json_object_set_new(o, "finding", json_string(code));
	json_object_set_new(o, "text", json_string(text));
	json_object_set_new(o, "mend", json_string(mend));
	if (fix != NULL)
		json_object_set_new(o, "fix", json_string(fix));
	json_array_append_new(d->findings, o);
}

/* --- what is asked ------------------------------------------------------- */

json_t *
doctor_asked(struct doctor *d, const char *command)
{
	struct client_how how = { .json = true };
	json_t *answer = NULL;
	struct text t;

	if (d->client == NULL)
		return NULL;
	text_init(&t, 64u << 20);
	how.text = &t;
	if (client_ask(d->client, command, &how) == EXIT_OK)
		answer = json_loads(t.s, JSON_DISABLE_EOF_CHECK, NULL);
	text_done(&t);
	return answer;
}

long long
doctor_number(const json_t *o, const char *key)
{
	return json_integer_value(json_object_get(o, key));
}

const struct conf_wireguard *
doctor_conf_wg(const struct doctor *d, const char *iface)
{
	const struct conf_proto *p = d->conf ? d->conf->protocols : NULL;

	for (; p != NULL; p = p->next)
		if (p->kind == CONF_WIREGUARD && p->wg.iface != NULL &&
		    strcmp(p->wg.iface, iface) == 0)
			return &p->wg;
	return NULL;
}

const struct conf_wg_peer *
doctor_conf_peer(const struct conf_wireguard *wg, const char *name)
{
	const struct conf_wg_peer *y = wg ? wg->peers : NULL;

	while (y != NULL && strcmp(y->name, name) != 0)
		y = y->next;
	return y;
}

const struct conf_proto *
doctor_conf_proto(const struct doctor *d, const char *name)
{
	return d->conf ? config_proto(d->conf, name) : NULL;
}

bool
doctor_is_tunnel(const struct doctor *d, const char *iface)
{
	const json_t *t;
	size_t i;

	json_array_foreach(d->tunnels, i, t)
		if (strcmp(look_text(t, "interface"), iface) == 0)
			return true;
	return false;
}

bool
doctor_is_lan(const struct doctor *d, const char *iface)
{
	return strcmp(iface, "lo") != 0 && !doctor_is_tunnel(d, iface);
}

long
doctor_time(const char *iso)
{
	struct tm tm = { 0 };

	return strptime(iso, "%Y-%m-%dT%H:%M:%S", &tm) ? timegm(&tm) : 0;
}

time_t
doctor_last_seen(const struct doctor *d)
{
	const json_t *t, *p;
	time_t last = 0, at;
	size_t i, k;

	json_array_foreach(d->tunnels, i, t)
		json_array_foreach(json_object_get(t, "peers"), k, p) {
			at = doctor_time(look_text(p, "latest_handshake"));
			last = at > last ? at : last;
		}
	return last;
}

long
doctor_uptime(const struct doctor *d)
{
	return time(NULL) - doctor_time(look_text(d->status, "started"));
}

/* --- addresses ----------------------------------------------------------- */

bool
doctor_address(const json_t *address, struct ip *ret, struct prefix *ret_net)
{
	const char *s = json_string_value(address);
	const char *slash = s ? strchr(s, '/') : NULL;
	char text[80];

	if (slash == NULL)
		return false;
	snprintf(text, sizeof(text), "%.*s", (int)(slash - s), s);
	if (!ip_parse(text, ret) || ip_is_link_local(*ret))
		return false;
	*ret_net = prefix_of(*ret, (unsigned)strtoul(slash + 1, NULL, 10));
	return true;
}

bool
doctor_endpoint(const char *s, struct ip *ret, unsigned *ret_port)
{
	const char *colon = strrchr(s, ':');
	char ip[80];
	int n;

	if (colon == NULL)
		return false;
	*ret_port = (unsigned)strtoul(colon + 1, NULL, 10);
	n = (int)(colon - s);
	if (s[0] == '[' && n > 2)
		snprintf(ip, sizeof(ip), "%.*s", n - 2, s + 1);
	else
		snprintf(ip, sizeof(ip), "%.*s", n, s);
	return ip_parse(ip, ret);
}

bool
doctor_peer_net(const json_t *peer, enum family f, struct ip *ret)
{
	const char *s = look_text(peer, "allowed_ips");
	struct prefix net;
	char text[80];
	size_t n;

	for (; s != NULL && *s != '\0'; s += n, s += strspn(s, ", ")) {
		n = strcspn(s, ", ");
		if (n >= sizeof(text))
			continue;
		memcpy(text, s, n);
		text[n] = '\0';
		if (prefix_parse(text, &net) && net.len > 1 &&
		    prefix_is4(&net) == (f == FAMILY_IP4) &&
		    !ip_is_link_local(net.ip)) {
			*ret = net.ip;
			return true;
		}
	}
	return false;
}

const char *
doctor_way(struct doctor *d, struct ip to, uint32_t mark,
    struct route_way *ret)
{
	if (d->ask == NULL || route_ask(d->ask, to, 0, mark, ret) < 0)
		return NULL;
	return if_indextoname(ret->oif, d->dev);
}

/* --- telling and mending ------------------------------------------------- */

static void
tell(const json_t *findings)
{
	const json_t *f;
	size_t i;

	json_array_foreach(findings, i, f)
		printf("%s: %s\n    mend it: %s\n", look_text(f, "finding"),
		    look_text(f, "text"), look_text(f, "mend"));
	if (json_array_size(findings) == 0)
		puts("Nothing to mend.");
}

static bool
asked_yes(const char *command)
{
	char answer[16];

	printf("    do it?  %s  [y/N] ", command);
	fflush(stdout);
	return fgets(answer, sizeof(answer), stdin) != NULL &&
	    (answer[0] == 'y' || answer[0] == 'Y');
}

/* True when nothing is left over. */
static bool
mend(const json_t *findings, bool yes)
{
	const json_t *f;
	bool all = true;
	size_t i;

	json_array_foreach(findings, i, f) {
		const char *fix = look_text(f, "fix");

		printf("%s: %s\n", look_text(f, "finding"),
		    look_text(f, "text"));
		if (*fix == '\0') {
			printf("    only you can mend it: %s\n",
			    look_text(f, "mend"));
			all = false;
			continue;
		}
		if (!yes && !asked_yes(fix)) {
			all = false;
			continue;
		}
		printf("    # %s\n", fix);
		fflush(stdout);
		all &= system(fix) == 0;
	}
	if (json_array_size(findings) == 0)
		puts("Nothing to mend.");
	return all;
}

/* --- the examination ----------------------------------------------------- */

static void
look(struct doctor *d, const char *socket)
{
	d->client = client_open_quietly(socket);
	d->status = doctor_asked(d, "show status");
	d->protocols = doctor_asked(d, "show protocols all");
	d->tunnels = doctor_asked(d, "show tunnels");
	d->interfaces = doctor_asked(d, "show interfaces");
	d->socket = socket;
	if (route_ask_new(&d->ask) < 0)
		d->ask = NULL;
	if (netfilter_load(&d->netfilter) < 0)
		d->netfilter = NULL;
}

/* The one that -c names, else the daemon's own, else where it would be. */
static void
choose_file(struct doctor *d)
{
	const char *running = look_text(d->status, "file");

	if (d->file == NULL)
		d->file = *running == '/' ? running : FILE_DEFAULT;
}

static void
examine(struct doctor *d)
{
	choose_file(d);
	doctor_conf(d);
	if (d->client == NULL) {
		doctor_finds(d, "no-daemon", doctor_mend(d, "systemctl start "
		    "warrend || warrend -c %s", d->file), NULL,
		    "nothing answers at %s: warrend does not run, or may not "
		    "be asked by this user", d->socket);
		return;
	}
	doctor_keys(d);
	doctor_host(d);
	if (d->netfilter != NULL)
		doctor_fire(d);
	doctor_wg(d);
	doctor_net(d);
	doctor_bgp(d);
	doctor_kernel(d);
	doctor_rivals(d);
}

static void
done(struct doctor *d)
{
	if (d->conf != NULL)
		config_free(d->conf);
	client_close(d->client);
	route_ask_free(d->ask);
	netfilter_free(d->netfilter);
	json_decref(d->status);
	json_decref(d->protocols);
	json_decref(d->tunnels);
	json_decref(d->interfaces);
	json_decref(d->findings);
}

static int
doctor(const char *socket, const struct options *o)
{
	struct doctor d = { .file = o->file, .findings = json_array() };
	bool well;

	look(&d, socket);
	examine(&d);
	well = json_array_size(d.findings) == 0;
	if (o->json) {
		json_dumpf(d.findings, stdout, JSON_INDENT(1));
		putchar('\n');
	} else if (o->fix) {
		well = mend(d.findings, o->yes);
	} else {
		tell(d.findings);
	}
	done(&d);
	return well ? EXIT_OK : EXIT_WRONG;
}

int
doctor_command(const char *socket, bool json, int argc, char **argv)
{
	struct options o = { .json = json };

	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--fix") == 0)
			o.fix = true;
		else if (strcmp(argv[i], "--yes") == 0)
			o.fix = o.yes = true;
		else if (strcmp(argv[i], "-c") == 0 && i + 1 < argc)
			o.file = argv[++i];
		else {
			fputs("usage: warren [-j] doctor [--fix [--yes]] "
			    "[-c FILE]\n", stderr);
			return EXIT_USAGE;
		}
	}
	return doctor(socket, &o);
}
