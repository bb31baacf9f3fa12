/** What the bare loop is told: as JSON in its only argument. */
export interface BareTask {
  readonly sdk: {
    readonly appId: string;
    readonly privateKey: string;
    readonly keyType: 'PKCS1' | 'PKCS8';
    readonly alipayPublicKey: string;
    readonly gateway: string;
  };
  /** Eight letters and digits that its numbers begin with. */
  readonly prefix: string;
  readonly count: number;
  /** Calls under way at once. */
  readonly concurrency: number;
  /** It begins no call earlier than this pace lets it. */
  readonly perSecond: number;
}
