"""RQ: jobs, a worker, results, failures, and what is scheduled."""
from datetime import timedelta

from redis import Redis
from rq import Queue, Retry, SimpleWorker

import jobs
from notes import URL, note

connection = Redis.from_url(URL)
connection.flushdb()
queue = Queue("jobs", connection=connection)
first = [queue.enqueue(jobs.add, number, 1) for number in range(20)]
failing = queue.enqueue(jobs.fails)
retried = queue.enqueue(jobs.fails, retry=Retry(max=2))
depending = queue.enqueue(jobs.add, 100, 1, depends_on=first[0])
queue.enqueue_in(timedelta(hours=1), jobs.add, 0, 0)
note("waiting", len(queue))
note("scheduled", len(queue.scheduled_job_registry))
worker = SimpleWorker([queue], connection=connection)
note("worked", worker.work(burst=True, logging_level="CRITICAL"))
note("results", [job.return_value() for job in first])
note("after another", depending.return_value())
note("failed", sorted([failing.get_status(), retried.get_status()]))
note("failures", len(queue.failed_job_registry))
note("finished", len(queue.finished_job_registry))
note("left", len(queue))
