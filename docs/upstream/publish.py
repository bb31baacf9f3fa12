"""Publishes one completed order: pip install confluent-kafka, then run it with KAFKA_BROKERS=host:port."""

import json
import os

from confluent_kafka import Producer

producer = Producer(
    {
        "bootstrap.servers": os.environ.get("KAFKA_BROKERS", "127.0.0.1:9092"),
        "client.id": "tea-shop-orders",
        "enable.idempotence": True,  # and with it acks=all
    }
)

order = {
    "shopId": "tea",
    "orderId": "o-1",
    "currency": "CNY",
    "paidAt": "2026-01-05T10:00:00+08:00",
    "completedAt": "2026-01-05T12:00:00+08:00",
    # Amounts are decimal text, never floats: str(Decimal(...)) is fine.
    "items": [{"itemId": "1", "supplierId": "s-1", "amount": "100.00"}],
    "distributors": ["d-1", "d-2", "d-3"],
}

event = {
    "specversion": "1.0",
    # Derived from the fact: sent again after a failure, it is the same event.
    "id": f"completed-{order['orderId']}",
    "source": "/tea/orders",
    "type": "order-completed",
    "time": order["completedAt"],
    "datacontenttype": "application/json",
    "data": order,
}

failures = []


def on_delivery(error, _message):
    if error is not None:
        failures.append(str(error))


producer.produce(
    topic=event["type"],
    key=order["orderId"],
    value=json.dumps(event, ensure_ascii=False).encode("utf-8"),
    on_delivery=on_delivery,
)
# What flush() leaves behind was not acknowledged: publish it again.
if producer.flush(30) > 0 or failures:
    raise SystemExit(f"not acknowledged: {failures}")
print(f"{order['orderId']} is acknowledged")
