/** Secrets: only those that are named are ever asked for, each by itself, and what is known of them is exact. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { SeenSecret } from '../../src/core/kube/snapshot.ts';
import { type Connected, connectAndStart, quickClock, short, stopAll, until } from './kube-harness.ts';
import { type Peer, startPeer, status } from './kube-peer.ts';

const secret = (name: string, value: string) => ({
  metadata: { namespace: 'shop', name },
  type: 'Opaque',
  data: { clientSecret: Buffer.from(value).toString('base64') },
});

const textOf = (seen: SeenSecret | undefined): string =>
  seen?.is === 'here' ? Buffer.from(seen.secret.data?.clientSecret ?? '', 'base64').toString() : '';

describe('Secrets', () => {
  let peer: Peer;
  beforeEach(async () => {
    peer = await startPeer();
  });
  afterEach(async () => {
    await stopAll();
    await peer.close();
  });

  const asked = () => peer.asked.filter(({ plural }) => plural === 'secrets');
  const seen = ({ kube }: Connected, id: string) => kube.snapshot().secrets.get(id);

  it('nothing is asked for until one is named, and then only that one', async () => {
    peer.put('secrets', secret('login', 'old'));
    peer.put('secrets', secret('other', 'private'));
    const connected = await connectAndStart(peer);
    assert.equal(asked().length, 0);
    await connected.kube.lookAtSecrets(new Set(['shop/login']));
    assert.deepEqual([...connected.kube.snapshot().secrets.keys()], ['shop/login']);
    await until('its watch', () => asked().some(({ query }) => query.has('watch')));
    for (const { path, query } of asked()) {
      assert.equal(path, '/api/v1/namespaces/shop/secrets');
      assert.equal(query.get('fieldSelector'), 'metadata.name=login');
    }
    assert.equal(textOf(seen(connected, 'shop/login')), 'old');
  });

  it('what is missing is known to be missing, and its coming, change and going are told', async () => {
    const connected = await connectAndStart(peer);
    assert.equal(seen(connected, 'shop/login'), undefined, 'nobody has looked');
    await connected.kube.lookAtSecrets(new Set(['shop/login']));
    assert.deepEqual(seen(connected, 'shop/login'), { is: 'absent' });
    peer.put('secrets', secret('login', 'old'));
    await until('it', () => textOf(seen(connected, 'shop/login')) === 'old');
    peer.put('secrets', secret('login', 'new'));
    await until('its change', () => textOf(seen(connected, 'shop/login')) === 'new');
    peer.remove('secrets', 'shop/login');
    await until('its end', () => seen(connected, 'shop/login')?.is === 'absent');
    assert.deepEqual(connected.changes.map(short), [
      '-shop/login',
      '+shop/login',
      '~shop/login',
      '-shop/login',
    ]);
  });

  it('age like every other kind, while one is looked at; a refusal is an answer', async () => {
    let passed = 0;
    const clock = { ...quickClock(), now: () => Date.now() + passed };
    peer.put('secrets', secret('login', 'old'));
    const { kube } = await connectAndStart(peer, { clock });
    passed = 3_600_000;
    assert.equal(kube.ages().secrets, 0, 'none is watched');
    await kube.lookAtSecrets(new Set(['shop/login']));
    passed = 7_200_000;
    assert.ok(kube.ages().secrets >= 3600);
    peer.put('secrets', secret('login', 'new'));
    await until('an event', () => kube.ages().secrets < 3600);
    peer.script = ({ plural }) =>
      plural === 'secrets' ? { status: 403, body: status(403, 'Forbidden', 'no') } : undefined;
    await kube.lookAtSecrets(new Set(['shop/refused']));
    assert.ok(kube.ages().secrets < 3600);
  });

  it('a refusal is told with the permission that lacks, others go on, and a later permission is noticed', async () => {
    peer.put('secrets', secret('login', 'old'));
    peer.put('secrets', secret('open', 'here'));
    let refuses = true;
    peer.script = ({ plural, query }) =>
      refuses && plural === 'secrets' && query.get('fieldSelector') === 'metadata.name=login'
        ? { status: 403, body: status(403, 'Forbidden', 'secrets "login" is forbidden') }
        : undefined;
    const connected = await connectAndStart(peer);
    await connected.kube.lookAtSecrets(new Set(['shop/login', 'shop/open']));
    const refused = seen(connected, 'shop/login');
    assert.ok(refused?.is === 'refused');
    assert.match(refused.why, /cannot list secrets named login in namespace shop.*list and watch.*forbidden/);
    assert.equal(textOf(seen(connected, 'shop/open')), 'here');
    refuses = false;
    await until('it', () => textOf(seen(connected, 'shop/login')) === 'old');
  });

  it('one that is named no more is forgotten and watched no more', async () => {
    peer.put('secrets', secret('login', 'old'));
    const connected = await connectAndStart(peer);
    await connected.kube.lookAtSecrets(new Set(['shop/login']));
    await until('its watch', () => peer.watches.some(({ plural }) => plural === 'secrets'));
    await connected.kube.lookAtSecrets(new Set());
    assert.equal(connected.kube.snapshot().secrets.size, 0);
    await until('the end of its watch', () =>
      peer.watches.filter(({ plural }) => plural === 'secrets').every(({ closed }) => closed),
    );
  });

  it('no value is logged, not even of an answer that cannot be read', async () => {
    peer.put('secrets', secret('login', 'very-private'));
    const connected = await connectAndStart(peer);
    await connected.kube.lookAtSecrets(new Set(['shop/login']));
    await until('its watch', () => peer.watches.some(({ plural }) => plural === 'secrets'));
    const garbled = Buffer.from('very-private').toString('base64');
    for (const watch of peer.watches) if (watch.plural === 'secrets') watch.raw(`{"data":"${garbled}"}\n`);
    await until('a complaint', () =>
      connected.logs.some(({ fields }) => /not an event of a Secret/.test(String(fields.error))),
    );
    const said = JSON.stringify(connected.logs);
    assert.doesNotMatch(said, new RegExp(`very-private|${garbled}`));
  });
});
