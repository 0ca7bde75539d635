/**
 * Every feature at once, under faults of AWS and Kubernetes and edits of users, from a seed. At every moment nobody gets
 * past a guard, a neighbour is served, no record of a living Ingress and nothing foreign goes; afterwards all is as it was,
 * and nothing is asked of AWS any more. `FAULT_STEPS=100 FAULT_SEED=7` is a long form.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Fault } from '../../src/sandbox/aws/faults.ts';
import { EVERYTHING_FLAGS, type Everything, startEverything } from './everything.ts';
import { needsOwnCluster } from './foreign-cluster.ts';
import { handshake } from './handshake.ts';

const STEPS = Number(process.env.FAULT_STEPS ?? 3);
const SEED = Number(process.env.FAULT_SEED ?? 1);

let all: Everything;
before(async () => {
  if (!needsOwnCluster) all = await startEverything();
});
const loops: { stop(): Promise<void> }[] = [];
after(async () => {
  for (const loop of loops) await loop.stop();
  await all?.world.stop();
});

const random = (() => {
  let state = SEED * 7919;
  return (below: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
})();
const pick = <T>(list: readonly T[]): T => list[random(list.length)] as T;

const KINDS = [
  'throttle',
  'internal',
  'unavailable',
  'denied',
  'lost-request',
  'lost-reply',
  'partial-page',
] as const;
const SERVICES = ['elasticloadbalancing', 'ec2', 'acm', 'route53', 'tagging'] as const;

const awsFault = (): Fault => ({
  kind: pick(KINDS),
  service: pick(SERVICES),
  probability: pick([0.1, 0.5, 1]),
  count: 1 + random(12),
  seed: random(1000),
});

const ANNOTATIONS = 'alb.ingress.kubernetes.io';

/** What users do, as arguments of kubectl; `apply` takes all of it back. */
const EDITS: readonly (readonly string[])[] = [
  ['annotate', '--overwrite', 'ingress/shop', '-n', 'web', `${ANNOTATIONS}/auth-type=odic`],
  ['annotate', '--overwrite', 'ingress/shop', '-n', 'web', `${ANNOTATIONS}/auth-session-timeout=soon`],
  ['annotate', '--overwrite', 'ingress/shop', '-n', 'web', `${ANNOTATIONS}/group.order=2000`],
  ['annotate', '--overwrite', 'ingress/tokens', '-n', 'api', `${ANNOTATIONS}/jwt-validation={`],
  ['annotate', '--overwrite', 'ingress/tokens', '-n', 'api', `${ANNOTATIONS}/backend-protocol=HTTPS`],
  ['annotate', '--overwrite', 'ingress/tokens', '-n', 'api', `${ANNOTATIONS}/tags=a=${'b'.repeat(300)}`],
  ['delete', 'secret/login', '-n', 'web'],
  ['delete', 'secret/tls', '-n', 'web'],
  ['delete', 'ingressclassparams/shared'],
  ['label', '--overwrite', 'namespace/web', 'team=other'],
  ['scale', 'deployment/shop', '-n', 'web', '--replicas=3'],
  ['rollout', 'restart', 'deployment/open', '-n', 'api'],
  ['annotate', '--overwrite', 'ingress/open', '-n', 'api', `${ANNOTATIONS}/dns-cutover=five`],
  ['delete', 'service/shop', '-n', 'web'],
  ['annotate', '--overwrite', 'ingress/open', '-n', 'api', `${ANNOTATIONS}/group.name=front`],
  ['annotate', '--overwrite', 'ingress/gated', '-n', 'api', `${ANNOTATIONS}/scheme=internet-facing`],
  ['annotate', '--overwrite', 'ingress/gated', '-n', 'api', `${ANNOTATIONS}/enable-frontend-nlb=false`],
  ['rollout', 'restart', 'deployment/gated', '-n', 'api'],
  ['delete', 'ingressclass/shared'],
];

const disturbKubernetes = (): void => {
  const faults = all.world.box.kubernetes?.faults;
  const levers = [
    () => faults?.dropWatches(),
    () => faults?.compact(),
    () => faults?.refuseUpdates(3),
    () => faults?.fail(429, 2),
    () => faults?.fail(500, 2),
  ];
  pick(levers)();
};

const HOSTS = ['shop', 'tokens', 'gated', 'moving'].map((name) => `${name}.example.com.`);

/** What must not be missing at any moment. */
const missing = (): readonly string[] => {
  const { zones, targetGroups } = all.world.box.aws.state;
  const names = [...(zones.get('ZEX')?.records.values() ?? [])]
    .filter(({ Type }) => Type === 'A' || Type === 'CNAME')
    .map(({ Name, SetIdentifier = '' }) => `${Name}${SetIdentifier}`);
  return [
    ...HOSTS.filter((host) => !names.some((name) => name.startsWith(host))),
    ...(names.includes('moving.example.com.alb-ingress-before') ? [] : ['what stood at the name']),
    ...([...targetGroups.values()].some((it) => it.TargetGroupName === 'by-hand') ? [] : ['by-hand']),
  ];
};

/** Requests without a pause; what they must not see. */
const watchRequests = () => {
  const wrong: string[] = [];
  /** Statuses of requests to guarded hosts. */
  const seen = new Set<number>();
  let count = 0;
  let going = true;
  const { box, get } = all.world;
  const guarded = async (host: string, backend: string): Promise<void> => {
    const secure = await handshake(box.proxyUrl, host).catch(() => undefined);
    const plain = await get(`http://${host}/`).catch(() => undefined);
    for (const it of [secure, plain]) {
      if (it) seen.add(it.status);
      if (it?.body.includes(backend)) wrong.push(`${host} let somebody in: ${it.status}`);
    }
  };
  const loop = (async () => {
    while (going) {
      await guarded('shop.example.com', 'from-shop');
      await guarded('tokens.example.com', 'from-open');
      const neighbour = await get('http://gated.example.com/').catch((error: unknown) => ({
        status: String(error),
      }));
      if (neighbour.status !== 200) wrong.push(`the neighbour answers ${neighbour.status}`);
      count += 1;
      await sleep(20);
    }
  })();
  return {
    wrong,
    seen,
    count: () => count,
    stop: async () => {
      going = false;
      await loop;
    },
  };
};

const usage = (pid: number): { readonly ticks: number; readonly megabytes: number } => {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  return { ticks: Number(fields[11]) + Number(fields[12]), megabytes: (Number(fields[21]) * 4096) / 1e6 };
};

test(`${STEPS} steps of faults and edits from seed ${SEED}`, { skip: needsOwnCluster }, async (t) => {
  const { world } = all;
  const { aws } = world.box;
  let controller = world.startController(EVERYTHING_FLAGS);
  await all.apply();
  await all.works();
  const expected = await all.content();
  const lost: string[] = [];
  aws.afterWrite = ({ service, operation }) => {
    for (const what of missing()) lost.push(`${what} after ${service} ${operation}`);
  };
  const loop = watchRequests();
  loops.push(loop);
  for (let step = 1; step <= STEPS; step++) {
    const faults = Array.from({ length: 1 + random(3) }, awsFault);
    const edits = Array.from({ length: 1 + random(3) }, () => pick(EDITS));
    const told = JSON.stringify({ step, faults, edits });
    for (const fault of faults) aws.faults.add(fault);
    for (const edit of edits) {
      disturbKubernetes();
      await world.tryKubectl(edit);
      await sleep(random(1500));
    }
    if (random(3) === 0) {
      await controller.kill();
      controller = world.startController(EVERYTHING_FLAGS);
    }
    await sleep(2000);
    aws.faults.clear();
    world.box.kubernetes?.faults.fail(500, 0);
    world.box.kubernetes?.faults.refuseUpdates(0);
    await all.restore();
    await all.works().catch(async (cause: unknown) => {
      const log = controller.log.slice(-12).map((line) => JSON.stringify(line));
      const stacks = await world.kubectl(['get', 'albs']);
      throw new Error([told, ...log, stacks].join('\n'), { cause });
    });
    assert.deepEqual(await all.content(), expected, told);
    assert.deepEqual([lost, loop.wrong], [[], []], told);
  }
  await loop.stop();
  for (const status of [301, 401]) assert.ok(loop.seen.has(status), `${status} of ${[...loop.seen]}`);
  const since = aws.journal.length;
  const pid = controller.process.pid ?? 0;
  const before = usage(pid);
  await sleep(5000);
  const after = usage(pid);
  t.diagnostic(
    `${loop.count()} rounds of requests; then in 5 s ${after.ticks - before.ticks} ticks of 10 ms CPU, ${Math.round(after.megabytes)} MB`,
  );
  assert.deepEqual(world.calls(since), { reads: [], writes: [] }, 'nobody asks AWS without a reason');
});
