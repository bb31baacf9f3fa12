import {
  Module,
  type DynamicModule,
  type FactoryProvider,
  type Provider,
  type Type,
} from '@nestjs/common';
import { APP_FILTER, APP_GUARD } from '@nestjs/core';
import { Clock } from '@qingfen/clock';
import { Database } from '@qingfen/database';
import { Intake, Relay, Units } from '@qingfen/messaging';
import { BlindIndex, FieldCipher, TokenVerifier } from '@qingfen/security';
import { Metrics, WorkCounter, type Logger } from '@qingfen/telemetry';
import { AccessGuard } from './access.guard.js';
import { ActsController } from './acts.controller.js';
import { ServiceEnv } from './config.js';
import { DEFINITION, LOGGER, type ServiceDefinition } from './definition.js';
import { InternalController } from './internal.controller.js';
import { PageSigner } from './page-signer.js';
import { Positions } from './positions.js';
import { ProblemFilter } from './problem.filter.js';
import { Readiness } from './readiness.js';
import { ServiceClient } from './service-client.js';
import { StatusBoard } from './status-board.js';
import { TopicBarrier } from './topic-barrier.js';

/** Everything a service stands on, made before Nest starts and given to its rooms by class. */
export interface HostParts {
  readonly env: ServiceEnv;
  readonly definition: ServiceDefinition;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly work: WorkCounter;
  readonly database: Database;
  readonly clock: Clock;
  readonly relay: Relay;
  readonly units: Units;
  readonly intake: Intake;
  readonly client: ServiceClient;
  readonly cipher: FieldCipher;
  readonly blindIndex: BlindIndex;
  readonly tokens: TokenVerifier;
  readonly readiness: Readiness;
  readonly board: StatusBoard;
  readonly positions: Positions;
  readonly barrier: TopicBarrier;
}

@Module({})
export class HostModule {
  static around(parts: HostParts): DynamicModule {
    const provided = providersOf(parts);
    return {
      module: HostModule,
      global: true,
      imports: [parts.definition.module],
      controllers: [InternalController, ActsController],
      providers: [
        ...provided,
        { provide: APP_GUARD, useClass: AccessGuard },
        { provide: APP_FILTER, useClass: ProblemFilter },
      ],
      exports: provided.map(({ provide }) => provide),
    };
  }
}

type Given = Exclude<Provider, Type<unknown>> & Pick<FactoryProvider, 'provide'>;

function providersOf(parts: HostParts): Given[] {
  return [
    { provide: ServiceEnv, useValue: parts.env },
    { provide: DEFINITION, useValue: parts.definition },
    { provide: LOGGER, useValue: parts.logger },
    { provide: Metrics, useValue: parts.metrics },
    { provide: WorkCounter, useValue: parts.work },
    { provide: Database, useValue: parts.database },
    { provide: Clock, useValue: parts.clock },
    { provide: Relay, useValue: parts.relay },
    { provide: Units, useValue: parts.units },
    { provide: Intake, useValue: parts.intake },
    { provide: ServiceClient, useValue: parts.client },
    { provide: FieldCipher, useValue: parts.cipher },
    { provide: BlindIndex, useValue: parts.blindIndex },
    { provide: TokenVerifier, useValue: parts.tokens },
    { provide: Readiness, useValue: parts.readiness },
    { provide: StatusBoard, useValue: parts.board },
    { provide: Positions, useValue: parts.positions },
    { provide: TopicBarrier, useValue: parts.barrier },
    { provide: PageSigner, useValue: new PageSigner(parts.env) },
  ];
}
