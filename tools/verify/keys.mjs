// Keys, and whom to believe, as docs/proofs.md has it: "A chain of keys".
import { createPublicKey, verify as verifySignature } from 'node:crypto';
import { demand, hex, sha256 } from './hashes.mjs';

/** SHA-256 of a public key in DER, hex. */
export function fingerprintOf(pem) {
  return hex(sha256(createPublicKey(pem).export({ type: 'spki', format: 'der' })));
}

/** Whether the key made this signature (base64) of the text. */
export function isSignedBy(pem, text, signature) {
  const bytes = Buffer.from(signature, 'base64');
  return verifySignature(null, Buffer.from(text, 'utf8'), createPublicKey(pem), bytes);
}

/** The keys that heads are believed by: those given, and those that a file's own list leads to from them. */
export class Keys {
  /** @param given PEMs; none: the first key of a list is believed */
  constructor(given) {
    this.given = given.map((pem) => ({ pem, fingerprint: fingerprintOf(pem) }));
    this.list = [];
    this.trusted = null;
  }

  /** The next key of the list. */
  bring(key) {
    demand(
      this.list.every(({ keyId }) => keyId !== key.keyId),
      `the key ${key.keyId} is there twice`,
    );
    const before = this.list.at(-1);
    if (before !== undefined) checkLink(before, key);
    else demand(key.introduced === undefined, `the key before ${key.keyId} is missing`);
    this.list.push({ ...key, fingerprint: fingerprintOf(key.publicKey) });
    this.trusted = null;
  }

  /** The keys of a head that brings its own list, or stands for one. */
  bringAll({ keyId, keys }, publicKey) {
    for (const key of keys ?? [{ keyId, publicKey }]) this.bring(key);
    const own = this.list.find((key) => key.keyId === keyId);
    demand(own?.publicKey === publicKey, `the key ${keyId} is another one in the list`);
  }

  /** Which of the list are to be believed. */
  believed() {
    if (this.trusted !== null) return this.trusted;
    const isGiven = ({ fingerprint }) => this.given.some((one) => one.fingerprint === fingerprint);
    const believed = this.list.map((key, place) =>
      this.given.length === 0 ? place === 0 : isGiven(key),
    );
    for (let place = 1; place < believed.length; place += 1) {
      const isIntroduced = this.list[place].introduced.signature !== null;
      believed[place] ||= believed[place - 1] && isIntroduced;
    }
    for (let place = believed.length - 1; place > 0; place -= 1) {
      believed[place - 1] ||= believed[place];
    }
    this.trusted = believed;
    return believed;
  }

  /** @returns the key by this id. @throws Bad where it is none that is believed */
  find(keyId) {
    const place = this.list.findIndex((key) => key.keyId === keyId);
    if (place < 0) return null;
    demand(
      this.believed()[place],
      this.given.length === 0
        ? `nobody introduced the key ${keyId}: give it, if you know it by another way`
        : `the key ${keyId} is none that you gave, and none of those introduced it`,
    );
    return { ...this.list[place], untilMs: this.list[place + 1]?.introduced.atMs ?? Infinity };
  }

  /**
   * A head's signature. @param sealedAtMs of its block, where that is known
   * @returns the fingerprint of its key
   */
  check({ shopId, day, block, hash, signature, keyId }, sealedAtMs) {
    const text = JSON.stringify(['ledger-head', shopId, day, block, hash]);
    const what = `the head of ${day}`;
    const known = this.find(keyId);
    if (known === null) {
      const own = this.given.find(({ pem }) => isSignedBy(pem, text, signature));
      demand(this.given.length > 0, `nobody knows the key ${keyId}`);
      demand(own !== undefined, `${what} is under the key ${keyId}, which nobody introduced`);
      return own.fingerprint;
    }
    const isSigned = isSignedBy(known.publicKey, text, signature);
    demand(isSigned, `${what} is not signed by the key ${keyId}`);
    demand(
      sealedAtMs === undefined || sealedAtMs <= known.untilMs,
      `${what} is signed by the key ${keyId}, which had been followed by another`,
    );
    return known.fingerprint;
  }

  /** The fingerprint by which everything else was believed. */
  root() {
    const place = this.believed().indexOf(true);
    return this.list[place]?.fingerprint ?? this.given[0]?.fingerprint ?? 'none';
  }

  /** How the keys behind the first follow it, in words. */
  story() {
    const later = this.list.slice(1);
    return later.length === 0
      ? ''
      : ` and ${later.length} behind it: ${later.map(({ keyId }) => keyId).join(', ')}`;
  }
}

function checkLink(before, { keyId, publicKey, introduced }) {
  demand(introduced !== undefined, `nobody introduced the key ${keyId}`);
  const { by, atMs, signature, countersignature } = introduced;
  demand(by === before.keyId, `the key ${keyId} does not follow ${before.keyId}`);
  demand(Number.isSafeInteger(atMs), `nobody knows when the key ${keyId} began`);
  const text = JSON.stringify(['ledger-key', keyId, publicKey, by, atMs]);
  demand(
    isSignedBy(publicKey, text, countersignature),
    `the key ${keyId} does not say itself that it follows ${by}`,
  );
  const isIntroduced = signature === null || isSignedBy(before.publicKey, text, signature);
  demand(isIntroduced, `the key ${by} did not introduce the key ${keyId}`);
}
