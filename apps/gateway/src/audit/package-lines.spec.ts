import { describe, expect, it } from '@jest/globals';
import type { AuditPlan, SignedText } from '@qingfen/contracts';
import { sha256Hex } from '@qingfen/security';
import { packageLines, type PackageLine, type Section } from './package-lines.js';

const signed = (text: string): SignedText => ({ text, signature: 's', keyId: 'k', publicKey: 'p' });
const plan: AuditPlan = {
  shopId: 's-1',
  month: '2026-01',
  timezone: 'Asia/Shanghai',
  from: '2025-12-31T16:00:00.000Z',
  to: '2026-01-31T16:00:00.000Z',
  toBlock: 0,
  services: signed('services'),
};
const making = { madeAt: new Date(5), madeBy: 'olga', sign: signed };

async function* linesOf(...records: readonly number[]): AsyncGenerator<PackageLine> {
  for (const count of records) yield { document: { with: `${count} 条` }, records: count };
}

async function written(...sections: readonly Section[]): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of packageLines(plan, sections, making)) lines.push(line);
  return lines;
}

describe('R-OPS-3 the lines of an audit package', () => {
  it('R-OPS-3 are each one line, and the last one signs what each section is', async () => {
    const lines = await written(
      { name: 'ledger', lines: linesOf(3, 4) },
      { name: 'services', lines: linesOf() },
    );
    expect(lines.every((line) => line.indexOf('\n') === line.length - 1)).toBe(true);
    const span = { fromMs: Date.parse(plan.from), toMs: Date.parse(plan.to) };
    const { shopId, month, timezone } = plan;
    const about = { shopId, month, timezone, ...span };
    expect(lines.slice(0, -1).map((line) => JSON.parse(line))).toEqual([
      { audit: { format: 'qingfen-audit/1', ...about } },
      { section: 'ledger' },
      { with: '3 条' },
      { with: '4 条' },
      { section: 'services' },
    ]);
    const { manifest } = JSON.parse(lines.at(-1) ?? '');
    expect(JSON.parse(manifest.text)).toEqual([
      ...['audit-manifest', shopId, month, timezone, span.fromMs, span.toMs, 5, 'olga'],
      [
        ['ledger', 2, 7, sha256Hex(lines.slice(2, 4).join(''))],
        ['services', 0, 0, sha256Hex('')],
      ],
    ]);
  });

  it('R-OPS-3 have no manifest where a section could not be read to its end', async () => {
    async function* broken(): AsyncGenerator<PackageLine> {
      yield { document: {}, records: 1 };
      throw new Error('a part does not answer');
    }
    const seen: string[] = [];
    const all = packageLines(plan, [{ name: 'ledger', lines: broken() }], making);
    const reading = (async () => {
      for await (const line of all) seen.push(line);
    })();
    await expect(reading).rejects.toThrow('a part does not answer');
    expect(seen.some((line) => line.includes('manifest'))).toBe(false);
  });
});
