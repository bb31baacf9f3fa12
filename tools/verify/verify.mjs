// Checks what Qingfen says of a ledger without Qingfen: no database, no packages, nothing of the code that
// wrote it. Everything here is from docs/proofs.md, so that you may as well write your own.
//
//   node tools/verify/verify.mjs FILE… [--key PUBLIC-KEY.pem]… [--head HEAD.json]…
//
// FILE is an archive or an audit package (.ndjson or .ndjson.gz), a proof, a consistency proof, a head or
// a list of keys. --key may be given several times.
import { createReadStream, readFileSync } from 'node:fs';
import path from 'node:path';
import { createGunzip } from 'node:zlib';
import { ArchiveCheck } from './archive.mjs';
import { PackageCheck } from './audit.mjs';
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
  sizeOf,
} from './hashes.mjs';
import { Keys } from './keys.mjs';
import { linesOf } from './lines.mjs';

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
  keys.bringAll(head, head.publicKey);
  const fingerprint = keys.check(head, head.of.sealedAtMs);
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
  keys.bringAll(to, publicKey);
  for (const head of [from, to]) {
    const hash = checkBlock(head.of);
    const isOne = hex(hash) === head.hash && head.of.block === head.block;
    demand(isOne && head.shopId === shopId && head.of.shopId === shopId, 'a head is another block');
    keys.check(head, head.of.sealedAtMs);
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
  return [
    `the ledger of ${shopId} on ${from.day} is the beginning of that on ${to.day}; key ${keys.root()}`,
  ];
}

/** An archive or a package, whichever the first line says. */
async function checkLines(file, keys, heads) {
  const bytes = createReadStream(file);
  const input = file.endsWith('.gz') ? bytes.pipe(createGunzip()) : bytes;
  bytes.on('error', (error) => input.destroy(error));
  let check = null;
  let number = 0;
  for await (const line of linesOf(input)) {
    number += 1;
    if (line.length === 0) continue;
    const document = parse(line.toString('utf8'));
    check ??= document.audit === undefined ? new ArchiveCheck(keys) : new PackageCheck(keys);
    try {
      check.take(document, line);
    } catch (error) {
      throw new Bad(`line ${number}: ${error.message}`);
    }
  }
  demand(check !== null, 'the file is empty');
  return check.finish(heads);
}

function checkKeys(document, keys) {
  for (const key of document.keys) keys.bring(key);
  const believed = keys.believed();
  return document.keys.map(({ keyId }, place) => {
    demand(
      believed[place],
      `the key ${keyId} is none that you gave, and none of those introduced it`,
    );
    return `key ${keyId} ${keys.list[place].fingerprint}`;
  });
}

function checkDocument(document, keys) {
  switch (document?.format) {
    case 'qingfen-proof/1':
      return checkProof(document, keys);
    case 'qingfen-consistency/1':
      return checkConsistency(document, keys);
    case 'qingfen-head/1': {
      keys.bringAll(document, document.publicKey);
      const { shopId, day, block, hash } = document;
      return [
        `the head of ${shopId} on ${day} is block ${block} ${hash}, key ${keys.check(document)}`,
      ];
    }
    case 'qingfen-ledger-keys/1':
      return checkKeys(document, keys);
    default:
      throw new Bad('it is nothing that can be checked here');
  }
}

/** Checks one file. @returns what was found, in lines; @throws Bad naming what is wrong first */
async function verifyFile(file, { given, heads }) {
  const keys = new Keys(given);
  if (/\.ndjson(\.gz)?$/.test(file)) return checkLines(file, keys, heads);
  return checkDocument(parse(readFileSync(file, 'utf8')), keys);
}

async function main(args) {
  const files = [];
  const options = { given: [], heads: [] };
  // npm changes to the project's folder and tells where the person was.
  const at = (name) => path.resolve(process.env.INIT_CWD ?? '.', name ?? '');
  for (let index = 0; index < args.length; index += 1) {
    if (args[index] === '--key') {
      options.given.push(readFileSync(at(args[(index += 1)]), 'utf8'));
    } else if (args[index] === '--head') {
      options.heads.push(parse(readFileSync(at(args[(index += 1)]), 'utf8')));
    } else files.push(at(args[index]));
  }
  if (files.length === 0) {
    process.stderr.write('npm run verify -- FILE… [--key PUBLIC-KEY.pem]… [--head HEAD.json]…\n');
    return 2;
  }
  let status = 0;
  for (const file of files) {
    try {
      const lines = await verifyFile(file, options);
      process.stdout.write(`GOOD ${file}\n${lines.map((line) => `  ${line}\n`).join('')}`);
      if (options.given.length === 0) {
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

process.exitCode = await main(process.argv.slice(2));
