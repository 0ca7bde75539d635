/** Finalizers and status: right on conflicts, on objects that are gone, on servers that are busy. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { Kube } from '../../src/core/ports.ts';
import { connectAndStart, held, ingress, quickClock, stopAll, until, WATCHES } from './kube-harness.ts';
import { type Asked, type Peer, startPeer, status } from './kube-peer.ts';

const FINALIZER = 'ingress.k8s.aws/resources';
const ADDRESS = { hostname: 'k8s-shop-1.elb.amazonaws.com', ports: [{ port: 80, protocol: 'TCP' }] };

describe('writes', () => {
  let peer: Peer;
  let kube: Kube;

  beforeEach(async () => {
    peer = await startPeer();
    peer.put('ingresses', ingress('a', {}, { uid: 'u1', finalizers: ['other/one'] }));
    ({ kube } = await connectAndStart(peer));
    await until('the watches', () => peer.watches.length === WATCHES);
    peer.asked.length = 0;
  });

  afterEach(async () => {
    await stopAll();
    await peer.close();
  });

  const finalizers = () => peer.get('ingresses', 'shop/a')?.metadata.finalizers;
  const patches = () => peer.asked.filter(({ method }) => method === 'PATCH');
  const entries = () =>
    (peer.get('ingresses', 'shop/a')?.status as { loadBalancer?: unknown } | undefined)?.loadBalancer;

  it('adds and removes one finalizer and leaves the others', async () => {
    await kube.setFinalizer(held(kube, 'shop/a'), FINALIZER, true);
    assert.deepEqual(finalizers(), ['other/one', FINALIZER]);
    await until('the watch', () => held(kube, 'shop/a').metadata.finalizers?.length === 2);
    await kube.setFinalizer(held(kube, 'shop/a'), FINALIZER, false);
    assert.deepEqual(finalizers(), ['other/one']);
    assert.equal(patches().length, 2);
    assert.equal(patches()[0]?.headers['content-type'], 'application/merge-patch+json');
  });

  it('writes nothing when the finalizer is as wanted', async () => {
    await kube.setFinalizer(held(kube, 'shop/a'), FINALIZER, false);
    await kube.setFinalizer(held(kube, 'shop/a'), 'other/one', true);
    assert.equal(peer.asked.length, 0);
  });

  /** Makes somebody else write just before our first patch arrives. */
  const raced = (change: () => void) => {
    let done = false;
    peer.script = ({ method }: Asked) => {
      if (method === 'PATCH' && !done) {
        done = true;
        change();
      }
      return undefined;
    };
  };

  it('keeps what another writer did in between', async () => {
    raced(() =>
      peer.put('ingresses', ingress('a', {}, { uid: 'u1', finalizers: ['other/one', 'other/two'] })),
    );
    await kube.setFinalizer(held(kube, 'shop/a'), FINALIZER, true);
    assert.deepEqual(finalizers(), ['other/one', 'other/two', FINALIZER]);
    assert.equal(patches().length, 2);
  });

  it('takes an object that is gone for done, and touches no namesake', async () => {
    const old = held(kube, 'shop/a');
    raced(() => {
      peer.remove('ingresses', 'shop/a');
      peer.put('ingresses', ingress('a', {}, { uid: 'u2', finalizers: ['other/one'] }));
    });
    await kube.setFinalizer(old, 'other/one', false);
    await kube.setStatus(old, [ADDRESS]);
    assert.deepEqual(finalizers(), ['other/one']);
    assert.equal(entries(), undefined);
    peer.remove('ingresses', 'shop/a');
    await kube.setFinalizer(old, 'other/one', false);
    await kube.setStatus(old, [ADDRESS]);
  });

  it('refuses to add a finalizer to an object that is being deleted', async () => {
    const deletionTimestamp = '2026-01-01T00:00:00Z';
    peer.put('ingresses', ingress('a', {}, { uid: 'u1', finalizers: ['other/one'], deletionTimestamp }));
    await until('the watch', () => held(kube, 'shop/a').metadata.deletionTimestamp !== undefined);
    await assert.rejects(
      kube.setFinalizer(held(kube, 'shop/a'), FINALIZER, true),
      /adding finalizer .* to Ingress shop\/a: it is being deleted/,
    );
  });

  it('tries again when the server is busy, broken or gone for a moment', async () => {
    const replies = [
      { status: 429, body: status(429, 'TooManyRequests', 'busy'), headers: { 'retry-after': '1' } },
      { status: 500, text: 'oops' },
      { status: 503, body: status(503, 'ServiceUnavailable', 'no') },
    ];
    peer.script = ({ method }) => (method === 'PATCH' ? replies.shift() : undefined);
    await kube.setFinalizer(held(kube, 'shop/a'), FINALIZER, true);
    assert.deepEqual(finalizers(), ['other/one', FINALIZER]);
  });

  it('finds its own write again when the reply was lost', async () => {
    let lost = false;
    peer.script = ({ method }) => {
      if (method !== 'PATCH' || lost) return undefined;
      lost = true;
      peer.put('ingresses', ingress('a', {}, { uid: 'u1', finalizers: ['other/one', FINALIZER] }));
      return { status: 504, text: 'gateway timeout' };
    };
    await kube.setFinalizer(held(kube, 'shop/a'), FINALIZER, true);
    assert.deepEqual(finalizers(), ['other/one', FINALIZER]);
    assert.equal(patches().length, 1);
  });

  it('rejects with what the server said, once, when trying again is useless', async () => {
    peer.script = ({ method }) =>
      method === 'PATCH'
        ? { status: 403, body: status(403, 'Forbidden', 'may not patch ingresses') }
        : undefined;
    await assert.rejects(kube.setFinalizer(held(kube, 'shop/a'), FINALIZER, true), (error: Error) => {
      assert.match(error.message, /^adding finalizer .* Ingress shop\/a: .*may not patch ingresses/);
      assert.deepEqual([(error.cause as { reason: string }).reason, patches().length], ['Forbidden', 1]);
      return true;
    });
    peer.script = ({ method }) =>
      method === 'PATCH'
        ? { status: 422, body: status(422, 'Invalid', 'name part must be non-empty') }
        : undefined;
    await assert.rejects(kube.setFinalizer(held(kube, 'shop/a'), 'bad/', true), /name part/);
    assert.equal(patches().length, 2);
  });

  it('writes the address through /status, only when it differs, and clears it', async () => {
    await kube.setStatus(held(kube, 'shop/a'), [ADDRESS]);
    assert.deepEqual(entries(), { ingress: [ADDRESS] });
    assert.equal(patches()[0]?.path, '/apis/networking.k8s.io/v1/namespaces/shop/ingresses/a/status');
    // The same again, whether the watch has brought it yet or not.
    await kube.setStatus(held(kube, 'shop/a'), [ADDRESS]);
    await until('the watch', () => held(kube, 'shop/a').status !== undefined);
    await kube.setStatus(held(kube, 'shop/a'), [ADDRESS]);
    assert.equal(patches().length, 1);

    await kube.setStatus(held(kube, 'shop/a'), [{ ...ADDRESS, ports: [{ port: 443, protocol: 'TCP' }] }]);
    assert.equal(patches().length, 2);
    await kube.setStatus(held(kube, 'shop/a'), []);
    await until('the watch', () => held(kube, 'shop/a').status?.loadBalancer?.ingress === undefined);
    assert.deepEqual(entries(), {});
    await kube.setStatus(held(kube, 'shop/a'), []);
    assert.equal(patches().length, 3);
  });

  it('writes the old address again right after a new one, before the watch has told', async () => {
    for (const watch of peer.watches) Object.assign(watch, { plural: 'deaf' });
    const known = held(kube, 'shop/a');
    await kube.setStatus(known, [ADDRESS]);
    await kube.setStatus(known, []);
    assert.deepEqual(entries(), {});
    assert.equal(patches().length, 2);
  });

  it('finishes the write in flight when stopped, and refuses new ones', async () => {
    const { kube: other } = await connectAndStart(peer, { clock: quickClock([], 60_000) });
    const known = held(other, 'shop/a');
    const write = other.setStatus(known, [ADDRESS]);
    await other.stop();
    await write;
    assert.deepEqual(entries(), { ingress: [ADDRESS] });
    await assert.rejects(other.setFinalizer(known, FINALIZER, true), /connection to Kubernetes is closed/);
  });

  it('gives up a write that is never answered when stopped', async () => {
    peer.script = ({ method }) => (method === 'PATCH' ? 'silence' : undefined);
    const write = assert.rejects(
      kube.setStatus(held(kube, 'shop/a'), [ADDRESS]),
      /writing the status of Ingress shop\/a/,
    );
    await until('the request', () => patches().length === 1);
    await kube.stop();
    await write;
  });
});
