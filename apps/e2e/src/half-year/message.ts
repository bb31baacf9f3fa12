import type { EventData } from '@qingfen/contracts';

/** What one line of the files says to Kafka. */
export type FileMessage = Told<'order-completed'> | Told<'order-refunded'> | Told<'payee-upserted'>;

/** What a line says on one topic. */
export interface Told<T extends 'order-completed' | 'order-refunded' | 'payee-upserted'> {
  readonly topic: T;
  readonly key: string;
  readonly value: {
    readonly id: string;
    readonly source: string;
    readonly time: string;
    readonly data: EventData[T];
  };
}
