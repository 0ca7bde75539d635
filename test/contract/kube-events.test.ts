/** Events on Ingresses: complete, counted instead of repeated, paced, and never in the way. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { Ingress } from '../../src/core/kube/objects.ts';
import type { Kube, Notice } from '../../src/core/ports.ts';
import { connect, type Line, quickClock, stopAll, virtualClock } from './kube-harness.ts';
import { type Peer, startPeer, status } from './kube-peer.ts';

const INGRESS: Ingress = {
  metadata: { namespace: 'shop', name: 'web', uid: 'u1', resourceVersion: '7' },
};
const notice = (message: string, more: Partial<Notice> = {}): Notice => ({
  ingress: INGRESS,
  type: 'Warning',
  reason: 'BadAnnotation',
  message,
  ...more,
});

describe('events', () => {
  let peer: Peer;
  let kube: Kube;
  let logs: Line[];
  let clock: ReturnType<typeof virtualClock>;

  beforeEach(async () => {
    peer = await startPeer();
    clock = virtualClock();
    ({ kube, logs } = connect(peer, { clock }));
  });

  afterEach(async () => {
    await stopAll();
    await peer.close();
  });

  const requests = () => peer.asked.map(({ method }) => method).join(' ');

  it('is complete for kubectl describe', async () => {
    await kube.notify(notice('scheme: expected internal'));
    const [event] = peer.all('events');
    assert.ok(event);
    const { metadata, ...rest } = event;
    assert.equal(metadata.namespace, 'shop');
    assert.match(String(metadata.name), /^web\.[0-9a-f]{16}$/);
    assert.deepEqual(rest, {
      apiVersion: 'v1',
      kind: 'Event',
      involvedObject: {
        apiVersion: 'networking.k8s.io/v1',
        kind: 'Ingress',
        namespace: 'shop',
        name: 'web',
        uid: 'u1',
        resourceVersion: '7',
      },
      type: 'Warning',
      reason: 'BadAnnotation',
      message: 'scheme: expected internal',
      source: { component: 'alb-test' },
      reportingComponent: 'alb-test',
      reportingInstance: 'alb-test',
      firstTimestamp: '2026-01-01T00:00:00Z',
      lastTimestamp: '2026-01-01T00:00:00Z',
      count: 1,
    });
  });

  it('counts what is said again within the hour, by one patch', async () => {
    await kube.notify(notice('same'));
    clock.pass(59 * 60_000);
    await kube.notify(
      notice('same', { ingress: { metadata: { ...INGRESS.metadata, resourceVersion: '8' } } }),
    );
    await kube.notify(notice('other'));
    assert.equal(requests(), 'POST PATCH POST');
    const same = peer.all('events').find(({ message }) => message === 'same');
    assert.equal(same?.count, 2);
    assert.equal(same?.firstTimestamp, '2026-01-01T00:00:00Z');
    assert.equal(same?.lastTimestamp, '2026-01-01T00:59:00Z');
  });

  it('goes on counting an Event written before it was started', async () => {
    await kube.notify(notice('same'));
    const again = connect(peer, { clock });
    await again.kube.notify(notice('same'));
    await again.kube.stop();
    assert.equal(peer.all('events').length, 1);
    assert.equal(peer.all('events')[0]?.count, 2);
  });

  it('begins anew when the server has forgotten the Event', async () => {
    await kube.notify(notice('same'));
    for (const { metadata } of peer.all('events')) peer.remove('events', `shop/${metadata.name}`);
    await kube.notify(notice('same'));
    assert.equal(peer.all('events')[0]?.count, 1);
    await kube.notify(notice('same'));
    assert.equal(peer.all('events')[0]?.count, 2);
    assert.equal(requests(), 'POST PATCH POST PATCH');
  });

  it('says different things of different objects, types and reasons', async () => {
    await kube.notify(notice('m'));
    await kube.notify(notice('m', { type: 'Normal' }));
    await kube.notify(notice('m', { reason: 'Other' }));
    await kube.notify(notice('m', { ingress: { metadata: { ...INGRESS.metadata, uid: 'u2' } } }));
    await kube.notify(notice('m', { ingress: { metadata: { ...INGRESS.metadata, name: 'api' } } }));
    assert.equal(peer.all('events').length, 5);
  });

  it('paces one object, merging what repeats while it waits, without holding up another', async () => {
    const began = clock.now();
    const said = Array.from({ length: 10 }, (_, n) => kube.notify(notice(`m${n}`)));
    const repeated = Array.from({ length: 30 }, () => kube.notify(notice('m9')));
    await kube.notify(notice('elsewhere', { ingress: { metadata: { ...INGRESS.metadata, name: 'api' } } }));
    await Promise.all([...said, ...repeated]);
    assert.equal(peer.all('events').length, 11);
    assert.equal(peer.all('events').find(({ message }) => message === 'm9')?.count, 31);
    // Four at once, then two per second.
    assert.equal(clock.now() - began, 3000);
  });

  it('drops what a runaway object says, and logs it', async () => {
    await Promise.all(Array.from({ length: 200 }, (_, n) => kube.notify(notice(`m${n}`))));
    const written = peer.all('events').length;
    assert.ok(written >= 50 && written < 60, `${written}`);
    const lost = logs.filter(({ message }) => message === 'event not written');
    assert.equal(written + lost.length, 200);
    assert.match(String(lost[0]?.fields.error), /others about this object are waiting/);
  });

  it('logs an Event that cannot be written and tells the caller nothing', async () => {
    peer.script = () => ({ status: 403, body: status(403, 'Forbidden', 'events is forbidden') });
    await kube.notify(notice('m'));
    assert.deepEqual(
      logs.map(({ level, message, fields }) => [level, message, fields.ingress, fields.reason, fields.error]),
      [
        [
          'warn',
          'event not written',
          'shop/web',
          'BadAnnotation',
          'create /api/v1/namespaces/shop/events: events is forbidden',
        ],
      ],
    );
    assert.equal(peer.asked.length, 1);
  });

  it('tries again when the server is busy', async () => {
    const replies = [
      { status: 500, text: 'x' },
      { status: 429, headers: { 'retry-after': '2' } },
    ];
    peer.script = () => replies.shift();
    await kube.notify(notice('m'));
    assert.equal(peer.all('events').length, 1);
    assert.deepEqual(logs, []);
  });

  it('fits names and messages to what Kubernetes takes', async () => {
    const name = `${'n'.repeat(235)}.${'x'.repeat(17)}`;
    await kube.notify(notice('m'.repeat(5000), { ingress: { metadata: { ...INGRESS.metadata, name } } }));
    const [event] = peer.all('events');
    assert.match(String(event?.metadata.name), /^n{235}\.[0-9a-f]{16}$/);
    assert.equal(Buffer.byteLength(String(event?.message)), 1024);
  });

  it('writes what waits when stopped, and only logs what comes after', async () => {
    const other = connect(peer, { clock: quickClock([], 60_000) });
    const said = Array.from({ length: 12 }, (_, n) => other.kube.notify(notice(`m${n}`)));
    await other.kube.stop();
    await Promise.all(said);
    assert.equal(peer.all('events').length, 12);
    await other.kube.notify(notice('late'));
    assert.match(String(other.logs.at(-1)?.fields.error), /connection to Kubernetes is closed/);
  });
});
