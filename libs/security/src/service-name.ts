/** The services of Qingfen that sign messages and tokens, by the names of their folders. */
export const serviceNames = [
  'order',
  'rules',
  'settlement-calculator',
  'payout',
  'reconciliation',
  'notification',
  'gateway',
] as const;

/** A service of Qingfen. */
export type ServiceName = (typeof serviceNames)[number];
