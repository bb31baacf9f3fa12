"""python3 tools/verify/verify.py FILE... [--key PUBLIC-KEY.pem]... [--head HEAD.json]...

Checks a ledger, an audit package, a proof, a consistency proof, a head or a list of keys, from
docs/proofs.md alone."""
import gzip
import json
import sys

sys.dont_write_bytecode = True

from archive import Archive  # noqa: E402
from audit_package import Package  # noqa: E402
from hashing import Bad, Chain, batch_leaf, begins_with, bytes_of, check_block, demand, finger_of, follow, leaf  # noqa: E402


def check_proof(proof, chain):
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
    chain.add_all(head, head['publicKey'])
    finger = chain.check_head(head, head['of']['sealedAtMs'])
    fact, kind, name = json.loads(proof['fact']), proof['subject']['type'], proof['subject']['id']
    is_meant = (
        (kind == 'entries' and fact[0] == 'entry' and 'en_' + fact[3] == name)
        or (kind == 'statements' and fact[0] == 'statement' and fact[1] == name)
        or (kind == 'postings' and fact[0] == 'ledger-transaction'
            and (name.isdigit() or '%s:%s' % (fact[4], fact[5]) == name))
    )
    demand(is_meant, 'the fact is not what was asked for')
    return '%s %s of %s, head of %s, key %s' % (kind, name, shop, head['day'], finger)


def check_consistency(proof, chain):
    old, now = proof['from'], proof['to']
    chain.add_all(now, proof['publicKey'])
    for head in (old, now):
        demand(check_block(head['of']).hex() == head['hash'], 'a head is another block')
        demand(head['of']['block'] == head['block'], 'a head is another block')
        demand(head['shopId'] == head['of']['shopId'] == proof['shopId'], 'another shop is meant')
        finger = chain.check_head(head, head['of']['sealedAtMs'])
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


def check_lines(name, chain, heads):
    """An archive or a package, whichever the first line says."""
    opened = gzip.open if name.endswith('.gz') else open
    checked = None
    with opened(name, 'rb') as lines:
        for number, raw in enumerate(lines, 1):
            if raw == b'\n':
                continue
            try:
                line = json.loads(raw)
                if checked is None:
                    checked = Package(chain, heads) if 'audit' in line else Archive(chain, heads)
                if isinstance(checked, Package):
                    checked.take(line, raw)
                else:
                    checked.take(line)
            except Bad as error:
                raise Bad('line %d: %s' % (number, error)) from error
    demand(checked is not None, 'the file is empty')
    return checked.finish()


def check_file(name, given, heads):
    chain = Chain(given)
    if name.endswith(('.ndjson', '.ndjson.gz')):
        return check_lines(name, chain, heads)
    with open(name, encoding='utf-8') as file:
        document = json.load(file)
    form = document.get('format')
    if form == 'qingfen-proof/1':
        return check_proof(document, chain)
    if form == 'qingfen-consistency/1':
        return check_consistency(document, chain)
    if form == 'qingfen-ledger-keys/1':
        for key in document['keys']:
            chain.add(key)
        demand(len(chain.trusted()) == len(chain.keys), 'some of the keys are not trusted')
        return 'keys %s' % ', '.join(finger_of(key['publicKey']) for key in chain.keys)
    demand(form == 'qingfen-head/1', 'it is nothing that can be checked here')
    chain.add_all(document, document['publicKey'])
    return 'head of %s, key %s' % (document['day'], chain.check_head(document))


def main(args):
    files, given, heads = [], [], []
    while args:
        arg = args.pop(0)
        if arg in ('--key', '--head'):
            with open(args.pop(0), encoding='utf-8') as file:
                text = file.read()
            if arg == '--key':
                given.append(text)
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
            print('GOOD %s\n  %s' % (name, check_file(name, given, heads)))
        except (Bad, KeyError, TypeError, ValueError, IndexError, AttributeError, OSError, EOFError) as error:
            print('BAD  %s\n  %s: %s' % (name, type(error).__name__, error))
            status = 1
    return status


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
