"""Hashes, trees and signatures as docs/proofs.md has them."""
import base64
import hashlib
import json

from ed25519 import is_signed


class Bad(Exception):
    pass


def demand(is_true, what):
    if not is_true:
        raise Bad(what)


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


def finger_of(pem):
    return hash_of(der_of(pem)).hex()


def did_sign(pem, text, signature):
    """Whether the key made this signature (base64) of the text."""
    return is_signed(der_of(pem)[12:], text.encode('utf-8'), base64.b64decode(signature))


class Chain:
    """The keys of a file, and which of them are to be believed."""

    def __init__(self, given):
        self.given = {finger_of(pem): pem for pem in given}
        self.keys = []

    def add(self, key):
        name = key['keyId']
        demand(name not in [known['keyId'] for known in self.keys], 'key %s is there twice' % name)
        link = key.get('introduced')
        if not self.keys:
            demand(link is None, 'the key before %s is missing' % name)
        else:
            before = self.keys[-1]
            demand(link is not None, 'nobody introduced the key %s' % name)
            demand(link['by'] == before['keyId'], 'key %s follows another' % name)
            demand(type(link['atMs']) is int, 'key %s has no beginning' % name)
            text = text_of(['ledger-key', name, key['publicKey'], link['by'], link['atMs']])
            demand(did_sign(key['publicKey'], text, link['countersignature']), 'key %s has another past' % name)
            if link['signature'] is not None:
                is_introduced = did_sign(before['publicKey'], text, link['signature'])
                demand(is_introduced, 'the key %s did not introduce %s' % (link['by'], name))
        self.keys.append(key)

    def add_all(self, holder, pem):
        for key in holder.get('keys') or [{'keyId': holder['keyId'], 'publicKey': pem}]:
            self.add(key)
        demand(self.named(holder['keyId'])['publicKey'] == pem, 'the key is another in its list')

    def named(self, name):
        return next((key for key in self.keys if key['keyId'] == name), None)

    def trusted(self):
        """The names of those that the given ones lead to; of the first one, where none is given."""
        names = [key['keyId'] for key in self.keys]
        good = set(names[:1]) if not self.given else {
            key['keyId'] for key in self.keys if finger_of(key['publicKey']) in self.given}
        is_growing = True
        while is_growing:
            more = set(good)
            for before, key in zip(self.keys, self.keys[1:]):
                if key['keyId'] in good:
                    more.add(before['keyId'])
                if before['keyId'] in good and key['introduced']['signature'] is not None:
                    more.add(key['keyId'])
            is_growing, good = more != good, more
        return good

    def check_head(self, head, sealed_at=None):
        """The fingerprint of a head's key, which must be trusted for its block."""
        text = text_of(['ledger-head'] + [head[name] for name in ('shopId', 'day', 'block', 'hash')])
        name, key = head['keyId'], self.named(head['keyId'])
        if key is None:
            makers = [pem for pem in self.given.values() if did_sign(pem, text, head['signature'])]
            demand(makers, 'nobody introduced the key %s' % name)
            return finger_of(makers[0])
        demand(name in self.trusted(), 'nobody that is trusted introduced the key %s' % name)
        demand(did_sign(key['publicKey'], text, head['signature']), 'the head of %s is not signed' % head['day'])
        place = self.keys.index(key)
        if sealed_at is not None and place + 1 < len(self.keys):
            until = self.keys[place + 1]['introduced']['atMs']
            demand(sealed_at <= until, 'the key %s had been followed by another' % name)
        return finger_of(key['publicKey'])
