import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** What Alipay posts to an address of ours, as it came. */
export interface ToldForms {
  readonly url: string;
  readonly forms: readonly Readonly<Record<string, string>>[];
  readonly close: () => void;
}

/** Listens as a shop's application gateway would, and answers `success`. */
export async function hearForms(): Promise<ToldForms> {
  const forms: Record<string, string>[] = [];
  const receiver = createServer((request, response) => {
    void text(request).then((body) => {
      forms.push(Object.fromEntries(new URLSearchParams(body)));
      response.end('success');
    });
  });
  await once(receiver.listen(0, '127.0.0.1'), 'listening');
  const { port } = receiver.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/told`, forms, close: () => receiver.close() };
}
