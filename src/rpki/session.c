/* SPDX-License-Identifier: ISC */
#include "rpki/session.h"

#include <assert.h>
#include <stdio.h>

#include "base/mem.h"

/* Without a byte for so long, the answer will not come. */
#define STALL_TIME	SECONDS(60)
#define CONNECT_TIME	SECONDS(30)
/* A reconnection that is not the cache's fault; not twice in a row. */
#define FAST_TIME	SECONDS(1)
#define FAST_AGAIN	SECONDS(30)
#define RECORDS_MAX	(4u << 20)
#define TX_MAX		(RTR_PDU_MAX + 4 * RTR_QUERY_MAX)

struct record {
	struct ip ip;
	uint32_t asn;
	uint8_t kind, len, max;
	bool announce;
};

struct rtr_session {
	struct rtr_config cfg;
	enum rtr_state state;
	uint8_t version;
	bool linked;
	bool agreed;		/* the cache has spoken our version */
	bool synced;		/* this connection has seen an End of Data */
	bool full_query;	/* the question was for everything */
	bool want_all;		/* the next one has to be */
	bool has_session;
	uint16_t session;
	uint32_t serial;
	bool notified;		/* while an answer came: there is more */
	uint32_t notified_serial;
	bool has_data;
	struct instant updated;
	int64_t refresh, retry, expire;
	struct instant wake;	/* of the state */
	struct instant expire_at;
	struct instant fast_at;	/* the last fast reconnection */
	bool ever_fast;

	/* For poll(). */
	bool hang_up, dial, expired, note_remote;
	char note[200], told[200];
	bool committing, begun, full;
	uint32_t done;
	struct record *record;
	uint32_t n, room;

	uint8_t rx[RTR_PDU_MAX];
	size_t rx_n;
	uint8_t tx[TX_MAX];
	size_t tx_from, tx_to;
};

const char *
rtr_state_text(enum rtr_state st)
{
	static const char *const text[] = {
		[RTR_DOWN] = "Down", [RTR_CONNECTING] = "Connecting",
		[RTR_SYNC_START] = "Sync-Start",
		[RTR_SYNC_RUNNING] = "Sync-Running",
		[RTR_ESTABLISHED] = "Established",
		[RTR_NO_DATA_YET] = "Cache-Error-No-Data-Available",
		[RTR_FAST_RECONNECT] = "Fast-Reconnect",
		[RTR_TRANSPORT_ERROR] = "Transport-Error",
		[RTR_FATAL_ERROR] = "Fatal-Protocol-Error"
	};

	return text[st];
}

static void
timers_of(struct rtr_session *s)
{
	s->refresh = s->cfg.refresh.span;
	s->retry = s->cfg.retry.span;
	s->expire = s->cfg.expire.span;
}

struct rtr_session *
rtr_session_new(const struct rtr_config *cfg)
{
	struct rtr_session *s = mem_zalloc(sizeof(*s));

	if (s == NULL)
		return NULL;
	s->cfg = *cfg;
	s->version = cfg->version_max;
	s->wake = s->expire_at = INSTANT_NEVER;
	timers_of(s);
	return s;
}

struct rtr_session *
rtr_session_free(struct rtr_session *s)
{
	if (s != NULL)
		mem_free(s->record);
	mem_free(s);
	return NULL;
}

static void
note(struct rtr_session *s, bool remote, const char *what, struct bytes more)
{
	size_t n = (size_t)snprintf(s->note, sizeof(s->note), "%s", what);

	s->note_remote = remote;
	if (n + 3 >= sizeof(s->note) || more.n == 0)
		return;
	s->note[n++] = ':';
	s->note[n++] = ' ';
	/* The cache's words: nothing that could confuse a terminal. */
	for (size_t i = 0; i < more.n && n + 1 < sizeof(s->note); i++)
		s->note[n++] = more.p[i] >= 0x20 && more.p[i] < 0x7f ?
		    (char)more.p[i] : '?';
	s->note[n] = '\0';
}

static void
stage_clear(struct rtr_session *s)
{
	assert(!s->committing);
	mem_free(s->record);
	s->record = NULL;
	s->n = s->room = 0;
}

static void
hang_up(struct rtr_session *s)
{
	s->dial = false;
	if (s->linked || s->state == RTR_CONNECTING)
		s->hang_up = true;
	s->linked = false;
	s->rx_n = 0;
	if (!s->committing)
		stage_clear(s);
}

static void
wait_in(struct rtr_session *s, enum rtr_state state, struct instant wake)
{
	s->state = state;
	s->wake = wake;
}

/* Soon, if that was not tried just now. */
static void
fast(struct rtr_session *s, struct instant now)
{
	if (s->ever_fast &&
	    !instant_due(instant_add(s->fast_at, FAST_AGAIN), now)) {
		wait_in(s, RTR_TRANSPORT_ERROR, instant_add(now, s->retry));
		return;
	}
	s->ever_fast = true;
	s->fast_at = now;
	wait_in(s, RTR_FAST_RECONNECT, instant_add(now, FAST_TIME));
}

/* Without a connection there is nobody to tell. */
static void
put(struct rtr_session *s, const uint8_t *p, size_t n)
{
	if (s->tx_from == s->tx_to)
		s->tx_from = s->tx_to = 0;
	if (!s->linked || n > sizeof(s->tx) - s->tx_to)
		return;
	memcpy(s->tx + s->tx_to, p, n);
	s->tx_to += n;
}

static void
report(struct rtr_session *s, enum rtr_error code, struct bytes about,
    const char *text)
{
	uint8_t buf[RTR_PDU_MAX];

	put(s, buf, rtr_put_error(buf, s->version, code, about, text));
}

/* The cache has broken the protocol. */
static void
fatal(struct rtr_session *s, struct instant now, const struct rtr_pdu *p,
    enum rtr_error code, const char *text)
{
	/* An Error Report is never answered with one, RFC 8210 5.11. */
	if (p->type != RTR_ERROR_REPORT)
		report(s, code, p->raw, text);
	note(s, true, rtr_error_text(code), bytes_str(text));
	s->has_session = false;		/* the next answer is a whole one */
	hang_up(s);
	wait_in(s, RTR_FATAL_ERROR, instant_add(now, s->retry));
}

/*
 * RFC 8210 5.1.  What was learned stays until there is something better, or
 * it expires; see doc/deviations.md.
 */
static void
other_session(struct rtr_session *s, struct instant now,
    const struct rtr_pdu *p)
{
	report(s, RTR_CORRUPT_DATA, p->raw, "Another session ID");
	note(s, true, "The session ID has changed", bytes_of(NULL, 0));
	s->has_session = false;
	hang_up(s);
	fast(s, now);
}

static void
query(struct rtr_session *s, struct instant now)
{
	uint8_t buf[RTR_QUERY_MAX];

	s->full_query = s->want_all || !s->has_session;
	s->notified = false;
	put(s, buf, s->full_query ? rtr_put_reset_query(buf, s->version) :
	    rtr_put_serial_query(buf, s->version, s->session, s->serial));
	wait_in(s, RTR_SYNC_START, instant_add(now, STALL_TIME));
}

static void
dial(struct rtr_session *s, struct instant now)
{
	/* It may have learned more since, but not within a moment. */
	if (s->state != RTR_FAST_RECONNECT)
		s->version = s->cfg.version_max;
	s->dial = true;
	wait_in(s, RTR_CONNECTING, instant_add(now, CONNECT_TIME));
}

void
rtr_session_start(struct rtr_session *s, struct instant now)
{
	if (s->state == RTR_DOWN)
		dial(s, now);
}

void
rtr_session_stop(struct rtr_session *s)
{
	hang_up(s);
	wait_in(s, RTR_DOWN, INSTANT_NEVER);
	s->committing = false;
	stage_clear(s);
	s->expired = s->has_data = s->has_session = false;
	s->expire_at = INSTANT_NEVER;
}

void
rtr_session_configure(struct rtr_session *s, const struct rtr_config *cfg)
{
	s->cfg = *cfg;
	timers_of(s);
}

void
rtr_session_reset(struct rtr_session *s, struct instant now)
{
	s->want_all = true;
	if (s->state == RTR_ESTABLISHED)
		query(s, now);
}

void
rtr_session_link(struct rtr_session *s, struct instant now, bool up)
{
	if (up && s->state == RTR_CONNECTING) {
		s->linked = true;
		s->agreed = s->synced = false;
		s->rx_n = s->tx_from = s->tx_to = 0;
		query(s, now);
		return;
	}
	if (up || (!s->linked && s->state != RTR_CONNECTING))
		return;
	s->linked = false;
	s->rx_n = 0;
	if (!s->committing)
		stage_clear(s);
	if (s->state == RTR_NO_DATA_YET)
		return;
	/*
	 * A cache that began anew may hang up on a serial of its former life
	 * before its Error Report is out: asked the same, for ever.
	 */
	if (s->state == RTR_SYNC_START && !s->synced)
		s->has_session = false;
	if (s->synced)
		fast(s, now);
	else
		wait_in(s, RTR_TRANSPORT_ERROR, instant_add(now, s->retry));
	s->synced = false;
}

/* With a lower version, if there is one: at once, as RFC 8210 7 has it. */
static void
downgrade(struct rtr_session *s, struct instant now, const struct rtr_pdu *p)
{
	uint8_t to = p->version < s->version ? p->version :
	    (uint8_t)(s->version - 1);

	if (s->version <= s->cfg.version_min || to < s->cfg.version_min) {
		fatal(s, now, p, RTR_BAD_VERSION, "No common version");
		return;
	}
	note(s, false, "The cache speaks version 0", bytes_of(NULL, 0));
	hang_up(s);
	s->version = to;
	wait_in(s, RTR_FAST_RECONNECT, now);
}

/* False: the message is dealt with. */
static bool
check_version(struct rtr_session *s, struct instant now,
    const struct rtr_pdu *p)
{
	if (p->version == s->version || p->type == RTR_ERROR_REPORT)
		return true;
	if (s->agreed) {
		fatal(s, now, p, RTR_UNEXPECTED_VERSION, "");
		return false;
	}
	/* RFC 8210 7: not before the version is agreed on. */
	if (p->type == RTR_SERIAL_NOTIFY)
		return false;
	if (p->version > s->version || p->version < s->cfg.version_min) {
		fatal(s, now, p, RTR_BAD_VERSION, "No common version");
		return false;
	}
	s->version = p->version;
	return true;
}

static bool
room_for_one(struct rtr_session *s)
{
	uint32_t more = s->room ? s->room * 2 : 256;
	struct record *r;

	if (s->n < s->room)
		return true;
	if (more > RECORDS_MAX)
		return false;
	r = mem_resize(s->record, more, sizeof(*r));
	if (r == NULL)
		return false;
	s->record = r;
	s->room = more;
	return true;
}

static void
stage(struct rtr_session *s, struct instant now, const struct rtr_pdu *p)
{
	uint8_t max = p->roa.max;

	if (p->roa.kind == NET_NONE ||
	    !(p->roa.kind == NET_ROA4 ? s->cfg.ip4 : s->cfg.ip6))
		return;
	if (!room_for_one(s)) {
		fatal(s, now, p, RTR_INTERNAL, "Too many records");
		return;
	}
	if (s->cfg.ignore_max_length)
		max = p->roa.kind == NET_ROA4 ? 32 : 128;
	s->record[s->n++] = (struct record){ .ip = p->roa.ip,
	    .asn = p->roa.asn, .kind = p->roa.kind, .len = p->roa.len,
	    .max = max, .announce = p->announce };
}

static void
on_notify(struct rtr_session *s, struct instant now, const struct rtr_pdu *p)
{
	if (s->state == RTR_NO_DATA_YET) {
		query(s, now);
	} else if (s->state == RTR_SYNC_START || s->state ==
	    RTR_SYNC_RUNNING) {
		s->notified = true;
		s->notified_serial = p->serial;
	} else if (p->session != s->session) {
		other_session(s, now, p);
	} else if (p->serial != s->serial) {
		query(s, now);
	}
}

static void
on_response(struct rtr_session *s, struct instant now,
    const struct rtr_pdu *p)
{
	if (s->state != RTR_SYNC_START) {
		fatal(s, now, p, RTR_CORRUPT_DATA, "Nothing was asked");
	} else if (!s->full_query && p->session != s->session) {
		other_session(s, now, p);
	} else {
		if (s->full_query)
			s->has_session = false;	/* until all is there */
		s->session = p->session;
		s->state = RTR_SYNC_RUNNING;
	}
}

/* Not outside of what RFC 8210 section 6 allows. */
static void
take_interval(int64_t *span, const struct rtr_timer *t, uint32_t value,
    uint32_t lo, uint32_t hi)
{
	if (!t->keep && value >= lo && value <= hi)
		*span = SECONDS(value);
}

static void
on_end(struct rtr_session *s, struct instant now, const struct rtr_pdu *p)
{
	if (s->state != RTR_SYNC_RUNNING || p->session != s->session) {
		fatal(s, now, p, RTR_CORRUPT_DATA, "End of what?");
		return;
	}
	if (p->intervals) {
		take_interval(&s->refresh, &s->cfg.refresh, p->refresh, 1,
		    86400);
		take_interval(&s->retry, &s->cfg.retry, p->retry, 1, 7200);
		take_interval(&s->expire, &s->cfg.expire, p->expire, 600,
		    172800);
	}
	s->serial = p->serial;
	s->has_session = s->has_data = s->synced = true;
	s->updated = now;
	s->expire_at = instant_add(now, s->expire);
	s->committing = true;
	s->begun = false;
	s->done = 0;
	s->full = s->full_query;
	if (s->full)
		s->want_all = false;
	wait_in(s, RTR_ESTABLISHED, instant_add(now, s->refresh));
	if (s->want_all || (s->notified && s->notified_serial != s->serial))
		query(s, now);
}

static void
on_cache_reset(struct rtr_session *s, struct instant now,
    const struct rtr_pdu *p)
{
	if (s->state != RTR_SYNC_START || s->full_query) {
		fatal(s, now, p, RTR_CORRUPT_DATA, "Nothing was asked");
		return;
	}
	s->has_session = false;
	query(s, now);
}

static void
on_error(struct rtr_session *s, struct instant now, const struct rtr_pdu *p)
{
	if (p->session == RTR_BAD_VERSION && !s->agreed) {
		downgrade(s, now, p);
		return;
	}
	note(s, true, rtr_error_text(p->session), p->text);
	if (p->session == RTR_NO_DATA && s->state == RTR_SYNC_START) {
		wait_in(s, RTR_NO_DATA_YET, instant_add(now, s->retry));
		return;
	}
	/* What it did not like may be what we remember. */
	s->has_session = false;
	hang_up(s);
	wait_in(s, RTR_FATAL_ERROR, instant_add(now, s->retry));
}

static void
on_pdu(struct rtr_session *s, struct instant now, const struct rtr_pdu *p)
{
	if (!check_version(s, now, p))
		return;
	if (p->type != RTR_SERIAL_NOTIFY && p->type != RTR_ERROR_REPORT)
		s->agreed = true;
	/* It is not silent. */
	if (s->state == RTR_SYNC_START || s->state == RTR_SYNC_RUNNING)
		s->wake = instant_add(now, STALL_TIME);
	switch ((enum rtr_type)p->type) {
	case RTR_SERIAL_NOTIFY:
		on_notify(s, now, p);
		break;
	case RTR_CACHE_RESPONSE:
		on_response(s, now, p);
		break;
	case RTR_IPV4_PREFIX: case RTR_IPV6_PREFIX:
		if (s->state == RTR_SYNC_RUNNING)
			stage(s, now, p);
		else
			fatal(s, now, p, RTR_CORRUPT_DATA,
			    "Nothing was asked");
		break;
	case RTR_END_OF_DATA:
		on_end(s, now, p);
		break;
	case RTR_CACHE_RESET:
		on_cache_reset(s, now, p);
		break;
	case RTR_ROUTER_KEY:		/* of no use to us */
		break;
	case RTR_ERROR_REPORT:
		on_error(s, now, p);
		break;
	case RTR_SERIAL_QUERY: case RTR_RESET_QUERY:
		fatal(s, now, p, RTR_INVALID_REQUEST, "No cache is here");
		break;
	}
}

/* The first message of b; how long it was, 0 when it has to wait. */
static size_t
one(struct rtr_session *s, struct instant now, struct bytes b)
{
	struct rtr_pdu p;
	size_t took;

	switch (rtr_decode(b, &p, &took)) {
	case RTR_MORE:
		return 0;
	case RTR_WRONG:
		fatal(s, now, &p, (enum rtr_error)p.error, "");
		return 0;
	case RTR_OK:
		on_pdu(s, now, &p);
		break;
	}
	return took;
}

static size_t
eat(struct rtr_session *s, struct instant now, struct bytes b)
{
	size_t done = 0, took;

	while (s->linked && !s->committing) {
		took = one(s, now, bytes_of(b.p + done, b.n - done));
		if (took == 0)
			break;
		done += took;
	}
	return done;
}

/* s->rx holds one message that came in parts; how long it will be. */
static size_t
wanted(const struct rtr_session *s)
{
	uint32_t len;

	if (s->rx_n < RTR_HEADER)
		return RTR_HEADER;
	len = be32_get(s->rx + 4);
	return len < sizeof(s->rx) ? len : sizeof(s->rx);
}

size_t
rtr_session_rx(struct rtr_session *s, struct instant now, struct bytes in)
{
	size_t took = 0, n;

	while (s->linked && !s->committing && took < in.n) {
		if (s->rx_n == 0)
			took += eat(s, now, bytes_of(in.p + took,
			    in.n - took));
		if (!s->linked || s->committing || took == in.n)
			break;
		n = wanted(s) - s->rx_n;
		if (n > in.n - took)
			n = in.n - took;
		memcpy(s->rx + s->rx_n, in.p + took, n);
		s->rx_n += n;
		took += n;
		if (eat(s, now, bytes_of(s->rx, s->rx_n)) > 0)
			s->rx_n = 0;
	}
	return s->linked ? took : in.n;
}

static void
expire(struct rtr_session *s)
{
	s->expire_at = INSTANT_NEVER;
	s->has_data = s->has_session = false;
	s->expired = true;
	note(s, false, "All ROAs expired", bytes_of(NULL, 0));
}

static void
wake(struct rtr_session *s, struct instant now)
{
	switch (s->state) {
	case RTR_DOWN:
		s->wake = INSTANT_NEVER;
		break;
	case RTR_CONNECTING: case RTR_SYNC_START: case RTR_SYNC_RUNNING:
		note(s, true, "No answer", bytes_of(NULL, 0));
		hang_up(s);
		wait_in(s, RTR_TRANSPORT_ERROR, instant_add(now, s->retry));
		break;
	case RTR_ESTABLISHED:
		query(s, now);
		break;
	case RTR_NO_DATA_YET:
		if (s->linked)
			query(s, now);
		else
			dial(s, now);
		break;
	case RTR_FAST_RECONNECT: case RTR_TRANSPORT_ERROR:
	case RTR_FATAL_ERROR:
		dial(s, now);
		break;
	}
}

void
rtr_session_tick(struct rtr_session *s, struct instant now)
{
	if (!s->committing && instant_due(s->expire_at, now))
		expire(s);
	if (instant_due(s->wake, now))
		wake(s, now);
}

static void
give_record(struct rtr_session *s, struct rtr_out *o)
{
	const struct record *r;

	if (!s->begun) {
		s->begun = true;
		o->kind = RTR_OUT_BEGIN;
		o->full = s->full;
		return;
	}
	if (s->done == s->n) {
		s->committing = false;
		stage_clear(s);
		o->kind = RTR_OUT_END;
		return;
	}
	r = &s->record[s->done++];
	o->kind = RTR_OUT_ROA;
	o->announce = r->announce;
	o->roa = (struct prefix){ .ip = r->ip, .kind = r->kind,
	    .len = r->len, .max = r->max, .asn = r->asn };
}

bool
rtr_session_poll(struct rtr_session *s, struct rtr_out *ret)
{
	*ret = (struct rtr_out){ 0 };
	if (s->hang_up) {
		s->hang_up = false;
		ret->kind = RTR_OUT_HANG_UP;
	} else if (s->note[0] != '\0') {
		memcpy(s->told, s->note, sizeof(s->told));
		s->note[0] = '\0';
		ret->kind = RTR_OUT_NOTE;
		ret->text = s->told;
		ret->remote = s->note_remote;
	} else if (s->expired) {
		s->expired = false;
		ret->kind = RTR_OUT_EXPIRED;
	} else if (s->committing) {
		give_record(s, ret);
	} else if (s->dial) {
		s->dial = false;
		ret->kind = RTR_OUT_DIAL;
	}
	return ret->kind != RTR_OUT_NONE;
}

struct bytes
rtr_session_tx(const struct rtr_session *s)
{
	return bytes_of(s->tx + s->tx_from, s->tx_to - s->tx_from);
}

void
rtr_session_sent(struct rtr_session *s, size_t n)
{
	s->tx_from += n;
	assert(s->tx_from <= s->tx_to);
}

struct instant
rtr_session_deadline(const struct rtr_session *s)
{
	return instant_min(s->wake, s->expire_at);
}

void
rtr_session_status(const struct rtr_session *s, struct rtr_status *ret)
{
	*ret = (struct rtr_status){ .state = s->state, .version = s->version,
	    .has_session = s->has_session, .session = s->session,
	    .serial = s->serial, .has_data = s->has_data,
	    .updated = s->updated, .refresh = s->refresh, .retry = s->retry,
	    .expire = s->expire, .refresh_at = INSTANT_NEVER,
	    .retry_at = INSTANT_NEVER, .expire_at = s->expire_at };
	if (s->state == RTR_ESTABLISHED)
		ret->refresh_at = s->wake;
	else if (s->state == RTR_NO_DATA_YET ||
	    s->state >= RTR_FAST_RECONNECT)
		ret->retry_at = s->wake;
}
