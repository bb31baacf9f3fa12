// Checks what Qingfen says of a ledger without Qingfen: no database, no packages, nothing of the code that
// wrote it. Everything here is from docs/proofs.md, so that you may as well write your own.
//
//   node tools/verify/verify.mjs FILE… [--key PUBLIC-KEY.pem] [--head HEAD.json]…
//
// FILE is an archive (.ndjson or .ndjson.gz), a proof, a consistency proof or a head.
import { createPublicKey, verify as verifySignature } from 'node:crypto';
import { createReadStream, readFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { createGunzip } from 'node:zlib';
import { ArchiveCheck } from './archive.mjs';
import {
  Bad,
  batchLeaf,
  bytesOf,
  checkBlock,
  demand,
  hex,
  isBeginning,
  leafOf,
  parse,
  rootByPath,
  sha256,
  sizeOf,
} from './hashes.mjs';

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

async function checkArchive(file, keys, heads) {
  const bytes = createReadStream(file);
  const input = file.endsWith('.gz') ? bytes.pipe(createGunzip()) : bytes;
  const check = new ArchiveCheck(keys);
  for await (const text of createInterface({ input, crlfDelay: Infinity })) {
    if (text !== '') check.take(parse(text));
  }
  return check.finish(heads);
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
