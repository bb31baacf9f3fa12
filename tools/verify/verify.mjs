// Checks what Qingfen says of a ledger without Qingfen: no database, no packages, nothing of the code that
// wrote it. Everything here is from docs/proofs.md, so that you may as well write your own.
//
//   node tools/verify/verify.mjs FILE… [--key PUBLIC-KEY.pem] [--head HEAD.json]…
//
// FILE is an archive (.ndjson or .ndjson.gz), a proof, a consistency proof or a head.
import { createHash, createPublicKey, verify as verifySignature } from 'node:crypto';
import { createReadStream, readFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { createGunzip } from 'node:zlib';

export class Bad extends Error {}

const sha256 = (...parts) => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
};
const leafOf = (text) => sha256(Buffer.from([0]), Buffer.from(text, 'utf8'));
const nodeOf = (left, right) => sha256(Buffer.from([1]), left, right);
const hex = (bytes) => bytes.toString('hex');
const zeros = '0'.repeat(64);

function demand(isTrue, what) {
  if (!isTrue) throw new Bad(what);
}

function bytesOf(text) {
  demand(typeof text === 'string' && /^[0-9a-f]{64}$/.test(text), `${text} is no hash`);
  return Buffer.from(text, 'hex');
}

function sizeOf(value, what) {
  demand(Number.isSafeInteger(value) && value >= 0, `${what} is no number`);
  return value;
}

/** The root over leaves: pairs level by level, an odd one goes up unpaired (RFC 6962). */
export function rootOf(leaves) {
  if (leaves.length === 0) return sha256('');
  let level = leaves;
  while (level.length > 1) {
    const above = [];
    for (let index = 0; index < level.length; index += 2) {
      const right = level[index + 1];
      above.push(right === undefined ? level[index] : nodeOf(level[index], right));
    }
    level = above;
  }
  return level[0];
}

/** The root that a leaf and its path lead to in a tree of this size (RFC 9162, 2.1.3.2). */
export function rootByPath(leaf, { index, size, path }) {
  demand(index < size, `place ${index} is outside of ${size}`);
  let [at, last, hash] = [index, size - 1, leaf];
  for (const text of path) {
    demand(last > 0, 'the path is too long');
    const beside = bytesOf(text);
    if (at % 2 === 1 || at === last) {
      hash = nodeOf(beside, hash);
      while (at % 2 === 0 && at > 0) [at, last] = [at / 2, Math.floor(last / 2)];
    } else {
      hash = nodeOf(hash, beside);
    }
    [at, last] = [Math.floor(at / 2), Math.floor(last / 2)];
  }
  demand(last === 0, 'the path is too short');
  return hash;
}

/** Whether a tree begins with another (RFC 9162, 2.1.4.2). */
export function isBeginning({ oldSize, oldRoot, size, root, path }) {
  if (oldSize === size) return path.length === 0 && hex(oldRoot) === hex(root);
  if (oldSize === 0) return path.length === 0 && hex(oldRoot) === hex(sha256(''));
  const nodes = path.map(bytesOf);
  const isPower = Number.isInteger(Math.log2(oldSize));
  if (isPower) nodes.unshift(oldRoot);
  if (nodes.length === 0) return false;
  let [at, last] = [oldSize - 1, size - 1];
  while (at % 2 === 1) [at, last] = [(at - 1) / 2, Math.floor(last / 2)];
  let [old, now] = [nodes[0], nodes[0]];
  for (const node of nodes.slice(1)) {
    if (last === 0) return false;
    if (at % 2 === 1 || at === last) {
      [old, now] = [nodeOf(node, old), nodeOf(node, now)];
      while (at % 2 === 0 && at > 0) [at, last] = [at / 2, Math.floor(last / 2)];
    } else {
      now = nodeOf(now, node);
    }
    [at, last] = [Math.floor(at / 2), Math.floor(last / 2)];
  }
  return last === 0 && hex(old) === hex(oldRoot) && hex(now) === hex(root);
}

function batchLeaf(shopId, { batchId, factCount, bookedAtMs, root }) {
  return leafOf(JSON.stringify(['journal-batch', shopId, batchId, factCount, bookedAtMs, root]));
}

/** A block's hash, which must be the one that it says. */
function checkBlock(block) {
  const { shopId, batchCount, factCount, lastBatch, sealedAtMs, root, previous, history } = block;
  const fields = [shopId, block.block, batchCount, factCount, lastBatch, sealedAtMs];
  const text = JSON.stringify(['ledger-block', ...fields, root, previous, history]);
  const hash = leafOf(text);
  demand(hex(hash) === block.hash, `the hash of block ${block.block} is not that of its fields`);
  return hash;
}

/** The keys that signatures are believed by: those given, else those that the file brings. */
class Keys {
  constructor(given) {
    this.given = given;
    this.brought = new Map();
  }

  bring(keyId, publicKey) {
    this.brought.set(keyId, publicKey);
  }

  /** A text that a service signed with a key of its own, which it brings. */
  checkText(text, { signature, keyId, publicKey }) {
    const pem = this.brought.has(keyId) ? (this.given ?? publicKey) : publicKey;
    const bytes = Buffer.from(signature, 'base64');
    const isSigned = verifySignature(null, Buffer.from(text, 'utf8'), createPublicKey(pem), bytes);
    demand(isSigned, `a text is not signed by the key ${keyId}`);
    return this.fingerprintOf(pem);
  }

  fingerprintOf(pem) {
    return hex(sha256(createPublicKey(pem).export({ type: 'spki', format: 'der' })));
  }

  check({ shopId, day, block, hash, signature, keyId }) {
    const pem = this.given ?? this.brought.get(keyId);
    demand(pem !== undefined, `nobody knows the key ${keyId}`);
    const text = JSON.stringify(['ledger-head', shopId, day, block, hash]);
    const isSigned = verifySignature(
      null,
      Buffer.from(text, 'utf8'),
      createPublicKey(pem),
      Buffer.from(signature, 'base64'),
    );
    demand(isSigned, `the head of ${day} is not signed by the key ${keyId}`);
    return this.fingerprintOf(pem);
  }
}

function checkProof(proof, keys) {
  const { shopId, fact, batch, block, head, subject } = proof;
  const root = rootByPath(leafOf(fact), {
    index: sizeOf(batch.index, 'batch.index'),
    size: sizeOf(batch.factCount, 'batch.factCount'),
    path: batch.path,
  });
  demand(hex(root) === batch.root, `the fact is not at its place in batch ${batch.batchId}`);
  const inBlock = rootByPath(batchLeaf(shopId, batch), {
    index: sizeOf(block.index, 'block.index'),
    size: sizeOf(block.batchCount, 'block.batchCount'),
    path: block.path,
  });
  demand(hex(inBlock) === block.root, `batch ${batch.batchId} is not in block ${block.block}`);
  demand(block.shopId === shopId && head.shopId === shopId, 'another shop is meant');
  const hash = checkBlock(block);
  const last = checkBlock(head.of);
  demand(head.of.shopId === shopId, 'another shop is meant');
  demand(hex(last) === head.hash && head.of.block === head.block, 'the head is another block');
  if (block.block === head.block) {
    demand(hex(hash) === head.hash && head.path.length === 0, 'the block is not the head');
  } else {
    const history = rootByPath(hash, {
      index: block.block - 1,
      size: head.block - 1,
      path: head.path,
    });
    demand(hex(history) === head.of.history, `block ${block.block} is not in the history`);
  }
  keys.bring(head.keyId, head.publicKey);
  const fingerprint = keys.check(head);
  checkSubject(subject, fact);
  return [
    `${subject.type} ${subject.id} of ${shopId} stands in the ledger as ${fact}`,
    `booked ${new Date(batch.bookedAtMs).toISOString()}, in block ${block.block}, under the head of ${head.day}`,
    `signed by ${head.keyId}, key ${fingerprint}`,
  ];
}

/** The proof must be of what was asked for. */
function checkSubject({ type, id }, fact) {
  const fields = JSON.parse(fact);
  const isOf = {
    entries: () => fields[0] === 'entry' && `en_${fields[3]}` === id,
    statements: () => fields[0] === 'statement' && fields[1] === id,
    // A number is the database's own; a cause stands in the fact.
    postings: () =>
      fields[0] === 'ledger-transaction' &&
      (/^[0-9]+$/.test(id) || `${fields[4]}:${fields[5]}` === id),
  }[type];
  demand(isOf?.() === true, `the fact is not of ${type} ${id}`);
}

function checkConsistency(document, keys) {
  const { shopId, from, to, inclusion, consistency, publicKey } = document;
  for (const head of [from, to]) {
    const hash = checkBlock(head.of);
    const isOne = hex(hash) === head.hash && head.of.block === head.block;
    demand(isOne && head.shopId === shopId && head.of.shopId === shopId, 'a head is another block');
    keys.bring(head.keyId, publicKey);
    keys.check(head);
  }
  const [old, now] = [from.block, to.block];
  demand(old <= now && from.day <= to.day, 'the later day comes first');
  if (old === now) {
    demand(from.hash === to.hash, 'one block has two hashes');
  } else {
    const at = { index: old - 1, size: now - 1, path: inclusion };
    const history = rootByPath(bytesOf(from.hash), at);
    demand(hex(history) === to.of.history, `block ${old} is not in the history of block ${now}`);
  }
  const isKept = isBeginning({
    oldSize: old - 1,
    oldRoot: bytesOf(from.of.history),
    size: now - 1,
    root: bytesOf(to.of.history),
    path: consistency,
  });
  demand(isKept, `what stood before block ${old} was changed`);
  const key = keys.fingerprintOf(keys.given ?? publicKey);
  return [
    `the ledger of ${shopId} on ${from.day} is the beginning of that on ${to.day}; key ${key}`,
  ];
}

/** Walks through an archive, line by line, with one batch in memory at a time. */
class ArchiveCheck {
  constructor(keys) {
    this.keys = keys;
    this.open = new Map();
    this.hashes = new Map();
    this.heads = [];
    this.balances = new Map();
    this.counts = { blocks: 0, batches: 0, facts: 0 };
    this.acts = new Map();
    this.end = null;
  }

  take(line) {
    demand(this.end === null, 'something follows the end');
    if (this.shopId === undefined) return this.begin(line.ledger);
    if (line.block !== undefined) return this.beginBlock(line.block);
    if (line.batch !== undefined) return this.batch(line.batch, line.facts);
    if (line.head !== undefined) return this.heads.push(line.head);
    if (line.acts !== undefined) return this.takeActs(line.acts);
    if (line.key !== undefined) return this.keys.bring(line.key.keyId, line.key.publicKey);
    demand(line.end !== undefined, 'a line is of no known kind');
    this.end = line.end;
    return undefined;
  }

  begin(ledger) {
    demand(ledger?.format === 'qingfen-ledger/1', 'it is no archive of a ledger');
    this.shopId = ledger.shopId;
    this.next = ledger.fromBlock;
    this.from = ledger.fromBlock;
    const size = this.next - 1;
    const nodes = ledger.before.map(bytesOf);
    const levels = [...size.toString(2)].flatMap((bit, index, all) =>
      bit === '1' ? [all.length - 1 - index] : [],
    );
    demand(nodes.length === levels.length, 'what stands before the first block is not told');
    levels.forEach((level, index) => this.open.set(level, nodes[index]));
  }

  beginBlock(block) {
    this.endBlock();
    const name = `block ${this.next}`;
    demand(block.block === this.next, `${name} is missing: block ${block.block} follows`);
    demand(block.shopId === this.shopId, `${name} is of another shop`);
    const hash = checkBlock(block);
    if (this.next === 1) demand(block.previous === zeros, `${name} names one before the first`);
    else if (this.previous !== undefined) {
      demand(block.previous === this.previous, `${name} does not follow block ${this.next - 1}`);
    }
    demand(hex(this.history()) === block.history, `${name} has another history`);
    this.grow(hash);
    this.hashes.set(block.block, block.hash);
    this.previous = block.hash;
    this.block = block;
    this.leaves = [];
    this.facts = 0;
    this.next += 1;
    this.counts.blocks += 1;
  }

  batch(batch, facts) {
    demand(this.block !== undefined, `batch ${batch.batchId} stands in no block`);
    const name = `batch ${batch.batchId} of block ${this.block.block}`;
    demand(facts.length === batch.factCount, `${name} has ${facts.length} facts`);
    demand(
      hex(rootOf(facts.map(leafOf))) === batch.root,
      `the facts of ${name} are not its root's`,
    );
    this.leaves.push(batchLeaf(this.shopId, batch));
    this.facts += facts.length;
    this.counts.batches += 1;
    this.counts.facts += facts.length;
    for (const fact of facts) this.book(JSON.parse(fact), name);
  }

  /** Adds up postings: a transaction comes to nothing, and so does the ledger. */
  book(fact, name) {
    if (fact[0] !== 'ledger-transaction') return;
    const [, , , currency, cause, causeId, accounts, amounts] = fact;
    const [names, units] = [accounts.split(','), amounts.split(',').map(BigInt)];
    const sum = units.reduce((total, amount) => total + amount, 0n);
    demand(
      names.length === units.length && sum === 0n,
      `${cause} ${causeId} in ${name} is not balanced`,
    );
    names.forEach((account, index) => {
      const key = `${currency} ${account}`;
      this.balances.set(key, (this.balances.get(key) ?? 0n) + units[index]);
    });
  }

  /** A page of what people did, signed by the service that wrote it down; pages follow each other. */
  takeActs({ text, signature, keyId, publicKey }) {
    const [name, service, shopId, from, to, after, isLast, acts] = parse(text);
    demand(name === 'acts' && shopId === this.shopId, 'a page of acts is of another shop');
    const fingerprint = this.keys.checkText(text, { signature, keyId, publicKey });
    const known = this.acts.get(service) ?? { count: 0, next: '0', from, to, isLast: false };
    const follows = known.next === after && known.from === from && known.to === to;
    demand(follows && !known.isLast, `acts of ${service} are missing after ${known.next}`);
    const next = acts.at(-1)?.[0] ?? after;
    const count = known.count + acts.length;
    this.acts.set(service, { count, next, from, to, isLast, fingerprint });
  }

  endBlock() {
    if (this.block === undefined) return;
    const { block, batchCount, factCount, root } = this.block;
    demand(this.leaves.length === batchCount, `block ${block} has ${this.leaves.length} batches`);
    demand(this.facts === factCount, `block ${block} has ${this.facts} facts`);
    demand(hex(rootOf(this.leaves)) === root, `the batches of block ${block} are not its root's`);
    this.block = undefined;
  }

  history() {
    const levels = [...this.open.keys()].sort((a, b) => a - b);
    if (levels.length === 0) return sha256('');
    const nodes = levels.map((level) => this.open.get(level));
    return nodes.slice(1).reduce((right, left) => nodeOf(left, right), nodes[0]);
  }

  grow(hash) {
    let [level, node] = [0, hash];
    for (; this.open.has(level); level += 1) {
      node = nodeOf(this.open.get(level), node);
      this.open.delete(level);
    }
    this.open.set(level, node);
  }

  /** @param heads told from elsewhere: what they sign must be here */
  finish(heads) {
    this.endBlock();
    demand(this.end !== null, 'the end is missing: the file was cut off');
    demand(this.end.blocks === this.counts.blocks, 'blocks are missing at the end');
    demand(this.end.facts === this.counts.facts, 'facts are missing');
    const told = heads.filter((head) => head.shopId === this.shopId);
    let fingerprint = 'none';
    for (const head of [...this.heads, ...told]) {
      fingerprint = this.keys.check(head);
      demand(head.shopId === this.shopId, 'a head is of another shop');
      if (head.block < this.from) continue;
      const hash = this.hashes.get(head.block);
      demand(hash !== undefined, `block ${head.block}, the signed head of ${head.day}, is missing`);
      demand(
        hash === head.hash,
        `block ${head.block} is not the one signed as the head of ${head.day}`,
      );
    }
    const { blocks, batches, facts } = this.counts;
    const lines = [
      `${this.shopId}: blocks ${this.from} to ${this.next - 1} (${blocks}), ${batches} batches, ${facts} facts, ${this.heads.length} heads: as they were sealed`,
      `signed by key ${fingerprint}`,
    ];
    const last = this.heads.at(-1);
    if ((last?.block ?? 0) < this.next - 1) {
      lines.push(
        `blocks after ${last?.block ?? 0} are under no head here: nothing is signed of them yet`,
      );
    }
    for (const [service, { count, isLast, fingerprint }] of this.acts) {
      demand(isLast, `the last acts of ${service} are missing`);
      lines.push(`${count} acts in ${service}, signed by key ${fingerprint}`);
    }
    if (this.from === 1) lines.push(...this.trialBalance());
    return lines;
  }

  trialBalance() {
    const rows = [...this.balances]
      .filter(([, sum]) => sum !== 0n)
      .sort(([a], [b]) => (a < b ? -1 : 1));
    return [
      'balances in minor units (debit +, credit −):',
      ...rows.map(([key, sum]) => `  ${key} ${sum}`),
    ];
  }
}

async function checkArchive(file, keys, heads) {
  const bytes = createReadStream(file);
  const input = file.endsWith('.gz') ? bytes.pipe(createGunzip()) : bytes;
  const check = new ArchiveCheck(keys);
  for await (const text of createInterface({ input, crlfDelay: Infinity })) {
    if (text !== '') check.take(parse(text));
  }
  return check.finish(heads);
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    throw new Bad('a line is no JSON');
  }
}

function checkDocument(document, keys) {
  switch (document?.format) {
    case 'qingfen-proof/1':
      return checkProof(document, keys);
    case 'qingfen-consistency/1':
      return checkConsistency(document, keys);
    case 'qingfen-head/1': {
      keys.bring(document.keyId, document.publicKey);
      const { shopId, day, block, hash } = document;
      return [
        `the head of ${shopId} on ${day} is block ${block} ${hash}, key ${keys.check(document)}`,
      ];
    }
    default:
      throw new Bad('it is nothing that can be checked here');
  }
}

/** Checks one file. @returns what was found, in lines; @throws Bad naming what is wrong first */
export async function verifyFile(file, { key, heads = [] } = {}) {
  const keys = new Keys(key);
  if (/\.ndjson(\.gz)?$/.test(file)) return checkArchive(file, keys, heads);
  return checkDocument(parse(readFileSync(file, 'utf8')), keys);
}

async function main(args) {
  const files = [];
  const options = { heads: [] };
  // npm changes to the project's folder and tells where the person was.
  const at = (name) => path.resolve(process.env.INIT_CWD ?? '.', name ?? '');
  for (let index = 0; index < args.length; index += 1) {
    if (args[index] === '--key') options.key = readFileSync(at(args[(index += 1)]), 'utf8');
    else if (args[index] === '--head') {
      options.heads.push(parse(readFileSync(at(args[(index += 1)]), 'utf8')));
    } else files.push(at(args[index]));
  }
  if (files.length === 0) {
    process.stderr.write('npm run verify -- FILE… [--key PUBLIC-KEY.pem] [--head HEAD.json]…\n');
    return 2;
  }
  let status = 0;
  for (const file of files) {
    try {
      const lines = await verifyFile(file, options);
      process.stdout.write(`GOOD ${file}\n${lines.map((line) => `  ${line}\n`).join('')}`);
      if (options.key === undefined) {
        process.stdout.write('  The key came with the file: compare it, or give --key.\n');
      }
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      process.stdout.write(`BAD  ${file}\n  ${why}\n`);
      status = 1;
    }
  }
  return status;
}

if (process.argv[1] !== undefined && import.meta.filename === process.argv[1]) {
  process.exitCode = await main(process.argv.slice(2));
}
