import type { INestApplication } from '@nestjs/common';
import { NestMicroservice, type CustomTransportStrategy, type Server } from '@nestjs/microservices';
import { BatchErrorFilter } from '@qingfen/messaging';

/**
 * Gives an application its consumers, which start with `startAllMicroservices`. Both share their
 * modules, and the application begins them: begun twice, every worker of a service would work twice.
 */
export function connectConsumers(
  app: INestApplication,
  strategy: Server & CustomTransportStrategy,
): void {
  const consumers = app.connectMicroservice(
    { strategy },
    { inheritAppConfig: false, deferInitialization: true },
  );
  consumers.useGlobalFilters(new BatchErrorFilter());
  if (!(consumers instanceof NestMicroservice)) throw new Error('Nest connects other consumers');
  consumers.setIsInitHookCalled(true);
}
