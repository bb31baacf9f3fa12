import { dropScratchDatabases } from '@qingfen/database';

/** A server that outlives the run keeps nothing of it. */
export default function teardown() {
  return dropScratchDatabases();
}
