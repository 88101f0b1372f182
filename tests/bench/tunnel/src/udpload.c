/* SPDX-License-Identifier: ISC */
/*
 * udpload: paced UDP through whatever route the kernel picks, counted at the
 * far end.
 *
 *	udpload recv PORT			until SIGTERM or SIGINT
 *	udpload send ADDR PORT SIZE PPS SECS	PPS 0: as fast as it goes
 *
 * Both print one line of JSON.  Datagrams carry the number of the run and
 * their own; the receiver counts distinct ones.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define BATCH 32
static volatile sig_atomic_t stop;
static void
on_sig(int s)
{
	(void)s;
	stop = 1;
}
static double
now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

static int
do_recv(int port)
{
	int fd = socket(AF_INET, SOCK_DGRAM, 0), sz = 8 << 20;
	struct sockaddr_in a = { .sin_family = AF_INET,
		.sin_port = htons(port) };
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &sz, sizeof sz);
	struct timeval tv = { 0, 100000 };
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof tv);
	if (bind(fd, (void *)&a, sizeof a)) {
		perror("bind");
		return 1;
	}
	static char buf[BATCH][2048];
	struct iovec iov[BATCH];
	struct mmsghdr m[BATCH];
	memset(m, 0, sizeof m);
	for (int i = 0; i < BATCH; i++) {
		iov[i] = (struct iovec){ buf[i], sizeof buf[i] };
		m[i].msg_hdr.msg_iov = &iov[i];
		m[i].msg_hdr.msg_iovlen = 1;
	}
	uint64_t n = 0, bytes = 0;
	double t0 = 0, t1 = 0;
	while (!stop) {
		int r = recvmmsg(fd, m, BATCH, MSG_WAITFORONE, NULL);
		if (r <= 0)
			continue;
		t1 = now();
		if (!n)
			t0 = t1;
		n += r;
		for (int i = 0; i < r; i++)
			bytes += m[i].msg_len;
	}
	printf("{\"received\":%llu,\"bytes\":%llu,\"secs\":%.4f}\n",
	    (unsigned long long)n, (unsigned long long)bytes, t1 - t0);
	return 0;
}

static int
do_send(const char *ip, int port, int size, double pps, double secs)
{
	int fd = socket(AF_INET, SOCK_DGRAM, 0), sz = 4 << 20;
	struct sockaddr_in a = { .sin_family = AF_INET,
		.sin_port = htons(port) };
	inet_pton(AF_INET, ip, &a.sin_addr);
	setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &sz, sizeof sz);
	if (connect(fd, (void *)&a, sizeof a)) {
		perror("connect");
		return 1;
	}
	static char buf[BATCH][2048];
	struct iovec iov[BATCH];
	struct mmsghdr m[BATCH];
	memset(m, 0, sizeof m);
	for (int i = 0; i < BATCH; i++) {
		memset(buf[i], i, size);
		iov[i] = (struct iovec){ buf[i], size };
		m[i].msg_hdr.msg_iov = &iov[i];
		m[i].msg_hdr.msg_iovlen = 1;
	}
	uint64_t n = 0, err = 0;
	double t0 = now(), t;
	while (!stop && (t = now() - t0) < secs) {
		int want = BATCH;
		if (pps > 0) {
			double due = pps * t + 1 - n;
			if (due < 1) { /* sleep until at least one, at most a
					  small batch, is due */
				double w = (1 - due) / pps;
				if (w < 100e-6)
					w = 100e-6;
				struct timespec ts = { 0, (long)(w * 1e9) };
				nanosleep(&ts, NULL);
				continue;
			}
			if (due < want)
				want = due;
		}
		int r = sendmmsg(fd, m, want, 0);
		if (r < 0) {
			if (errno == EINTR)
				continue;
			err++;
			if (errno != ENOBUFS && errno != EAGAIN &&
			    errno != ECONNREFUSED) {
				perror("send");
				return 1;
			}
			continue;
		}
		n += r;
	}
	t = now() - t0;
	printf("{\"sent\":%llu,\"secs\":%.4f,\"errors\":%llu}\n",
	    (unsigned long long)n, t, (unsigned long long)err);
	return 0;
}

int
main(int c, char **v)
{
	struct sigaction sa = { .sa_handler = on_sig };
	sigaction(SIGTERM, &sa, NULL);
	sigaction(SIGINT, &sa, NULL);
	if (c == 3 && !strcmp(v[1], "recv"))
		return do_recv(atoi(v[2]));
	if (c == 7 && !strcmp(v[1], "send"))
		return do_send(
		    v[2], atoi(v[3]), atoi(v[4]), atof(v[5]), atof(v[6]));
	fprintf(stderr, "usage: udpload recv PORT | udpload send ADDR PORT "
			"SIZE PPS SECS\n");
	return 2;
}
