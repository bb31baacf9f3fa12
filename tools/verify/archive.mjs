// An archive, line by line, as docs/proofs.md has it.
import {
  batchLeaf,
  bytesOf,
  checkBlock,
  demand,
  hex,
  leafOf,
  nodeOf,
  parse,
  rootOf,
  sha256,
  zeros,
} from './hashes.mjs';
import { fingerprintOf, isSignedBy } from './keys.mjs';

/** Walks through an archive, line by line, with one batch in memory at a time. */
export class ArchiveCheck {
  /** @param onPosting told of every leg of a transaction, and when its batch was booked */
  constructor(keys, onPosting = () => undefined) {
    this.keys = keys;
    this.onPosting = onPosting;
    this.open = new Map();
    this.sealed = new Map();
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
    if (line.key !== undefined) return this.keys.bring(line.key);
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
    this.sealed.set(block.block, { hash: block.hash, sealedAtMs: block.sealedAtMs });
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
    for (const fact of facts) this.book(JSON.parse(fact), name, batch.bookedAtMs);
  }

  /** Adds up postings: a transaction comes to nothing, and so does the ledger. */
  book(fact, name, bookedAtMs) {
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
      this.onPosting({ bookedAtMs, currency, account, amount: units[index] });
    });
  }

  /** A page of what people did, signed by the service that wrote it down; pages follow each other. */
  takeActs({ text, signature, keyId, publicKey }) {
    const [name, service, shopId, from, to, after, isLast, acts] = parse(text);
    demand(name === 'acts' && shopId === this.shopId, 'a page of acts is of another shop');
    const own = this.keys.list.find((key) => key.keyId === keyId);
    demand(
      own === undefined || own.publicKey === publicKey,
      `the key ${keyId} is not the ledger's own`,
    );
    demand(isSignedBy(publicKey, text, signature), `a text is not signed by the key ${keyId}`);
    const fingerprint = fingerprintOf(publicKey);
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
    this.checkHeads([...this.heads, ...heads.filter((head) => head.shopId === this.shopId)]);
    const { blocks, batches, facts } = this.counts;
    const lines = [
      `${this.shopId}: blocks ${this.from} to ${this.next - 1} (${blocks}), ${batches} batches, ${facts} facts, ${this.heads.length} heads: as they were sealed`,
      `signed by key ${this.heads.length === 0 ? 'none' : this.keys.root()}${this.keys.story()}`,
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

  /** Each must be signed, and of a block that is here. */
  checkHeads(heads) {
    for (const head of heads) {
      const block = this.sealed.get(head.block);
      this.keys.check(head, block?.sealedAtMs);
      demand(head.shopId === this.shopId, 'a head is of another shop');
      if (head.block < this.from) continue;
      demand(
        block !== undefined,
        `block ${head.block}, the signed head of ${head.day}, is missing`,
      );
      demand(
        block.hash === head.hash,
        `block ${head.block} is not the one signed as the head of ${head.day}`,
      );
    }
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
