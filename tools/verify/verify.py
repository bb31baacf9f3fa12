"""python3 tools/verify/verify.py FILE... [--key PUBLIC-KEY.pem] [--head HEAD.json]...

Checks a ledger, a proof, a consistency proof or a head, from docs/proofs.md alone."""
import base64
import gzip
import hashlib
import json
import sys

# Ed25519 as RFC 8032, 5.1 and 6 have it: slow, small, and only ever given public things.
P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
SQRT_MINUS_1 = pow(2, (P - 1) // 4, P)


class Bad(Exception):
    pass


def demand(is_true, what):
    if not is_true:
        raise Bad(what)


def add(p, q):
    a = (p[1] - p[0]) * (q[1] - q[0]) % P
    b = (p[1] + p[0]) * (q[1] + q[0]) % P
    c = 2 * p[3] * q[3] * D % P
    d = 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def multiply(s, p):
    q = (0, 1, 1, 0)
    while s > 0:
        if s & 1:
            q = add(q, p)
        p = add(p, p)
        s >>= 1
    return q


def same_point(p, q):
    return (p[0] * q[2] - q[0] * p[2]) % P == 0 and (p[1] * q[2] - q[1] * p[2]) % P == 0


def point_of(raw):
    y = int.from_bytes(raw, 'little')
    sign, y = y >> 255, y & (2**255 - 1)
    if y >= P:
        return None
    x2 = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    if x2 == 0:
        return None if sign else (0, y, 1, 0)
    x = pow(x2, (P + 3) // 8, P)
    if (x * x - x2) % P != 0:
        x = x * SQRT_MINUS_1 % P
    if (x * x - x2) % P != 0:
        return None
    if x & 1 != sign:
        x = P - x
    return x, y, 1, x * y % P


BASE = point_of((4 * pow(5, P - 2, P) % P).to_bytes(32, 'little'))


def is_signed(key, message, signature):
    """Whether the Ed25519 key made this signature of the message."""
    if len(key) != 32 or len(signature) != 64:
        return False
    a, r = point_of(key), point_of(signature[:32])
    s = int.from_bytes(signature[32:], 'little')
    if a is None or r is None or s >= L:
        return False
    digest = hashlib.sha512(signature[:32] + key + message).digest()
    h = int.from_bytes(digest, 'little') % L
    return same_point(multiply(s, BASE), add(r, multiply(h, a)))


def hash_of(data):
    return hashlib.sha256(data).digest()


NOTHING = hash_of(b'')


def leaf(text):
    return hash_of(b'\0' + text.encode('utf-8'))


def node(left, right):
    return hash_of(b'\1' + left + right)


def text_of(fields):
    return json.dumps(fields, separators=(',', ':'), ensure_ascii=False)


def bytes_of(text):
    demand(isinstance(text, str) and len(text) == 64 and text == text.lower(), 'it is no hash')
    try:
        return bytes.fromhex(text)
    except ValueError as error:
        raise Bad('it is no hash') from error


def root_of(leaves):
    if not leaves:
        return NOTHING
    if len(leaves) == 1:
        return leaves[0]
    split = 1 << ((len(leaves) - 1).bit_length() - 1)
    return node(root_of(leaves[:split]), root_of(leaves[split:]))


def follow(start, index, size, path):
    demand(type(index) is int and type(size) is int and 0 <= index < size, 'there is no such place')
    at, last, result = index, size - 1, start
    for text in path:
        demand(last > 0, 'the path is too long')
        beside = bytes_of(text)
        if at % 2 == 1 or at == last:
            result = node(beside, result)
            while at % 2 == 0 and at != 0:
                at, last = at // 2, last // 2
        else:
            result = node(result, beside)
        at, last = at // 2, last // 2
    demand(last == 0, 'the path is too short')
    return result


def begins_with(old_size, old_root, size, root, path):
    """Whether the tree of one size begins with that of another."""
    if old_size == size:
        return path == [] and old_root == root
    if old_size == 0:
        return path == [] and old_root == NOTHING
    nodes = [bytes_of(text) for text in path]
    if old_size & (old_size - 1) == 0:
        nodes.insert(0, old_root)
    if not nodes:
        return False
    at, last = old_size - 1, size - 1
    while at % 2 == 1:
        at, last = at // 2, last // 2
    old = now = nodes[0]
    for one in nodes[1:]:
        if last == 0:
            return False
        if at % 2 == 1 or at == last:
            old, now = node(one, old), node(one, now)
            while at % 2 == 0 and at != 0:
                at, last = at // 2, last // 2
        else:
            now = node(now, one)
        at, last = at // 2, last // 2
    return last == 0 and old == old_root and now == root


def batch_leaf(shop, batch):
    names = ('batchId', 'factCount', 'bookedAtMs', 'root')
    return leaf(text_of(['journal-batch', shop] + [batch[name] for name in names]))


BLOCK = ('shopId', 'block', 'batchCount', 'factCount', 'lastBatch', 'sealedAtMs', 'root', 'previous', 'history')


def check_block(block):
    result = leaf(text_of(['ledger-block'] + [block[name] for name in BLOCK]))
    demand(result.hex() == block['hash'], 'the hash of block %s is not its own' % block['block'])
    return result


def der_of(pem):
    lines = [line for line in pem.strip().splitlines() if not line.startswith('-----')]
    der = base64.b64decode(''.join(lines))
    demand(len(der) == 44, 'it is no Ed25519 key')
    return der


def check_head(head, pem):
    fields = ['ledger-head'] + [head[name] for name in ('shopId', 'day', 'block', 'hash')]
    message = text_of(fields).encode('utf-8')
    key = der_of(pem)
    signature = base64.b64decode(head['signature'])
    demand(is_signed(key[12:], message, signature), 'the head of %s is not signed' % head['day'])
    return hash_of(key).hex()


def check_proof(proof, key):
    shop, batch, block, head = proof['shopId'], proof['batch'], proof['block'], proof['head']
    found = follow(leaf(proof['fact']), batch['index'], batch['factCount'], batch['path'])
    demand(found.hex() == batch['root'], 'the fact is not in its batch')
    found = follow(batch_leaf(shop, batch), block['index'], block['batchCount'], block['path'])
    demand(found.hex() == block['root'], 'the batch is not in its block')
    own, last = check_block(block), check_block(head['of'])
    demand({block['shopId'], head['shopId'], head['of']['shopId']} == {shop}, 'another shop is meant')
    demand(head['of']['block'] == head['block'] and last.hex() == head['hash'], 'the head is another block')
    if block['block'] == head['block']:
        demand(own == last and head['path'] == [], 'the block is not the head')
    else:
        found = follow(own, block['block'] - 1, head['block'] - 1, head['path'])
        demand(found.hex() == head['of']['history'], 'the block is not in the history')
    finger = check_head(head, key or head['publicKey'])
    fact, kind, name = json.loads(proof['fact']), proof['subject']['type'], proof['subject']['id']
    is_meant = (
        (kind == 'entries' and fact[0] == 'entry' and 'en_' + fact[3] == name)
        or (kind == 'statements' and fact[0] == 'statement' and fact[1] == name)
        or (kind == 'postings' and fact[0] == 'ledger-transaction'
            and (name.isdigit() or '%s:%s' % (fact[4], fact[5]) == name))
    )
    demand(is_meant, 'the fact is not what was asked for')
    return '%s %s of %s, head of %s, key %s' % (kind, name, shop, head['day'], finger)


def check_consistency(proof, key):
    old, now = proof['from'], proof['to']
    for head in (old, now):
        demand(check_block(head['of']).hex() == head['hash'], 'a head is another block')
        demand(head['of']['block'] == head['block'], 'a head is another block')
        demand(head['shopId'] == head['of']['shopId'] == proof['shopId'], 'another shop is meant')
        finger = check_head(head, key or proof['publicKey'])
    demand(old['block'] <= now['block'] and old['day'] <= now['day'], 'the later day comes first')
    sizes = old['block'] - 1, now['block'] - 1
    if old['block'] == now['block']:
        demand(old['hash'] == now['hash'], 'one block has two hashes')
    else:
        found = follow(bytes_of(old['hash']), sizes[0], sizes[1], proof['inclusion'])
        demand(found.hex() == now['of']['history'], 'the earlier head is not in the history')
    roots = [bytes_of(head['of']['history']) for head in (old, now)]
    is_kept = begins_with(sizes[0], roots[0], sizes[1], roots[1], proof['consistency'])
    demand(is_kept, 'what stood before the earlier head was changed')
    return '%s is the beginning of %s, key %s' % (old['day'], now['day'], finger)


class Archive:
    """An archive, line by line."""

    def __init__(self, key, told):
        self.key, self.told, self.keys = key, told, {}
        self.ledger = self.block = self.end = None
        self.heads, self.hashes, self.open = [], {}, {}
        self.blocks = self.facts = 0
        self.acts = {}

    def take(self, line):
        demand(self.end is None, 'something follows the end')
        if self.ledger is None:
            self.begin(line.get('ledger') or {})
        elif 'block' in line:
            self.begin_block(line['block'])
        elif 'batch' in line:
            self.take_batch(line['batch'], line['facts'])
        elif 'head' in line:
            self.heads.append(line['head'])
        elif 'acts' in line:
            self.take_acts(line['acts'])
        elif 'key' in line:
            self.keys[line['key']['keyId']] = line['key']['publicKey']
        else:
            demand('end' in line, 'a line is of no known kind')
            self.end = line['end']

    def begin(self, ledger):
        demand(ledger.get('format') == 'qingfen-ledger/1', 'it is no archive')
        self.ledger, self.next = ledger, ledger['fromBlock']
        size = self.next - 1
        levels = [level for level in range(size.bit_length() - 1, -1, -1) if size >> level & 1]
        demand(len(levels) == len(ledger['before']), 'what stands before is not told')
        self.open = {level: bytes_of(text) for level, text in zip(levels, ledger['before'])}

    def begin_block(self, block):
        self.end_block()
        number = self.next
        demand(block['block'] == number, 'block %d is missing' % number)
        demand(block['shopId'] == self.ledger['shopId'], 'block %d is of another shop' % number)
        own = check_block(block)
        before = '0' * 64 if number == 1 else self.hashes.get(number - 1, block['previous'])
        demand(block['previous'] == before, 'block %d does not follow the one before' % number)
        demand(self.history().hex() == block['history'], 'block %d has another history' % number)
        self.hashes[number] = block['hash']
        level = 0
        while level in self.open:
            own = node(self.open.pop(level), own)
            level += 1
        self.open[level] = own
        self.block, self.leaves, self.in_block = block, [], 0
        self.next += 1
        self.blocks += 1

    def history(self):
        result = None
        for level in sorted(self.open):
            result = self.open[level] if result is None else node(self.open[level], result)
        return result or NOTHING

    def take_batch(self, batch, facts):
        demand(self.block is not None, 'a batch stands in no block')
        name = 'batch %s of block %s' % (batch['batchId'], self.block['block'])
        demand(len(facts) == batch['factCount'], '%s has %d facts' % (name, len(facts)))
        root = root_of([leaf(fact) for fact in facts])
        demand(root.hex() == batch['root'], 'the facts of %s are not its root' % name)
        self.leaves.append(batch_leaf(self.ledger['shopId'], batch))
        self.in_block += len(facts)
        self.facts += len(facts)
        for text in facts:
            fact = json.loads(text)
            if fact[0] == 'ledger-transaction':
                demand(sum(map(int, fact[7].split(','))) == 0, '%s is not balanced' % name)

    def take_acts(self, page):
        name, service, shop, begin, end, after, is_last, acts = json.loads(page['text'])
        demand(name == 'acts' and shop == self.ledger['shopId'], 'acts are of another shop')
        own = page['publicKey']
        pem = (self.key or own) if page['keyId'] in self.keys else own
        signature = base64.b64decode(page['signature'])
        message = page['text'].encode('utf-8')
        demand(is_signed(der_of(pem)[12:], message, signature), 'acts of %s are not signed' % service)
        known = self.acts.get(service, ('0', begin, end, False))
        demand(known == (after, begin, end, False), 'acts of %s are missing' % service)
        self.acts[service] = (acts[-1][0] if acts else after, begin, end, is_last)

    def end_block(self):
        if self.block is None:
            return
        number = self.block['block']
        demand(len(self.leaves) == self.block['batchCount'], 'block %s lacks batches' % number)
        demand(self.in_block == self.block['factCount'], 'block %s lacks facts' % number)
        demand(root_of(self.leaves).hex() == self.block['root'], 'block %s has other batches' % number)
        self.block = None

    def finish(self):
        self.end_block()
        demand(self.end is not None, 'the file was cut off')
        demand(self.end == {'blocks': self.blocks, 'facts': self.facts}, 'something is missing')
        demand(all(known[3] for known in self.acts.values()), 'the last acts are missing')
        shop, finger = self.ledger['shopId'], 'none'
        for head in self.heads + [head for head in self.told if head['shopId'] == shop]:
            pem = self.key or self.keys.get(head['keyId'])
            demand(pem is not None, 'nobody knows the key %s' % head['keyId'])
            finger = check_head(head, pem)
            demand(head['shopId'] == shop, 'a head is of another shop')
            if head['block'] >= self.ledger['fromBlock']:
                is_there = self.hashes.get(head['block']) == head['hash']
                demand(is_there, 'block %s is not there as it was signed' % head['block'])
        return '%s: %d blocks, %d facts, key %s' % (shop, self.blocks, self.facts, finger)


def check_file(name, key, heads):
    if name.endswith(('.ndjson', '.ndjson.gz')):
        archive = Archive(key, heads)
        opened = gzip.open if name.endswith('.gz') else open
        with opened(name, 'rt', encoding='utf-8') as lines:
            for line in lines:
                if line.strip():
                    archive.take(json.loads(line))
        return archive.finish()
    with open(name, encoding='utf-8') as file:
        document = json.load(file)
    form = document.get('format')
    if form == 'qingfen-proof/1':
        return check_proof(document, key)
    if form == 'qingfen-consistency/1':
        return check_consistency(document, key)
    demand(form == 'qingfen-head/1', 'it is nothing that can be checked here')
    return 'head of %s, key %s' % (document['day'], check_head(document, key or document['publicKey']))


def main(args):
    files, key, heads = [], None, []
    while args:
        arg = args.pop(0)
        if arg in ('--key', '--head'):
            with open(args.pop(0), encoding='utf-8') as file:
                text = file.read()
            if arg == '--key':
                key = text
            else:
                heads.append(json.loads(text))
        else:
            files.append(arg)
    if not files:
        print(__doc__, file=sys.stderr)
        return 2
    status = 0
    for name in files:
        try:
            print('GOOD %s\n  %s' % (name, check_file(name, key, heads)))
        except (Bad, KeyError, TypeError, ValueError, IndexError, AttributeError, OSError, EOFError) as error:
            print('BAD  %s\n  %s: %s' % (name, type(error).__name__, error))
            status = 1
    return status


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
