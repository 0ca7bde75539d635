/** Watching: what is told, when, and how the watch survives everything a network and a server do to it. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { type Connected, connectAndStart, held, ingress, short, stopAll, until } from './kube-harness.ts';
import { type OpenWatch, type Peer, startPeer, status } from './kube-peer.ts';

describe('watch', () => {
  let peer: Peer;

  beforeEach(async () => {
    peer = await startPeer();
  });

  afterEach(async () => {
    await stopAll();
    await peer.close();
  });

  const start = async (options: Parameters<typeof connectAndStart>[1] = {}): Promise<Connected> => {
    const connected = await connectAndStart(peer, options);
    await until('the first watch', () => ofIngresses().length > 0);
    return connected;
  };

  const ofIngresses = (): OpenWatch[] => peer.watches.filter(({ plural }) => plural === 'ingresses');
  const lists = (plural: string) =>
    peer.asked.filter((a) => a.plural === plural && a.method === 'GET' && !a.query.has('watch'));
  const lastWatch = (count: number): OpenWatch => {
    const watch = ofIngresses()[count - 1];
    assert.ok(watch);
    return watch;
  };
  const watchNumber = async (count: number): Promise<OpenWatch> => {
    await until(`watch number ${count}`, () => ofIngresses().length >= count);
    return lastWatch(count);
  };

  it('holds what was there at the start without telling it, and tells what happens then', async () => {
    peer.put('ingresses', ingress('a'));
    peer.put('nodes', { metadata: { name: 'n1' }, spec: { providerID: 'aws:///eu-west-1a/i-1' } });
    const { kube, changes } = await start();
    assert.deepEqual([...kube.snapshot().ingresses.keys()], ['shop/a']);
    assert.equal(kube.snapshot().nodes.get('n1')?.spec?.providerID, 'aws:///eu-west-1a/i-1');
    assert.deepEqual(changes, []);

    peer.put('ingresses', ingress('b'));
    peer.put('ingresses', ingress('a', { spec: { ingressClassName: 'alb' } }));
    peer.remove('ingresses', 'shop/b');
    await until('three changes', () => changes.length === 3);
    assert.deepEqual(changes.map(short), ['+shop/b', '~shop/a', '-shop/b']);
    assert.equal(held(kube, 'shop/a').spec?.ingressClassName, 'alb');
  });

  it('asks for bookmarks, a random end, and the version of the list', async () => {
    await start();
    const watch = lastWatch(1);
    const seconds = Number(watch.query.get('timeoutSeconds'));
    assert.ok(seconds >= 240 && seconds <= 480, `${seconds}`);
    assert.equal(watch.query.get('allowWatchBookmarks'), 'true');
    assert.equal(watch.query.get('resourceVersion'), '100');
  });

  it('keeps the fields that decide and drops the rest; a change of the rest is no change', async () => {
    const noise = { managedFields: [{ manager: 'kubectl' }] };
    const annotations = { 'kubectl.kubernetes.io/last-applied-configuration': '{…}', keep: 'me' };
    peer.put('ingresses', ingress('a', {}, { ...noise, annotations }));
    const { kube, changes } = await start();
    const { metadata, ...rest } = held(kube, 'shop/a');
    assert.deepEqual(metadata.annotations, { keep: 'me' });
    assert.ok(!('managedFields' in metadata));
    assert.deepEqual(rest, {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'Ingress',
      spec: { rules: [{ host: 'a.example.com' }] },
    });

    const later = peer.put('ingresses', ingress('a', {}, { uid: metadata.uid, annotations: { keep: 'me' } }));
    await until(
      'the new version',
      () => held(kube, 'shop/a').metadata.resourceVersion === later.metadata.resourceVersion,
    );
    assert.deepEqual(changes, []);
  });

  it('goes on from the last version heard after a broken connection, without listing again', async () => {
    const { changes } = await start();
    peer.put('ingresses', ingress('a'));
    await until('the first change', () => changes.length === 1);
    lastWatch(1).event('BOOKMARK', { kind: 'Ingress', metadata: { resourceVersion: '150' } });
    lastWatch(1).raw('');
    await new Promise((resolve) => setTimeout(resolve, 20));
    lastWatch(1).cut();
    const second = await watchNumber(2);
    assert.equal(second.query.get('resourceVersion'), '150');
    assert.equal(lists('ingresses').length, 1);
  });

  it('gets what happened while the connection was away', async () => {
    const { changes } = await start();
    lastWatch(1).cut();
    peer.put('ingresses', ingress('a'));
    await until('the missed change', () => changes.length === 1);
    assert.deepEqual(changes.map(short), ['+shop/a']);
    assert.equal(lists('ingresses').length, 1);
  });

  it('begins again at once when the server ends a watch in order', async () => {
    const { slept } = await start();
    peer.put('ingresses', ingress('a'));
    await until('the event', () => peer.all('ingresses').length === 1);
    await new Promise((resolve) => setTimeout(resolve, 20));
    const before = slept.length;
    lastWatch(1).end();
    const second = await watchNumber(2);
    assert.equal(second.query.get('resourceVersion'), '101');
    // The only new sleep is the second watch's own watchdog.
    assert.ok(
      slept.slice(before).every((ms) => ms > 100_000),
      `${slept.slice(before)}`,
    );
  });

  const AHEAD = { causes: [{ reason: 'ResourceVersionTooLarge', message: '' }], retryAfterSeconds: 1 };
  const LOST = {
    '410 as HTTP answer': undefined,
    '410 as ERROR event': status(410, 'Expired', 'too old resource version: 1 (2)'),
    '504 from before a restore': status(504, 'Timeout', 'Timeout: Too large resource version', AHEAD),
  };
  for (const [form, told] of Object.entries(LOST)) {
    it(`lists again after ${form} and tells once what it missed`, async () => {
      for (const name of ['gone', 'changed', 'same']) peer.put('ingresses', ingress(name));
      const { kube, changes } = await start();
      for (const watch of ofIngresses()) Object.assign(watch, { plural: 'deaf' });
      peer.remove('ingresses', 'shop/gone');
      peer.put('ingresses', ingress('changed', { spec: { ingressClassName: 'alb' } }));
      peer.put('ingresses', ingress('new'));
      peer.compact();
      const first = peer.watches.find(({ plural }) => plural === 'deaf');
      if (told === undefined) first?.cut();
      else first?.event('ERROR', told);
      await until('the changes', () => changes.length >= 3);
      await watchNumber(1);
      peer.put('ingresses', ingress('after'));
      await until('the change after', () => changes.length >= 4);
      assert.deepEqual(changes.map(short), ['-shop/gone', '~shop/changed', '+shop/new', '+shop/after']);
      assert.equal(kube.snapshot().ingresses.size, 4);
      // The list comes at once: no watch is tried again from the version that is known to be lost.
      const fromOld = peer.asked.filter(
        (a) => a.plural === 'ingresses' && a.query.get('resourceVersion') === '103',
      );
      assert.equal(fromOld.length, told === undefined ? 2 : 1);
    });
  }

  it('cuts a watch that says nothing for too long and goes on', async () => {
    const { logs, changes } = await start({ stallSeconds: 0.1 });
    await watchNumber(2);
    assert.ok(logs.some(({ fields }) => /nothing heard/.test(String(fields.error))));
    peer.put('ingresses', ingress('a'));
    await until('the change', () => changes.length === 1);
  });

  it('does not cut a watch that sends bookmarks', async () => {
    const { kube } = await start({ stallSeconds: 0.25 });
    const talk = setInterval(() => {
      for (const watch of peer.watches) {
        if (!watch.closed) watch.event('BOOKMARK', { metadata: { resourceVersion: '100' } });
      }
    }, 20);
    await new Promise((resolve) => setTimeout(resolve, 600));
    clearInterval(talk);
    assert.equal(ofIngresses().length, 1);
    assert.ok(kube.ages().ingresses < 0.3);
  });

  for (const [what, text] of [
    ['half a line', '{"type":"ADDED","object":{"metadata":{"na'],
    ['a line that is no JSON', '<html>502</html>\n'],
    ['an event without an object', '{"type":"ADDED"}\n'],
    ['an object of no kind', '{"type":"ADDED","object":{"metadata":{"resourceVersion":"7"}}}\n'],
  ] as const) {
    it(`survives ${what} and passes nothing over`, async () => {
      const { changes } = await start();
      peer.put('ingresses', ingress('a'));
      await until('the first change', () => changes.length === 1);
      lastWatch(1).raw(text);
      lastWatch(1).end();
      const second = await watchNumber(2);
      assert.equal(second.query.get('resourceVersion'), '101');
      peer.put('ingresses', ingress('b'));
      await until('the second change', () => changes.length === 2);
      assert.deepEqual(changes.map(short), ['+shop/a', '+shop/b']);
    });
  }

  it('reads an event that comes in many pieces, cut inside a character', async () => {
    const { changes } = await start();
    const object = { ...ingress('ü'), metadata: { namespace: 'shop', name: 'ü', resourceVersion: '101' } };
    const bytes = Buffer.from(`${JSON.stringify({ type: 'ADDED', object })}\n`);
    const inside = bytes.indexOf(Buffer.from('ü')) + 1;
    for (const part of [bytes.subarray(0, 5), bytes.subarray(5, inside), bytes.subarray(inside)]) {
      lastWatch(1).raw(part);
      // Apart in time, so that they arrive apart.
      await new Promise((resolve) => setTimeout(resolve, 15));
    }
    await until('the change', () => changes.length === 1);
    assert.deepEqual(changes.map(short), ['+shop/ü']);
  });

  it('backs off longer each time from a server that answers 500, and waits as long as Retry-After says', async () => {
    const { slept, changes } = await start();
    let left = 5;
    peer.script = ({ query }) => {
      if (!query.has('watch') || left <= 0) return undefined;
      left -= 1;
      if (left === 0)
        return {
          status: 429,
          body: status(429, 'TooManyRequests', 'busy'),
          headers: { 'retry-after': '17' },
        };
      return { status: 500, text: 'upstream broke' };
    };
    for (const watch of peer.watches)
      if (watch.plural !== 'ingresses') Object.assign(watch, { plural: 'deaf' });
    lastWatch(1).cut();
    await until('a second watch', () => ofIngresses().length >= 2);
    const pauses = slept.filter((ms) => ms < 100_000 && ms >= 250);
    assert.ok(
      pauses.some((ms) => ms >= 17_000),
      `${pauses}`,
    );
    assert.ok(
      pauses.some((ms) => ms >= 1000 && ms <= 8000),
      `${pauses}`,
    );
    peer.put('ingresses', ingress('a'));
    await until('the change', () => changes.length === 1);
  });

  it('does not run in circles when the server ends each watch at once', async () => {
    const { slept, changes } = await start();
    let left = 6;
    peer.script = ({ plural, query }) =>
      plural === 'ingresses' && query.has('watch') && left-- > 0 ? { status: 200, text: '' } : undefined;
    lastWatch(1).end();
    await watchNumber(2);
    const pauses = slept.filter((ms) => ms < 100_000);
    assert.ok(pauses.filter((ms) => ms >= 250).length >= 6, `${pauses}`);
    assert.ok(
      pauses.some((ms) => ms >= 4000),
      `${pauses}`,
    );
    peer.put('ingresses', ingress('a'));
    await until('the change', () => changes.length === 1);
  });

  it('lists again when watches keep failing: the server may have another history', async () => {
    const { changes } = await start();
    peer.put('ingresses', ingress('a'));
    await until('the first change', () => changes.length === 1);
    peer.script = ({ plural, query }) =>
      plural === 'ingresses' && query.get('resourceVersion') === '101'
        ? { status: 504, body: status(504, 'Timeout', 'Too large resource version') }
        : undefined;
    lastWatch(1).cut();
    for (const watch of ofIngresses()) Object.assign(watch, { plural: 'deaf' });
    peer.put('ingresses', ingress('b'));
    await until('the change by list', () => changes.length === 2);
    assert.deepEqual(changes.map(short), ['+shop/a', '+shop/b']);
  });

  it('tells the age of each kind, and stops telling anything after stop', async () => {
    const { kube, changes } = await start();
    const ages = kube.ages();
    assert.deepEqual(Object.keys(ages).sort(), [
      'endpointslices',
      'ingressclasses',
      'ingressclassparams',
      'ingresses',
      'namespaces',
      'nodes',
      'pods',
      'secrets',
      'services',
      'targetgroupbindings',
    ]);
    for (const age of Object.values(ages)) assert.ok(age >= 0 && age < 5);
    await kube.stop();
    peer.put('ingresses', ingress('late'));
    await new Promise((resolve) => setTimeout(resolve, 20));
    assert.deepEqual(changes, []);
  });
});
