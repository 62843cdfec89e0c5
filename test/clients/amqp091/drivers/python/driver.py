"""Carries out the operations of driver.ts with pika: a line of JSON each.

    python driver.py HOST:PORT
"""
import datetime
import json
import re
import sys
import time

import pika
from pika import exceptions

WAIT_S_MAX = 8
PROPERTIES = {
    "contentType": "content_type",
    "contentEncoding": "content_encoding",
    "headers": "headers",
    "deliveryMode": "delivery_mode",
    "priority": "priority",
    "correlationId": "correlation_id",
    "replyTo": "reply_to",
    "expiration": "expiration",
    "messageId": "message_id",
    "timestamp": "timestamp",
    "type": "type",
    "userId": "user_id",
    "appId": "app_id",
}


def shown(value):
    if isinstance(value, datetime.datetime):
        return "<time>"
    if isinstance(value, bytes):
        return value.decode()
    if isinstance(value, dict):
        return {name: shown(field) for name, field in value.items()}
    if isinstance(value, list):
        return [shown(item) for item in value]
    return value


def properties_of(given):
    return pika.BasicProperties(**{PROPERTIES[name]: value for name, value in (given or {}).items()})


def message_of(method, properties, body, **more):
    found = {}
    for name, attribute in PROPERTIES.items():
        value = getattr(properties, attribute)
        if value is not None and value != {}:
            found[name] = shown(value)
    message = {
        "body": body.decode(),
        "exchange": method.exchange,
        "key": method.routing_key,
        "properties": found,
    }
    if hasattr(method, "delivery_tag"):
        message["tag"] = method.delivery_tag
        message["redelivered"] = bool(method.redelivered)
    return {**message, **more}


class Channel:
    """A channel and what the broker sent to it, until a scenario asks."""

    def __init__(self, connection):
        self.connection = connection
        self.channel = connection.channel()
        self.confirms = False
        self.deliveries = []
        self.returned = []
        self.cancelled = []
        self.channel.add_on_cancel_callback(
            lambda method: self.cancelled.append({"tag": method.method.consumer_tag})
        )
        self.channel.add_on_return_callback(
            lambda _, method, properties, body: self.put_returned(method, properties, body)
        )

    def put_returned(self, method, properties, body):
        told = {"code": method.reply_code, "text": method.reply_text}
        self.returned.append(message_of(method, properties, body, **told))

    def deliver(self, _, method, properties, body):
        tag = method.consumer_tag
        self.deliveries.append(message_of(method, properties, body, consumer=tag))

    def wait(self, is_done, wait_s):
        deadline = time.monotonic() + wait_s
        while not is_done() and time.monotonic() < deadline:
            self.connection.process_data_events(0.02)

    def take(self, items, count, waitMs):
        self.wait(lambda: len(items) >= count, WAIT_S_MAX if waitMs is None else waitMs / 1000)
        taken, items[:] = items[:count], items[count:]
        return taken


class Client:
    def __init__(self, address):
        self.host, port = address.split(":")
        self.port = int(port)
        self.connections = {}
        self.channels = {}

    def _on(self, name):
        known = self.channels.get(name)
        if known is not None and known.channel.is_open:
            return known
        root = name.split(".")[0]
        connection = self.connections.get(root)
        if connection is None or not connection.is_open:
            self.open(root)
        self.channels[name] = Channel(self.connections[root])
        return self.channels[name]

    def _channel(self, name):
        return self._on(name).channel

    # Sessions

    def open(self, connection, user="guest", password="guest", vhost="/"):
        opened = pika.BlockingConnection(
            pika.ConnectionParameters(
                host=self.host,
                port=self.port,
                virtual_host=vhost,
                credentials=pika.PlainCredentials(user, password),
                heartbeat=0,
            )
        )
        self.connections[connection] = opened
        return {"capabilities": opened._impl.server_capabilities}

    def close(self, connection):
        self.connections.pop(connection).close()

    def closeChannel(self, channel):
        self._channel(channel).close()

    def closed(self, channel):
        known = self.channels[channel]
        try:
            known.wait(lambda: known.channel.is_closed, WAIT_S_MAX)
        except exceptions.ConnectionClosedByBroker as closed:
            return {"what": "connection", "code": closed.reply_code, "text": closed.reply_text}
        reason = known.channel._closing_reason
        return {"what": "channel", "code": reason.reply_code, "text": reason.reply_text}

    def reset(self):
        for connection in self.connections.values():
            if connection.is_open:
                connection.close()
        self.connections = {}
        self.channels = {}

    # Exchanges and queues

    def declareExchange(self, channel, exchange, type, passive=False, durable=True,
                        autoDelete=False, internal=False, arguments=None):
        self._channel(channel).exchange_declare(
            exchange, type, passive, durable, autoDelete, internal, arguments)

    def deleteExchange(self, channel, exchange, ifUnused=False):
        self._channel(channel).exchange_delete(exchange, ifUnused)

    def bindExchange(self, channel, destination, source, key="", arguments=None):
        self._channel(channel).exchange_bind(destination, source, key, arguments)

    def unbindExchange(self, channel, destination, source, key="", arguments=None):
        self._channel(channel).exchange_unbind(destination, source, key, arguments)

    def declareQueue(self, channel, queue, passive=False, durable=True, exclusive=False,
                     autoDelete=False, arguments=None):
        ok = self._channel(channel).queue_declare(
            queue, passive, durable, exclusive, autoDelete, arguments).method
        return {"queue": ok.queue, "messages": ok.message_count, "consumers": ok.consumer_count}

    def deleteQueue(self, channel, queue, ifUnused=False, ifEmpty=False):
        ok = self._channel(channel).queue_delete(queue, ifUnused, ifEmpty).method
        return {"messages": ok.message_count}

    def purgeQueue(self, channel, queue):
        return {"messages": self._channel(channel).queue_purge(queue).method.message_count}

    def bindQueue(self, channel, queue, exchange, key="", arguments=None):
        self._channel(channel).queue_bind(queue, exchange, key, arguments)

    def unbindQueue(self, channel, queue, exchange, key="", arguments=None):
        self._channel(channel).queue_unbind(queue, exchange, key, arguments)

    # Messages

    def qos(self, channel, count, **options):
        self._channel(channel).basic_qos(prefetch_count=count, global_qos=options.get("global", False))

    def confirmSelect(self, channel):
        known = self._on(channel)
        if not known.confirms:
            known.channel.confirm_delivery()
        known.confirms = True

    def publish(self, channel, key, bodies, exchange="", properties=None, mandatory=False):
        known = self._on(channel)
        outcomes = []
        for body in bodies:
            try:
                known.channel.basic_publish(
                    exchange, key, body.encode(), properties_of(properties), mandatory)
                outcomes.append("ack")
            except exceptions.UnroutableError as error:
                for lost in error.messages:
                    known.put_returned(lost.method, lost.properties, lost.body)
                outcomes.append("ack")
            except exceptions.NackError:
                outcomes.append("nack")
        return outcomes if known.confirms else []

    def returned(self, channel, count, waitMs=None):
        known = self._on(channel)
        return known.take(known.returned, count, waitMs)

    def get(self, channel, queue, noAck=False):
        method, properties, body = self._channel(channel).basic_get(queue, noAck)
        return method and message_of(method, properties, body, left=method.message_count)

    def consume(self, channel, queue, tag, noAck=False, exclusive=False, arguments=None):
        known = self._on(channel)
        known.channel.basic_consume(queue, known.deliver, noAck, exclusive, tag, arguments)

    def cancel(self, channel, tag):
        self._channel(channel).basic_cancel(tag)

    def cancelled(self, channel):
        known = self._on(channel)
        return known.take(known.cancelled, 1, None)[0]

    def deliveries(self, channel, count, waitMs=None):
        known = self._on(channel)
        return known.take(known.deliveries, count, waitMs)

    def ack(self, channel, tag, multiple=False):
        self._channel(channel).basic_ack(tag, multiple)

    def nack(self, channel, tag, multiple=False, requeue=True):
        self._channel(channel).basic_nack(tag, multiple, requeue)

    def reject(self, channel, tag, requeue=True):
        self._channel(channel).basic_reject(tag, requeue)

    def recover(self, channel):
        self._channel(channel).basic_recover(requeue=True)

    def txSelect(self, channel):
        self._channel(channel).tx_select()

    def txCommit(self, channel):
        self._channel(channel).tx_commit()

    def txRollback(self, channel):
        self._channel(channel).tx_rollback()


def refusal(error):
    """The broker's code and words, wherever pika put them."""
    code = getattr(error, "reply_code", None)
    if code is not None:
        return {"code": code, "message": error.reply_text}
    said = re.search(r"\((\d+)\) ['\"](.*)['\"]", str(error), re.DOTALL)
    if isinstance(error, exceptions.AMQPError) and said:
        return {"code": int(said[1]), "message": said[2]}
    return {"code": None, "message": repr(error)}


def main():
    client = Client(sys.argv[1])
    for line in sys.stdin:
        question = json.loads(line)
        answer = {"id": question["id"]}
        try:
            answer["ok"] = getattr(client, question["op"])(**question["args"])
        except Exception as error:  # Whatever it is, the scenario judges it.
            answer["error"] = refusal(error)
        print(json.dumps(answer), flush=True)
    client.reset()


if __name__ == "__main__":
    main()
