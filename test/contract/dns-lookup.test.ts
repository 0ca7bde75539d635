import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { aliasTo, DUAL_STACK, LOAD_BALANCER, lookupIn, set, values, zone } from './dns-world.ts';

const EXAMPLE = zone('Z1', 'example.com.', [
  set('www.example.com.', 'A', ['127.0.0.5', '127.0.0.6'], 60),
  set('www.example.com.', 'TXT', ['"hello"']),
  set('alias.example.com.', 'CNAME', ['www.example.com.']),
  set('chain.example.com.', 'CNAME', ['alias.example.com.']),
  set('away.example.com.', 'CNAME', ['www.elsewhere.org']),
  set('balanced.example.com.', 'CNAME', [LOAD_BALANCER]),
  set('loop.example.com.', 'CNAME', ['loop.example.com.']),
  set('deep.under.here.example.com.', 'A', ['127.0.0.7']),
  set('\\052.example.com.', 'A', ['127.0.0.8']),
  set('\\052.wild.example.com.', 'CNAME', ['www.example.com.']),
  aliasTo('shop.example.com.', 'A', `${LOAD_BALANCER}.`),
  aliasTo('shop.example.com.', 'AAAA', `${LOAD_BALANCER}.`),
  aliasTo('dual.example.com.', 'A', `dualstack.${DUAL_STACK.toUpperCase()}`),
  aliasTo('dual.example.com.', 'AAAA', `dualstack.${DUAL_STACK}`),
  aliasTo('gone.example.com.', 'A', 'gone-9.eu-central-1.elb.amazonaws.com'),
  aliasTo('within.example.com.', 'A', 'www.example.com.', 'Z1'),
  aliasTo('example.com.', 'A', LOAD_BALANCER),
]);
const lookup = lookupIn(EXAMPLE);

describe('one zone', () => {
  test('values of a name, in any case, with and without the last dot', () => {
    assert.deepEqual(values(lookup('www.example.com', 'A')), ['127.0.0.5', '127.0.0.6']);
    assert.deepEqual(values(lookup('WWW.Example.com.', 'TXT')), ['"hello"']);
  });
  test('no such type: NODATA with the SOA', () => {
    const answer = lookup('www.example.com', 'MX');
    assert.equal(answer.status, 'nodata');
    assert.ok(answer.status === 'nodata' && answer.authority?.name === 'example.com.');
  });
  test('the name between two labels exists without data, and stops the wildcard', () => {
    assert.equal(lookup('here.example.com', 'A').status, 'nodata');
    assert.equal(lookup('other.here.example.com', 'A').status, 'nxdomain');
  });
  test('a wildcard takes any depth, for its own types only', () => {
    assert.deepEqual(values(lookup('anything.example.com', 'A')), ['127.0.0.8']);
    assert.deepEqual(values(lookup('a.b.c.example.com', 'A')), ['127.0.0.8']);
    assert.equal(lookup('anything.example.com', 'MX').status, 'nodata');
  });
  test('a wildcard does not take names that exist, nor the apex', () => {
    assert.equal(lookup('alias.example.com', 'MX').status, 'nodata');
    assert.deepEqual(values(lookup('example.com', 'A')), ['127.65.1.2']);
  });
  test('a wildcard CNAME, and the star asked for itself', () => {
    assert.deepEqual(values(lookup('x.wild.example.com', 'A')), [
      'www.example.com.',
      '127.0.0.5',
      '127.0.0.6',
    ]);
    assert.deepEqual(values(lookup('*.wild.example.com', 'CNAME')), ['www.example.com.']);
  });
  test('CNAMEs are followed, and shown when asked for', () => {
    const answer = lookup('chain.example.com', 'A');
    assert.ok(answer.status === 'answer');
    assert.deepEqual(
      answer.records.map((record) => [record.name, record.type]),
      [
        ['chain.example.com.', 'CNAME'],
        ['alias.example.com.', 'CNAME'],
        ['www.example.com.', 'A'],
        ['www.example.com.', 'A'],
      ],
    );
    assert.deepEqual(values(lookup('chain.example.com', 'CNAME')), ['alias.example.com.']);
  });
  test('a CNAME to a load balancer, and one that leads out of the sandbox', () => {
    assert.deepEqual(values(lookup('balanced.example.com', 'A')), [LOAD_BALANCER, '127.65.1.2']);
    assert.deepEqual(values(lookup('away.example.com', 'A')), ['www.elsewhere.org']);
  });
  test('a CNAME loop ends', () => {
    assert.equal(lookup('loop.example.com', 'A').status, 'failed');
  });
  test('outside every zone', () => {
    assert.equal(lookup('www.example.org', 'A').status, 'refused');
    assert.equal(lookup('com', 'A').status, 'refused');
    assert.equal(lookup('notexample.com', 'A').status, 'refused');
  });
});

describe('alias records and load balancer names', () => {
  test('alias to a load balancer, under its own name', () => {
    const answer = lookup('shop.example.com', 'A');
    assert.ok(answer.status === 'answer');
    assert.deepEqual(answer.records, [
      { name: 'shop.example.com.', type: 'A', ttl: 60, value: '127.65.1.2' },
    ]);
  });
  test('AAAA only for dual-stack load balancers', () => {
    assert.equal(lookup('shop.example.com', 'AAAA').status, 'nodata');
    assert.deepEqual(values(lookup('dual.example.com', 'AAAA')), ['::ffff:127.65.3.4']);
    assert.deepEqual(values(lookup('dual.example.com', 'A')), ['127.65.3.4']);
  });
  test('alias to another record of the zone; to a load balancer that is gone', () => {
    assert.deepEqual(values(lookup('within.example.com', 'A')), ['127.0.0.5', '127.0.0.6']);
    assert.equal(lookup('gone.example.com', 'A').status, 'nodata');
  });
  test('load balancer names themselves', () => {
    assert.deepEqual(values(lookup(LOAD_BALANCER, 'A')), ['127.65.1.2']);
    assert.deepEqual(values(lookup(`dualstack.${LOAD_BALANCER}`, 'A')), ['127.65.1.2']);
    assert.equal(lookup(LOAD_BALANCER, 'TXT').status, 'nodata');
    assert.equal(lookup('nobody-3.eu-central-1.elb.amazonaws.com', 'A').status, 'nxdomain');
  });
});

describe('several zones', () => {
  const inner = zone('Z2', 'sub.example.com.', [set('a.sub.example.com.', 'A', ['127.0.0.9'])]);
  const hidden = zone('Z3', 'example.com.', [set('www.example.com.', 'A', ['127.0.0.10'])], true);
  const secret = zone('Z4', 'corp.internal.', [set('db.corp.internal.', 'A', ['127.0.0.11'])], true);
  const all = lookupIn(EXAMPLE, inner, hidden, secret);
  test('the zone with the longest name answers, the wildcard above it does not', () => {
    assert.deepEqual(values(all('a.sub.example.com', 'A')), ['127.0.0.9']);
    assert.equal(all('b.sub.example.com', 'A').status, 'nxdomain');
  });
  test('the public view does not know private zones', () => {
    assert.deepEqual(values(all('www.example.com', 'A')), ['127.0.0.5', '127.0.0.6']);
    assert.equal(all('db.corp.internal', 'A').status, 'refused');
  });
  test('in the private view a private zone hides the public one of the same name', () => {
    assert.deepEqual(values(all('www.example.com', 'A', 'private')), ['127.0.0.10']);
    assert.equal(all('shop.example.com', 'A', 'private').status, 'nxdomain');
    assert.deepEqual(values(all('db.corp.internal', 'A', 'private')), ['127.0.0.11']);
    assert.deepEqual(values(all('a.sub.example.com', 'A', 'private')), ['127.0.0.9']);
  });
});

describe('routing policies', () => {
  const weighted = (name: string, weights: readonly number[]) =>
    weights.map((Weight, index) => ({
      ...set(name, 'A', [`127.1.0.${index}`]),
      SetIdentifier: `s${index}`,
      Weight,
    }));
  const failover = (['PRIMARY', 'SECONDARY'] as const).map((Failover, index) => ({
    ...set('fail.example.com.', 'A', [`127.2.0.${index}`]),
    SetIdentifier: Failover,
    Failover,
  }));
  const multi = [0, 1].map((index) => ({
    ...set('multi.example.com.', 'A', [`127.3.0.${index}`]),
    SetIdentifier: `m${index}`,
    MultiValueAnswer: true,
  }));
  const latency = {
    ...set('near.example.com.', 'A', ['127.4.0.0']),
    SetIdentifier: 'r',
    Region: 'eu-central-1' as const,
  };
  const policies = lookupIn(
    zone('Z1', 'example.com.', [
      ...weighted('w.example.com.', [3, 1, 0]),
      ...weighted('zero.example.com.', [0, 0]),
      ...failover,
      ...multi,
      latency,
    ]),
  );
  const counts = (name: string): Map<string, number> => {
    const found = new Map<string, number>();
    for (let turn = 0; turn < 400; turn++) {
      const [value = ''] = values(policies(name, 'A'));
      found.set(value, (found.get(value) ?? 0) + 1);
    }
    return found;
  };
  test('weights divide the answers; weight 0 gets none', () => {
    const found = counts('w.example.com');
    const first = found.get('127.1.0.0') ?? 0;
    assert.ok(first > 240 && first < 360, `${first} of 400`);
    assert.equal((found.get('127.1.0.1') ?? 0) + first, 400);
  });
  test('all weights 0: equal chances', () => {
    const found = counts('zero.example.com');
    assert.ok((found.get('127.1.0.0') ?? 0) > 100 && (found.get('127.1.0.1') ?? 0) > 100);
  });
  test('failover answers the primary, multivalue all', () => {
    assert.deepEqual(values(policies('fail.example.com', 'A')), ['127.2.0.0']);
    assert.deepEqual(values(policies('multi.example.com', 'A')), ['127.3.0.0', '127.3.0.1']);
  });
  test('what depends on the place of a client fails with a reason', () => {
    const answer = policies('near.example.com', 'A');
    assert.ok(answer.status === 'failed' && /latency/.test(answer.why));
  });
});
