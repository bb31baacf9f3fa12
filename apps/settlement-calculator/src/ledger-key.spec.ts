import { describe, expect, it } from '@jest/globals';
import type { LedgerKey } from '@qingfen/contracts';
import { makeSigningKey, type SigningKey } from '@qingfen/security';
import { nextKeys, trustedKeys } from './ledger-key.js';

const [first, second, third] = ['k-1', 'k-2', 'k-3'].map(makeSigningKey) as [
  SigningKey,
  SigningKey,
  SigningKey,
];
const atMs = Date.UTC(2026, 0, 5);

/** The keys once each of these has come to sign heads, one after the other. */
function chain(...keys: readonly SigningKey[]): readonly LedgerKey[] {
  let known: readonly LedgerKey[] = [];
  for (const [place, current] of keys.entries()) {
    const previous = keys[place - 1];
    const own = previous === undefined ? { current } : { current, previous };
    const step = nextKeys(known, own, atMs + place);
    if (step.kind !== 'append') throw new Error(step.kind);
    known = [...known, ...step.keys];
  }
  return known;
}

const own = ({ keyId, publicKeyPem: publicKey }: SigningKey) => ({ keyId, publicKey });
const trusted = (keys: readonly LedgerKey[], key: SigningKey): string[] => [
  ...trustedKeys(keys, own(key)).keys(),
];

describe('R-EVO-1 the key that signs heads', () => {
  it('is the first by itself, and stays it', () => {
    const keys = chain(first);
    expect(keys).toEqual([own(first)]);
    expect(nextKeys(keys, { current: first }, atMs)).toEqual({ kind: 'append', keys: [] });
  });

  it('is introduced by the one before, which it names as its past', () => {
    const [, key] = chain(first, second);
    expect(key).toMatchObject({ ...own(second), introduced: { by: 'k-1', atMs: atMs + 1 } });
    expect(chain(first, second, third)).toHaveLength(3);
  });

  it('may be changed by the very start that first writes keys down', () => {
    const step = nextKeys([], { current: second, previous: first }, atMs);
    expect(step).toMatchObject({
      kind: 'append',
      keys: [own(first), { introduced: { by: 'k-1' } }],
    });
  });

  it.each([
    ['whom nobody introduces', { current: second }],
    ['introduced by another than the last', { current: second, previous: third }],
    ['of a known id with another key', { current: { ...second, keyId: 'k-1' } }],
    [
      'introduced by a key that only has the last one’s name',
      { current: second, previous: { ...third, keyId: 'k-1' } },
    ],
  ])('one %s is refused', (_, given) => {
    expect(nextKeys(chain(first), given, atMs)).toMatchObject({ kind: 'refuse' });
  });

  it('that was followed by another signs nothing any more', () => {
    const step = nextKeys(chain(first, second), { current: first }, atMs);
    expect(step).toEqual({ kind: 'succeeded' });
  });

  it('whose predecessor is lost says so, and what came before by itself alone', () => {
    const step = nextKeys(chain(first), { current: second, isPreviousLost: true }, atMs);
    expect(step).toMatchObject({
      kind: 'append',
      keys: [{ introduced: { by: 'k-1', signature: null } }],
    });
  });
});

describe('R-EVO-1 whose signatures count', () => {
  it('are those of the keys before one’s own and behind it, each for its time', () => {
    const keys = chain(first, second, third);
    for (const key of [first, second, third])
      expect(trusted(keys, key)).toEqual(['k-1', 'k-2', 'k-3']);
    const until = [...trustedKeys(keys, own(third)).values()].map(({ untilMs }) => untilMs);
    expect(until).toEqual([atMs + 1, atMs + 2, null]);
  });

  it('no key counts that somebody wrote into the table', () => {
    const [root, next] = chain(first, second);
    const forged = chain(third, second).at(-1);
    const stranger = own(third);
    const cases: readonly (readonly [readonly (LedgerKey | undefined)[], readonly string[]])[] = [
      [[stranger, next], ['k-2']],
      [
        [stranger, root, next],
        ['k-1', 'k-2'],
      ],
      [[root, forged], ['k-2']],
      [[root, { ...stranger, introduced: next?.introduced }, next], ['k-2']],
      [
        [root, next, stranger],
        ['k-1', 'k-2'],
      ],
      [[], ['k-2']],
      [[root], ['k-2']],
    ];
    for (const [keys, expected] of cases) {
      expect(trusted(keys as readonly LedgerKey[], second)).toEqual(expected);
    }
  });
});
