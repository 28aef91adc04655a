/* SPDX-License-Identifier: MIT */
/* task.c - tasks on coroutines: start, wait, wake, cancel. */
#include "task.h"

static void
main_of_task(void *arg)
{
    ch_task *task = arg;
    /* Known only now, as start has not returned yet. */
    task->coro = ch_coro_running();
    task->run(task);
}

static void
end(ch_task *task)
{
    task->coro = NULL;
    task->ended(task);
}

bool
ch_task_start(ch_task *task, ch_coro_pool *pool)
{
    bool ended;
    task->is_gone = false;
    task->wait = NULL;
    task->before_wait = NULL;
    if (!ch_coro_start(pool, main_of_task, task, &ended))
        return false;
    if (ended)
        end(task);
    return true;
}

kida_status
ch_task_wait(ch_task *task, ch_wait *wait)
{
    if (task->before_wait && !wait->is_done)
        task->before_wait(task->before_wait_arg);
    task->wait = wait;
    while (!wait->is_done)
        ch_coro_park();
    task->wait = NULL;
    return task->is_gone ? KIDA_E_STOPPED : KIDA_OK;
}

static void
resume(ch_task *task)
{
    if (ch_coro_resume(task->coro))
        end(task);
    else if (task->parked)
        task->parked(task);
}

void
ch_task_wake(ch_task *task, ch_wait *wait)
{
    wait->is_done = true;
    resume(task);
}

void
ch_task_cancel(ch_task *task)
{
    task->is_gone = true;
    ch_wait *wait = task->wait;
    if (task->coro && wait && !wait->is_done && wait->cancel)
        wait->cancel(task, wait);
}

ch_task *
ch_task_running(void)
{
    ch_coro *coro = ch_coro_running();
    return coro ? ch_coro_arg(coro) : NULL;
}
