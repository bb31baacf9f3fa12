// Publishes one completed order: npm install kafkajs, then run it with KAFKA_BROKERS=host:port.
import { Kafka, Partitioners } from 'kafkajs';

const kafka = new Kafka({
  clientId: 'tea-shop-orders',
  brokers: (process.env.KAFKA_BROKERS ?? '127.0.0.1:9092').split(','),
});
const producer = kafka.producer({
  allowAutoTopicCreation: false,
  createPartitioner: Partitioners.DefaultPartitioner,
});

const order = {
  shopId: 'tea',
  orderId: 'o-1',
  currency: 'CNY',
  paidAt: '2026-01-05T10:00:00+08:00',
  completedAt: '2026-01-05T12:00:00+08:00',
  // Amounts are decimal text, never numbers.
  items: [{ itemId: '1', supplierId: 's-1', amount: '100.00' }],
  distributors: ['d-1', 'd-2', 'd-3'],
};

const event = {
  specversion: '1.0',
  // Derived from the fact: sent again after a failure, it is the same event.
  id: `completed-${order.orderId}`,
  source: '/tea/orders',
  type: 'order-completed',
  time: order.completedAt,
  datacontenttype: 'application/json',
  data: order,
};

await producer.connect();
try {
  await producer.send({
    topic: event.type,
    acks: -1, // all in-sync replicas
    messages: [{ key: order.orderId, value: JSON.stringify(event) }],
  });
  console.log(`${order.orderId} is acknowledged`);
} finally {
  await producer.disconnect();
}
