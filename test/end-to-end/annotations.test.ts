/** Every annotation of the table on one running sandbox: what AWS then holds, and what becomes of requests. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { AnnotationName } from '../../src/core/annotations/table.ts';
import type { Proof } from './annotation-proof.ts';
import { BALANCER_PROOFS } from './annotation-proofs-balancer.ts';
import { FRONT_PROOFS } from './annotation-proofs-front.ts';
import { LISTENER_PROOFS } from './annotation-proofs-listener.ts';
import { TARGET_PROOFS } from './annotation-proofs-target.ts';
import { setTheScene } from './annotation-scene.ts';

/** An annotation of the table without a proof does not compile. */
const PROOFS: Readonly<Record<AnnotationName, Proof>> = {
  ...BALANCER_PROOFS,
  ...LISTENER_PROOFS,
  ...TARGET_PROOFS,
  ...FRONT_PROOFS,
};

let scene: Awaited<ReturnType<typeof setTheScene>>;

before(async () => {
  scene = await setTheScene();
  scene.world.startController();
});
after(() => scene?.stop());

for (const [name, { aws, is, requests, answers = true }] of Object.entries(PROOFS))
  test(name, async () => {
    await scene.world.becomes(() => aws(scene), is);
    if (typeof requests === 'function') await scene.world.becomes(() => requests(scene), answers);
  });

test('nobody is warned of anything else', async () => {
  const events = await scene.world.kubectl(['get', 'events', '-A', '-o', 'json']);
  const { items } = JSON.parse(events) as { readonly items: readonly Told[] };
  const warnings = items.filter(
    ({ type, involvedObject: { namespace } }) => type === 'Warning' && ['web', 'yard'].includes(namespace),
  );
  assert.deepEqual([...new Set(warnings.map((it) => `${it.involvedObject.name} ${it.reason}`))].sort(), [
    'first DuplicateRule',
    'outpost AwsRefused',
    'private CertificatePending',
    'requested CertificatePending',
  ]);
});

type Told = {
  readonly type: string;
  readonly reason: string;
  readonly involvedObject: { readonly namespace: string; readonly name: string };
};
