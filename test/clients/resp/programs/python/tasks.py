"""Tasks whose broker and result backend is Redis."""
import os

from celery import Celery

URL = f"redis://{os.environ['BROKER']}"
app = Celery("tasks", broker=f"{URL}/1", backend=f"{URL}/2")
app.conf.broker_connection_retry_on_startup = True
app.conf.worker_hijack_root_logger = False


@app.task
def add(x, y):
    return x + y


@app.task(bind=True, max_retries=3)
def stubborn(self, succeeds_at):
    """Fails until it was tried so many times."""
    if self.request.retries < succeeds_at:
        raise self.retry(countdown=0.2)
    return self.request.retries


@app.task
def fails():
    raise ValueError("as it should")


@app.task(acks_late=True)
def late(number):
    return number * 2


@app.task
def total(numbers):
    return sum(numbers)
