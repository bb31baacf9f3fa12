import { isFields } from './fields.js';
import { readPlan, type Plan } from './index.js';

export const LIMITS = { levelsMax: 3 };

/** Place and code of everything that is wrong with a document. */
export function said(document: unknown): string[] {
  const reading = readPlan(document, LIMITS);
  return reading.kind === 'ok' ? [] : reading.problems.map((p) => `${p.pointer} ${p.code}`);
}

export function planOf(document: unknown): Plan {
  const reading = readPlan(document, LIMITS);
  if (reading.kind === 'refused') throw new Error(JSON.stringify(reading.problems));
  return reading.plan;
}

/** The document with every default written out. */
export function normalisedOf(document: unknown): object {
  const reading = readPlan(document, LIMITS);
  if (reading.kind === 'ok' && isFields(reading.document)) return reading.document;
  throw new Error('the plan is refused');
}

/** So many different values of a list. */
export const many = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => make(index));

export const levels = (...shares: unknown[]): object => ({ commission: { levels: shares } });
export const dynamic = (rate: object): object => levels({ rate });
export const daily = { every: 'day', at: '02:00' };
export const team = (tiers: unknown): object => ({ teamReward: { tiers } });
export const groups = (...payeeCycles: unknown[]): object => ({ supplier: { payeeCycles } });
export const ids = (count: number): string[] => many(count, (index) => `s-${index}`);
export const cycle = (value: unknown): object => ({ supplier: { cycle: value } });
export const calendar = (value: unknown): object => ({ supplier: {}, calendar: value });
export const conditions = (...given: unknown[]): object => ({ supplier: {}, conditions: given });
export const tier = (index: number): object => ({ from: `${index}.00`, rate: '0.01' });
export const days = (count: number): string[] =>
  many(count, (index) => new Date(Date.UTC(2026, 0, 1 + index)).toISOString().slice(0, 10));
