import type { ReadyInfo } from '@qingfen/local';

/** The system that the journeys' global set-up has started. */
export function journeySystem(): ReadyInfo {
  const text = process.env['QINGFEN_E2E_SYSTEM'];
  if (text === undefined) throw new Error('run the journeys with jest.journeys.config.js');
  const ready: ReadyInfo = JSON.parse(text);
  return ready;
}

/** How much of the faults is run: a slice within two minutes, or everything. */
export function faultsWanted(): 'slice' | 'all' {
  const text = process.env['FAULTS'] ?? 'slice';
  if (text !== 'slice' && text !== 'all') throw new Error(`FAULTS=${text}: slice or all`);
  return text;
}

/** How many days with processes that die at places of the pipeline are lived through. */
export function faultSeeds(otherwise: number): number {
  const text = process.env['FAULT_SEEDS'];
  if (text === undefined) return otherwise;
  const seeds = Number(text);
  if (Number.isSafeInteger(seeds) && seeds > 0) return seeds;
  throw new Error(`FAULT_SEEDS=${text}: a positive whole number`);
}

/** The days, by their seeds, that alone are lived through again; undefined: all. */
export function faultDaysAgain(): readonly number[] | undefined {
  const text = process.env['FAULT_DAYS'];
  if (text === undefined) return undefined;
  const days = text.split(',').map(Number);
  if (days.every((day) => Number.isSafeInteger(day) && day >= 0)) return days;
  throw new Error(`FAULT_DAYS=${text}: whole numbers with commas between them`);
}

/** Where `npm run faults` collects what was seen; undefined where nobody does. */
export function observationsFile(): string | undefined {
  return process.env['QINGFEN_FAULTS_FILE'];
}

/** What Kafka's own tools inherit. */
export function toolVariables(): Readonly<Record<string, string | undefined>> {
  return process.env;
}
