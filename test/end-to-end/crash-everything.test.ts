/**
 * Every feature that keeps state somewhere, at once; the controller is killed after single writes to AWS and to
 * Kubernetes, while everything is made and while it is taken away. The next one must end where an uninterrupted one does.
 * `npm run sim:crash` kills after each write in turn.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { KubeObject } from '../../src/sandbox/kubernetes/object.ts';
import type { StoreEvent } from '../../src/sandbox/kubernetes/store-event.ts';
import { EVERYTHING_FLAGS, type Everything, startEverything } from './everything.ts';
import { needsOwnCluster } from './foreign-cluster.ts';
import type { Controller } from './world.ts';

/** Between one write that is cut off and the next one. */
const EVERY = Number(process.env.CRASH_EVERY ?? 30);
const FIRST = Number(process.env.CRASH_FIRST ?? 7);

const OURS = new Set([
  'ingresses.networking.k8s.io',
  'targetgroupbindings.elbv2.k8s.aws',
  'ingressstacks.alb-ingress.io',
]);

const gatesOf = (pod: KubeObject | undefined): string =>
  JSON.stringify(
    (
      pod as { status?: { conditions?: readonly { type: string }[] } } | undefined
    )?.status?.conditions?.filter(({ type }) => type.startsWith('target-health.')) ?? [],
  );

/** Whether the controller may have written it; one too many does no harm. */
const mayBeOurs = (storage: string, { type, object, previous }: StoreEvent): boolean =>
  storage === 'pods' ? gatesOf(previous) !== gatesOf(object) : OURS.has(storage) && type === 'MODIFIED';

let all: Everything;
/** Told of each write; AWS waits for it. */
let onWrite: (what: string) => Promise<void> | void = () => undefined;

before(async () => {
  if (needsOwnCluster) return;
  all = await startEverything();
  const { aws, kubernetes } = all.world.box;
  aws.afterWrite = ({ service, operation }) => onWrite(`${service} ${operation}`);
  kubernetes?.store.onWrite((storage, event) => {
    if (mayBeOurs(storage, event)) void onWrite(`${event.type} ${storage}/${event.object.metadata.name}`);
  });
});
after(() => all?.world.stop());

const start = (): Controller => all.world.startController(EVERYTHING_FLAGS);

/** Makes everything and takes it away again; both times what is there afterwards must be what is expected. */
const round = async (upAgain: () => Promise<unknown>, expected?: unknown): Promise<unknown> => {
  await all.apply();
  await all.works();
  await upAgain();
  await all.world.quiet();
  const content = await all.content();
  if (expected) assert.deepEqual(content, expected);
  await all.remove();
  return content;
};

test('killed after single writes', { skip: needsOwnCluster }, async (t) => {
  const writes: string[] = [];
  onWrite = (what) => void writes.push(what);
  const first = start();
  const expected = await round(async () => undefined);
  await first.stop();
  t.diagnostic(`${writes.length} writes: ${writes.join(', ')}`);
  assert.ok(writes.length > 60, `${writes.length} writes`);

  for (let cut = FIRST; cut <= writes.length; cut += EVERY) {
    let controller = start();
    let count = 0;
    let killed = 'nothing';
    let restarted: Promise<void> | undefined;
    onWrite = async (what) => {
      if (++count !== cut) return;
      killed = what;
      // AWS answers when the one who asked is gone.
      const gone = controller.kill();
      restarted = gone.then(() => {
        controller = start();
      });
      await gone;
    };
    try {
      await round(async () => {
        await restarted;
        await all.world.until('it works', () => controller.log.some((line) => line.message === 'started'));
      }, expected);
    } catch (error) {
      throw new Error(`after a kill at write ${cut}, ${killed}`, { cause: error });
    }
    t.diagnostic(`${cut}: ${killed}`);
    await controller.stop();
  }
});
