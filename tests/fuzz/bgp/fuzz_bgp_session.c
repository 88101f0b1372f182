/* SPDX-License-Identifier: ISC */
/*
 * A live session and an input that is a script: who dials, what arrives in
 * which pieces, how time goes by, when the socket takes what we send, when it
 * breaks.  The peer's bytes are whatever the script says, but a well-formed
 * message can be asked for as well, so that the depths are reached.
 */
#include <assert.h>

#include "bgp/session.h"
#include "wire/bgp_update.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static struct bgp_session *s;
static struct instant now;
static bool connected, established;
static struct bgp_update update;

static struct bgp_session_config
config_of(uint8_t how)
{
	struct bgp_session_config c;

	bgp_session_config_init(&c);
	c.open.asn = 65001;
	c.open.id = 1;
	c.open.hold = how & 1 ? 0 : 9;
	c.open.families = BGP_FAM_ALL;
	c.open.as4 = c.open.refresh = c.open.enhanced_refresh = true;
	c.open.ext_message = how & 2;
	c.passive = how & 4;
	c.demand.external = how & 8;
	c.connect_delay = how & 16 ? 0 : SECONDS(5);
	c.tx_high = how & 32 ? 100 : 10000;
	c.seed = how;
	return c;
}

static void
drain(void)
{
	struct bgp_out out;
	struct bgp_codec c;

	while (bgp_session_poll(s, &out)) {
		switch (out.kind) {
		case BGP_HANG_UP:
			connected = false;
			break;
		case BGP_UP:
			assert(!established);
			assert(out.caps->families);
			established = true;
			break;
		case BGP_DOWN:
			assert(established);
			established = false;
			break;
		case BGP_UPDATE:
			assert(established);
			bgp_caps_codec(bgp_session_caps(s), &c);
			if (bgp_update_decode(&c, out.update, &update) ==
			    BGP_RESET)
				bgp_session_fail(s, now, &update.error);
			break;
		case BGP_FAILED:
			assert(!established);
			break;
		case BGP_DIAL: case BGP_REFRESH: case BGP_OPENED:
			break;
		}
	}
	assert(established == (bgp_session_state(s) == BGP_ESTABLISHED));
}

static void
feed(struct bytes b)
{
	while (b.n) {
		const size_t took = bgp_session_rx(s, now, b);

		assert(took <= b.n);
		drain();
		b.p += took;
		b.n -= took;
	}
}

static void
feed_message(uint8_t which)
{
	uint8_t room[BGP_MESSAGE_MAX];
	struct wr w = wr_of(room, sizeof(room));
	struct bgp_session_config c = config_of(which & 2);
	const struct bgp_error e = bgp_error_of(BGP_ERR_CEASE, which >> 4,
	    bytes_of(NULL, 0));

	c.open.asn = 65002;
	c.open.id = 2;
	switch (which % 5) {
	case 0:
		bgp_open_encode(&w, &c.open);
		break;
	case 1:
		bgp_keepalive_encode(&w);
		break;
	case 2:
		bgp_eor_encode(&w, BGP_FAM_IP6);
		break;
	case 3:
		bgp_refresh_encode(&w, BGP_FAM_IP4, BGP_REFRESH_REQUEST);
		break;
	case 4:
		bgp_notification_encode(&w, &e);
		break;
	}
	feed(bytes_of(room, wr_len(&w)));
}

static void
link_to(bool up, uint8_t err)
{
	const enum bgp_state st = bgp_session_state(s);

	if (up && !connected && (st == BGP_CONNECT || st == BGP_ACTIVE)) {
		connected = true;
		bgp_session_link(s, now, true, 0);
	} else if (!up) {
		connected = false;
		bgp_session_link(s, now, false, err);
	}
}

static void
send_some(uint8_t how)
{
	uint8_t room[64];
	struct wr w = wr_of(room, sizeof(room));
	const bool want = bgp_session_want(s);

	bgp_eor_encode(&w, how & 1 ? BGP_FAM_IP4 : BGP_FAM_IP6);
	assert(bgp_session_send(s, now, bytes_of(room, wr_len(&w))) == want);
}

static void
stop_or_start(uint8_t how)
{
	const struct bgp_error e = bgp_error_of(how & 2 ? BGP_ERR_CEASE : 0,
	    how >> 2, bytes_of(NULL, 0));

	if (how & 1)
		bgp_session_start(s, now);
	else
		bgp_session_stop(s, now, &e);
}

static void
act(uint8_t what, uint8_t arg, struct rd *r)
{
	const struct instant at = bgp_session_deadline(s);

	switch (what % 10) {
	case 0:
		feed(rd_bytes(r, arg < rd_left(r) ? arg : rd_left(r)));
		break;
	case 1:
		feed_message(arg);
		break;
	case 2:
		if (!instant_is_never(at) && at.ns > now.ns)
			now = at;
		bgp_session_tick(s, now);
		break;
	case 3:
		now = instant_add(now, MILLISECONDS(100) * arg);
		bgp_session_tick(s, now);
		break;
	case 4:
		link_to(true, 0);
		break;
	case 5:
		link_to(false, arg);
		break;
	case 6:
		bgp_session_sent(s, now, arg);
		break;
	case 7:
		send_some(arg);
		break;
	case 8:
		stop_or_start(arg);
		break;
	case 9:
		bgp_session_dial_now(s, now);
		break;
	}
	drain();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct rd r = rd_of(bytes_of(data, n));
	const struct bgp_session_config c = config_of(rd_u8(&r));
	char text[BGP_CAUSE_TEXT];

	now = (struct instant){ SECONDS(1) };
	connected = established = false;
	s = bgp_session_new(&c);
	assert(s);
	bgp_session_start(s, now);
	drain();
	while (rd_left(&r) >= 2) {
		const uint8_t what = rd_u8(&r);

		act(what, rd_u8(&r), &r);
		(void)bgp_cause_text(bgp_session_cause(s), text);
	}
	s = bgp_session_free(s);
	return 0;
}
