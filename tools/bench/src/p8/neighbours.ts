import { createServer, type Server } from 'node:http';

/** Who answers for payout and for settlement-calculator while a bill is reconciled. */
export class Neighbours {
  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  /** Payout has this file; the calculator's balance is what it is told. */
  static async start(zip: Buffer, cash: string): Promise<Neighbours> {
    const server = createServer((request, response) => {
      const path = request.url ?? '';
      request.resume();
      if (path.includes('/alipay/bills/')) {
        response.setHeader('content-type', 'application/zip').end(zip);
        return;
      }
      const answer = path.includes('/alipay-cash') ? { cash } : { shopIds: [], items: [] };
      response.setHeader('content-type', 'application/json').end(JSON.stringify(answer));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port was given');
    return new Neighbours(server, `http://127.0.0.1:${address.port}`);
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
