import type { NestExpressApplication } from '@nestjs/platform-express';
import { fileTypes } from '@qingfen/contracts';
import type { ServiceEnv } from '@qingfen/hosting';

const mebibyte = 1024 * 1024;

/** Takes exports of the order system as the bytes that they are; the gateway has the same limit. */
export function configureHttp(app: NestExpressApplication, env: ServiceEnv): void {
  const limit = env.count('ORDER_EXPORT_BYTES_MAX', 16 * mebibyte);
  app.useBodyParser('raw', { type: fileTypes.csv, limit });
}
