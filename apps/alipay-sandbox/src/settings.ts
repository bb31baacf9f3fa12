import type {
  BookRecord,
  FaultRecord,
  Limits,
  NotificationMode,
  NotificationRecord,
} from './records.js';

export interface Fault {
  readonly record: FaultRecord;
  left: number | null;
  hits: number;
}

export interface PendingNotification {
  readonly record: NotificationRecord;
  deliveries: number;
  dueAt: number;
}

const NO_LIMITS: Limits = {
  single: null,
  payerDaily: null,
  payeeDaily: null,
  perSecond: null,
  settlePerSecond: 30,
};

/** What tests have asked for: faults, limits, how to notify; and what is still to be told. */
export class Settings {
  faults: Fault[] = [];
  faultCount = 0;
  limits: Limits = NO_LIMITS;
  notificationMode: NotificationMode = 'normal';
  notificationCount = 0;
  readonly notifications = new Map<string, PendingNotification>();

  /** Takes a record of these; ignores all others. */
  apply(record: BookRecord): void {
    switch (record.t) {
      case 'fault':
        this.faultCount += 1;
        this.faults.push({ record, left: record.times, hits: 0 });
        break;
      case 'fault-hit':
        this.#hit(record.id);
        break;
      case 'faults-cleared':
        this.faults = [];
        break;
      case 'limits':
        this.limits = { ...NO_LIMITS, ...record.limits };
        break;
      case 'notification-mode':
        this.notificationMode = record.mode;
        break;
      case 'notification':
        this.notificationCount += 1;
        this.notifications.set(record.notifyId, { record, deliveries: 0, dueAt: record.dueAt });
        break;
      case 'delivery':
        this.#noteDelivery(record.notifyId, record.nextDueAt);
        break;
      default:
        break; // of another room
    }
  }

  #hit(id: string): void {
    const fault = this.faults.find((candidate) => candidate.record.id === id);
    if (fault === undefined) return;
    fault.hits += 1;
    if (fault.left !== null) fault.left -= 1;
  }

  #noteDelivery(notifyId: string, nextDueAt: number | null): void {
    const pending = this.notifications.get(notifyId);
    if (pending === undefined) return;
    pending.deliveries += 1;
    if (nextDueAt === null) this.notifications.delete(notifyId);
    else pending.dueAt = nextDueAt;
  }
}
