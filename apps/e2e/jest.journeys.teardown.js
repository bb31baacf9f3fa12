import { removeDataDirectory } from '@qingfen/local';

/** Stops the system; its data stay where QINGFEN_E2E_KEEP wants to look into them. */
export default async function teardown() {
  const { system, dataDir } = globalThis.qingfenJourneys;
  await system.stop();
  if (process.env.QINGFEN_E2E_KEEP === undefined) removeDataDirectory(dataDir);
  else process.stderr.write(`kept ${dataDir}\n`);
}
