import type { ServiceName } from '@qingfen/contracts';
import type { RawMessage } from './raw-message.js';
import type { AlertInput, IncomingEvent } from './unit.js';

function shopOf(event: IncomingEvent): string | null {
  return event.data.shopId;
}

/** Somebody wrote to one of our topics without being the service that writes it. */
export function forgedAlert(raw: RawMessage): AlertInput {
  return {
    class: 'forged-message',
    severity: 'critical',
    ends: 'when-acknowledged',
    shopId: null,
    subject: { type: 'topic', id: raw.topic },
    message: `${raw.topic}/${raw.partition} at ${raw.offset} has no valid signature of its writer.`,
    messageZh: `${raw.topic}/${raw.partition} 位移 ${raw.offset} 的消息没有写入方的有效签名。`,
  };
}

/** An event's id came again with other content. */
export function reusedAlert(event: IncomingEvent): AlertInput {
  const { id, source } = event.event;
  return {
    class: 'event-id-reused',
    severity: 'warning',
    ends: 'when-acknowledged',
    shopId: shopOf(event),
    subject: { type: 'source', id: source },
    message: `${source} used the event id ${id} again for another content; it was refused.`,
    messageZh: `${source} 重复使用事件编号 ${id}，内容不同，已拒绝。`,
  };
}

/** A service fails on one event, again and again; the event was set aside. */
export function poisonAlert(
  service: ServiceName,
  event: IncomingEvent,
  problem: string,
): AlertInput {
  const place = `${event.topic}/${event.partition}/${event.offset}`;
  return {
    class: 'poison-message',
    severity: 'critical',
    ends: 'when-acknowledged',
    shopId: shopOf(event),
    subject: { type: 'message', id: `${service}/${place}` },
    message: `${service} cannot process ${place} (event ${event.event.id}): ${problem}`,
    messageZh: `${service} 无法处理 ${place}（事件 ${event.event.id}）：${problem}`,
  };
}
