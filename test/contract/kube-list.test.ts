/** Listing: pages, half lists that must never look like deletions, refusals, namespaces, snapshots. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { connect, connectAndStart, ingress, short, stopAll, until, WATCHES } from './kube-harness.ts';
import { type Peer, type Reply, startPeer, status } from './kube-peer.ts';

describe('list', () => {
  let peer: Peer;

  beforeEach(async () => {
    peer = await startPeer();
  });

  afterEach(async () => {
    await stopAll();
    await peer.close();
  });

  const start = (options: Parameters<typeof connectAndStart>[1] = {}) => {
    return connectAndStart(peer, options);
  };
  const ofIngresses = () =>
    peer.asked.filter(({ plural, query }) => plural === 'ingresses' && !query.has('watch'));

  it('reads a long list page by page', async () => {
    for (let n = 0; n < 1203; n += 1) peer.put('ingresses', ingress(`i${n}`));
    const { kube } = await start();
    assert.equal(kube.snapshot().ingresses.size, 1203);
    assert.deepEqual(
      ofIngresses().map(({ query }) => [query.get('limit'), query.get('continue')]),
      [
        ['500', null],
        ['500', '500'],
        ['500', '1000'],
      ],
    );
  });

  it('asks for everything at once when the list expires between pages', async () => {
    for (let n = 0; n < 700; n += 1) peer.put('ingresses', ingress(`i${n}`));
    peer.script = ({ query }) =>
      query.has('continue')
        ? { status: 410, body: status(410, 'Expired', 'continue token expired') }
        : undefined;
    const { kube } = await start();
    assert.equal(kube.snapshot().ingresses.size, 700);
    assert.equal(ofIngresses().at(-1)?.query.has('limit'), false);
  });

  /** Makes the running watch end in 410 and the next ingress lists go as scripted, then regular again. */
  const relistThrough = async (replies: readonly Reply[], change: () => void) => {
    for (let n = 0; n < 600; n += 1) peer.put('ingresses', ingress(`i${n}`));
    const connected = await start();
    await until('the watches', () => peer.watches.length === WATCHES);
    const left = [...replies];
    let scripted = 0;
    peer.script = ({ plural, query }) => {
      if (plural !== 'ingresses' || query.has('watch')) return undefined;
      // Each scripted reply breaks one attempt: where it has a page to itself, the second page.
      if (left[0]?.text === 'second page' && !query.has('continue')) return undefined;
      const reply = left.shift();
      if (reply) scripted += 1;
      return reply;
    };
    const watch = peer.watches.find(({ plural }) => plural === 'ingresses');
    for (const each of peer.watches) if (each.plural === 'ingresses') Object.assign(each, { plural: 'deaf' });
    change();
    watch?.event('ERROR', status(410, 'Expired', 'too old'));
    await until(
      'the relist',
      () => scripted === replies.length && peer.watches.some(({ plural }) => plural === 'ingresses'),
    );
    return connected;
  };

  const version = { metadata: { resourceVersion: '900' } };
  for (const [what, times, reply] of [
    ['a page that fails', 1, { status: 500, text: 'second page' }],
    ['a page that is cut', 1, { status: 200, text: '{"kind":"IngressList","items":[' }],
    ['an empty object', 2, { status: 200, body: {} }],
    ['a list without items', 2, { status: 200, body: { kind: 'IngressList', ...version } }],
    ['a list without a version', 2, { status: 200, body: { kind: 'IngressList', metadata: {}, items: [] } }],
    ['a list of another kind', 2, { status: 200, body: { kind: 'ServiceList', ...version, items: [] } }],
    ['an empty list said once', 1, { status: 200, body: { kind: 'IngressList', ...version, items: [] } }],
  ] as const) {
    it(`takes ${what} for no deletion`, async () => {
      const { kube, changes } = await relistThrough(Array(times).fill(reply), () => {
        peer.remove('ingresses', 'shop/i7');
      });
      await until('the real deletion', () => changes.length > 0);
      assert.deepEqual(changes.map(short), ['-shop/i7']);
      assert.equal(kube.snapshot().ingresses.size, 599);
    });
  }

  it('believes an empty list that is said twice', async () => {
    const { kube, changes } = await relistThrough([], () => {
      for (let n = 0; n < 600; n += 1) peer.remove('ingresses', `shop/i${n}`);
    });
    await until('the deletions', () => changes.length === 600);
    assert.equal(kube.snapshot().ingresses.size, 0);
  });

  it('waits for a server that is not there yet, and tells why', async () => {
    let refusals = 3;
    peer.script = ({ plural }) => {
      if (plural !== 'nodes' || refusals <= 0) return undefined;
      refusals -= 1;
      return { status: 503, body: status(503, 'ServiceUnavailable', 'etcd is starting') };
    };
    const { logs, kube } = await start();
    assert.equal(kube.snapshot().nodes.size, 0);
    const told = logs.filter(({ fields }) => fields.kind === 'nodes');
    assert.equal(told.length, 3);
    assert.match(String(told[0]?.fields.error), /list \/api\/v1\/nodes: etcd is starting/);
  });

  it('rejects start when the server refuses for good, naming what is missing', async () => {
    peer.script = ({ plural }) =>
      plural === 'services'
        ? { status: 403, body: status(403, 'Forbidden', 'services is forbidden') }
        : undefined;
    const { kube } = connect(peer);
    await assert.rejects(
      kube.start(() => {}),
      (error: Error) => {
        assert.match(
          error.message,
          /cannot list services \(v1\) in the cluster; .* get, list and watch .*forbidden/,
        );
        assert.equal((error.cause as { code: number }).code, 403);
        return true;
      },
    );
    assert.throws(() => kube.snapshot(), /finished Kube.start/);
  });

  for (const [code, reason, told] of [
    [404, 'NotFound', /no kind IngressClassParams of elbv2\.k8s\.aws\/v1beta1; install/],
    [
      403,
      'Forbidden',
      /may not read IngressClassParams objects .*forbidden.* list and watch on ingressclassparams/,
    ],
  ] as const)
    it(`starts although an optional kind answers ${code}, says so once, and notices when that changes`, async () => {
      let open = false;
      peer.put('ingressclassparams', { metadata: { name: 'front' }, spec: { scheme: 'internal' } });
      peer.script = ({ plural }) =>
        plural === 'ingressclassparams' && !open
          ? { status: code, body: status(code, reason, 'ingressclassparams is forbidden') }
          : undefined;
      const { kube, logs, changes, slept } = await start();
      assert.match(kube.snapshot().unseen?.get('ingressclassparams') ?? '', told);
      assert.ok(kube.ages().ingressclassparams < 60);
      const looks = () => peer.asked.filter(({ plural }) => plural === 'ingressclassparams').length;
      await until('a second look', () => looks() > 1);
      assert.ok(slept.includes(15_000));
      open = true;
      await until('the object', () => kube.snapshot().ingressClassParams.size === 1);
      assert.equal(kube.snapshot().unseen?.size, 0);
      assert.deepEqual(changes.map(short), ['+front']);
      assert.deepEqual(kube.snapshot().ingressClassParams.get('front')?.spec, { scheme: 'internal' });
      const said = logs.filter(({ fields }) => fields.kind === 'ingressclassparams');
      assert.deepEqual(
        said.map(({ level, message }) => `${level} ${message}`),
        [`${code === 403 ? 'warn' : 'info'} a kind cannot be watched`, 'info a kind can be watched now'],
      );
    });

  it('forgets the objects of an optional kind when the server said three times that there is no such kind', async () => {
    peer.put('ingressclassparams', { metadata: { name: 'front' } });
    const { kube, changes } = await start();
    await until('the watches', () => peer.watches.length === WATCHES);
    let looks = 0;
    let held: number | undefined;
    peer.script = ({ plural, query }) => {
      if (plural !== 'ingressclassparams') return undefined;
      if (!query.has('watch')) looks += 1;
      if (looks === 3) held = kube.snapshot().ingressClassParams.size;
      return {
        status: 404,
        body: status(404, 'NotFound', 'the server could not find the requested resource'),
      };
    };
    peer.watches.find(({ plural }) => plural === 'ingressclassparams')?.cut();
    await until('the loss', () => kube.snapshot().ingressClassParams.size === 0);
    assert.equal(held, 1);
    assert.deepEqual(changes.map(short), ['-front']);
  });

  it('rejects a start that is stopped before it is done', async () => {
    peer.script = () => ({ status: 503 });
    const { kube } = connect(peer);
    const started = assert.rejects(
      kube.start(() => {}),
      /stopped before the first list/,
    );
    await kube.stop();
    await started;
  });

  it('watches only the namespaces it is given, nodes and classes in the whole cluster', async () => {
    for (const namespace of ['shop', 'blog', 'other']) peer.put('ingresses', ingress('a', {}, { namespace }));
    peer.put('nodes', { metadata: { name: 'n1' } });
    const { kube, changes } = await start({ namespaces: ['shop', 'blog'] });
    assert.deepEqual([...kube.snapshot().ingresses.keys()].sort(), ['blog/a', 'shop/a']);
    assert.equal(kube.snapshot().nodes.size, 1);
    const paths = new Set(peer.asked.map(({ path }) => path));
    assert.ok(paths.has('/apis/networking.k8s.io/v1/namespaces/blog/ingresses'));
    assert.ok(!paths.has('/apis/networking.k8s.io/v1/ingresses'));
    assert.ok(paths.has('/apis/networking.k8s.io/v1/ingressclasses'));

    // A list of one namespace says nothing about the other.
    await until('the watches', () => peer.watches.length === 4 + 2 * 5);
    const blog = peer.watches.filter(({ plural }) => plural === 'ingresses');
    for (const watch of blog) watch.event('ERROR', status(410, 'Expired', 'too old'));
    await until('the new watches', () => peer.watches.length === 4 + 2 * 5 + 2);
    assert.deepEqual(changes, []);
    assert.equal(kube.snapshot().ingresses.size, 2);
  });

  it('gives snapshots that stay as they were, and slices by their Service', async () => {
    const slice = (name: string, service: string, addresses: string[]) => ({
      metadata: { namespace: 'shop', name, labels: { 'kubernetes.io/service-name': service } },
      addressType: 'IPv4',
      endpoints: [{ addresses, nodeName: 'dropped' }],
    });
    peer.put('endpointslices', slice('web-2', 'web', ['10.0.0.2']));
    peer.put('endpointslices', slice('web-1', 'web', ['10.0.0.1']));
    peer.put('endpointslices', { metadata: { namespace: 'shop', name: 'free' }, addressType: 'IPv4' });
    const { kube } = await start();
    const names = () =>
      kube
        .snapshot()
        .endpointSlices.get('shop/web')
        ?.map(({ metadata }) => metadata.name);
    const before = kube.snapshot();
    assert.deepEqual(names(), ['web-1', 'web-2']);
    assert.equal(before.endpointSlices.size, 1);
    assert.deepEqual(before.endpointSlices.get('shop/web')?.[0]?.endpoints, [{ addresses: ['10.0.0.1'] }]);
    assert.equal(kube.snapshot().endpointSlices, before.endpointSlices);

    await until('the watches', () => peer.watches.length === WATCHES);
    peer.put('ingresses', ingress('late'));
    await until('the Ingress', () => kube.snapshot().ingresses.size === 1);
    assert.equal(before.ingresses.size, 0);
    peer.put('endpointslices', slice('web-1', 'api', ['10.0.0.1']));
    peer.remove('endpointslices', 'shop/web-2');
    await until('the move', () => names() === undefined);
    assert.deepEqual([...kube.snapshot().endpointSlices.keys()], ['shop/api']);
    assert.equal(before.endpointSlices.get('shop/web')?.length, 2);
  });
});
