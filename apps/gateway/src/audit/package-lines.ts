import type { AuditPlan, SignedText } from '@qingfen/contracts';
import { createHash } from 'node:crypto';

/** One document of a package, and how many records of its section it brings. */
export interface PackageLine {
  readonly document: object;
  readonly records: number;
}

/** A part of a package: whoever checks it demands all of them, in their order. */
export interface Section {
  readonly name: 'ledger' | 'services' | 'totals' | 'differences' | 'alerts' | 'acts' | 'accesses';
  readonly lines: AsyncIterable<PackageLine>;
}

/** Under what a package is signed, besides what is in it. */
export interface Making {
  readonly madeAt: Date;
  readonly madeBy: string;
  readonly sign: (text: string) => SignedText;
}

/**
 * A package line by line, as docs/proofs.md has it: sections are hashed as they go out, and the manifest, which
 * comes last, signs their hashes and counts. A package that was cut short has none.
 */
export async function* packageLines(
  plan: AuditPlan,
  sections: Iterable<Section>,
  { madeAt, madeBy, sign }: Making,
): AsyncGenerator<string> {
  const { shopId, month, timezone } = plan;
  const [fromMs, toMs] = [Date.parse(plan.from), Date.parse(plan.to)];
  const format = 'qingfen-audit/1';
  yield lineOf({ audit: { format, shopId, month, timezone, fromMs, toMs } });
  const told: (readonly [string, number, number, string])[] = [];
  for (const { name, lines } of sections) {
    yield lineOf({ section: name });
    const hash = createHash('sha256');
    const counts = { lines: 0, records: 0 };
    for await (const { document, records } of lines) {
      const line = lineOf(document);
      hash.update(line);
      counts.lines += 1;
      counts.records += records;
      yield line;
    }
    told.push([name, counts.lines, counts.records, hash.digest('hex')]);
  }
  const head = ['audit-manifest', shopId, month, timezone, fromMs, toMs];
  const text = JSON.stringify([...head, madeAt.getTime(), madeBy, told]);
  yield lineOf({ manifest: sign(text) });
}

function lineOf(document: object): string {
  return `${JSON.stringify(document)}\n`;
}
