export { AccessGuard, CallerIs, Permit, PermitService } from './access.guard.js';
export { audit, type AuditRecord } from './audit.js';
export {
  databaseVariable,
  readEnvironment,
  ServiceEnv,
  SettingError,
  type Environment,
  type ServiceUrls,
} from './config.js';
export { DEFINITION, LOGGER, type ConsumerGroup, type ServiceDefinition } from './definition.js';
export { GroupCommit, type Company } from './group-commit.js';
export { ActIs, PostAct, type ManualAct } from './manual-act.js';
export { migrationsOf } from './migrations.js';
export { HostModule, type HostParts } from './host.module.js';
export {
  cursorAt,
  instantPlace,
  instantPlaceAfter,
  pageOfRows,
  placeAfter,
  placePart,
  type InstantPlace,
} from './paging.js';
export { PageSigner, type ListPage, type ListRecord, type ListSpan } from './page-signer.js';
export { Positions, type Position } from './positions.js';
export { ProblemError } from './problem.js';
export { ProblemFilter } from './problem.filter.js';
export { Readiness } from './readiness.js';
export { bodyOf, conflict, forbidden, invalid, notFound, queryOf, readers } from './request.js';
export {
  ServiceClient,
  ServiceUnavailable,
  type ServiceAnswer,
  type ServiceRequest,
} from './service-client.js';
export { runService, runServices, startService, type RunningService } from './start-service.js';
export { StatusBoard, type Contribution } from './status-board.js';
export { TopicBarrier } from './topic-barrier.js';
export { WorkLoop, type WorkLoopOptions } from './work-loop.js';
