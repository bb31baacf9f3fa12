import type { Admin, Kafka } from 'kafkajs';

/** One admin connection, made when it is first needed and made anew after any failure. */
export class AdminLink {
  private admin: Promise<Admin> | null = null;

  constructor(private readonly kafka: Kafka) {}

  /** Runs `work` on the connection. */
  async use<T>(work: (admin: Admin) => Promise<T>): Promise<T> {
    const connecting = (this.admin ??= this.connect());
    try {
      return await work(await connecting);
    } catch (error) {
      if (this.admin === connecting) this.admin = null;
      void connecting.then((admin) => admin.disconnect()).catch(() => undefined);
      throw error;
    }
  }

  async close(): Promise<void> {
    const admin = this.admin;
    this.admin = null;
    if (admin !== null) await admin.then((open) => open.disconnect()).catch(() => undefined);
  }

  private async connect(): Promise<Admin> {
    const admin = this.kafka.admin();
    await admin.connect();
    return admin;
  }
}
