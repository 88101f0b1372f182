/* SPDX-License-Identifier: ISC */
#include "sys/rtnl_send.h"

#include <signal.h>
#include <unistd.h>

#include "sys/netlink.h"

void
rtnl_send_init(struct rtnl_send *s, int fd, int kick)
{
	memset(s, 0, sizeof(*s));
	s->fd = fd;
	s->kick = kick;
	pthread_mutex_init(&s->lock, NULL);
	pthread_cond_init(&s->news, NULL);
}

static struct rtnl_send_job *
job_at(struct rtnl_send *s, uint32_t number)
{
	return &s->job[number % RTNL_SEND_JOBS];
}

/* The next one, or NULL when it is time to go. */
static struct rtnl_send_job *
next_job(struct rtnl_send *s)
{
	struct rtnl_send_job *j;

	pthread_mutex_lock(&s->lock);
	while (!s->quit && s->sent == s->given)
		pthread_cond_wait(&s->news, &s->lock);
	j = s->quit ? NULL : job_at(s, s->sent);
	pthread_mutex_unlock(&s->lock);
	return j;
}

static void
finish(struct rtnl_send *s, struct rtnl_send_job *j, int err)
{
	const uint64_t one = 1;
	bool say;

	pthread_mutex_lock(&s->lock);
	j->err = err;
	s->sent++;
	say = err != 0 || s->sent == s->given;
	pthread_mutex_unlock(&s->lock);
	if (say)
		(void)!write(s->kick, &one, sizeof(one));
}

static void *
run(void *arg)
{
	struct rtnl_send *s = arg;
	struct rtnl_send_job *j;

	while ((j = next_job(s)) != NULL)
		finish(s, j, netlink_send(s->fd, j->b));
	return NULL;
}

/* Signals are the loop's business. */
static bool
begin(struct rtnl_send *s)
{
	sigset_t all, was;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &was);
	s->running = pthread_create(&s->thread, NULL, run, s) == 0;
	pthread_sigmask(SIG_SETMASK, &was, NULL);
	return s->running;
}

void
rtnl_send_close(struct rtnl_send *s)
{
	if (s->running) {
		pthread_mutex_lock(&s->lock);
		s->quit = true;
		pthread_cond_signal(&s->news);
		pthread_mutex_unlock(&s->lock);
		pthread_join(s->thread, NULL);
		s->running = false;
	}
	pthread_cond_destroy(&s->news);
	pthread_mutex_destroy(&s->lock);
}

/* Those that went well are nobody's concern any more: answers tell of them. */
static void
pass_good(struct rtnl_send *s)
{
	while (s->told != s->sent && job_at(s, s->told)->err == 0)
		s->told++;
}

bool
rtnl_send_give(struct rtnl_send *s, struct bytes b, void *mark)
{
	bool room;

	if (!s->running && !begin(s))
		return false;
	pthread_mutex_lock(&s->lock);
	pass_good(s);
	room = s->given - s->told < RTNL_SEND_JOBS;
	if (room) {
		*job_at(s, s->given++) = (struct rtnl_send_job){ .b = b,
		    .mark = mark };
		pthread_cond_signal(&s->news);
	}
	pthread_mutex_unlock(&s->lock);
	return room;
}

bool
rtnl_send_holds(struct rtnl_send *s, const void *mark)
{
	bool holds = false;

	pthread_mutex_lock(&s->lock);
	for (uint32_t i = s->sent; i != s->given; i++)
		holds = holds || job_at(s, i)->mark == mark;
	pthread_mutex_unlock(&s->lock);
	return holds;
}

bool
rtnl_send_idle(struct rtnl_send *s)
{
	bool idle;

	pthread_mutex_lock(&s->lock);
	idle = s->sent == s->given;
	pthread_mutex_unlock(&s->lock);
	return idle;
}

int
rtnl_send_told(struct rtnl_send *s, void **ret_mark)
{
	int err = 0;

	pthread_mutex_lock(&s->lock);
	pass_good(s);
	if (s->told != s->sent) {
		err = job_at(s, s->told)->err;
		*ret_mark = job_at(s, s->told++)->mark;
	}
	pthread_mutex_unlock(&s->lock);
	return err;
}
