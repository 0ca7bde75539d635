/** Cut-overs on the sandbox: shares in steps, health as the gate, a way back, and nothing remembered but Route 53. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { A, external, TAKEOVER, TXT } from './aws-record-case.ts';
import { type Applied, type Scene, startScene, type Wish } from './aws-record-scene.ts';

let scene: Scene;
before(async () => {
  scene = await startScene();
});
after(() => scene.stop());

const MINUTE = 60_000;
const T0 = 1_800_000_000_000;
const MARK = TXT.replace('web"', 'web,cutover-since=');
const cutover = (value: string, more: Readonly<Record<string, string>> = {}) => ({
  annotations: {
    'alb.ingress.kubernetes.io/dns-cutover': value,
    'alb.ingress.kubernetes.io/dns-cutover-interval': '5m',
    ...more,
  },
});
const PLAN = cutover('10,50,100');
const OLD = ['A shop.example.com 60 192.0.2.1', 'AAAA shop.example.com 60 2001:db8::1'];
/** The pair, as the scene writes it. */
const pair = (share: number, minute: number): readonly string[] =>
  [
    `A shop.example.com -> us [alb-ingress weighted ${share}]`,
    `A shop.example.com 60 192.0.2.1 [alb-ingress-before weighted ${100 - share}]`,
    `AAAA shop.example.com -> us [alb-ingress weighted ${share}]`,
    `AAAA shop.example.com 60 2001:db8::1 [alb-ingress-before weighted ${100 - share}]`,
    `${MARK}${(T0 + minute * MINUTE) / 1000}" [alb-ingress weighted 1]`,
  ].sort();
/** A pass of a controller that has just started, some minutes later. */
const at = (minute: number, wish: Wish): Promise<Applied> =>
  scene.apply({ ...wish, now: T0 + minute * MINUTE });
const stands = (lines: readonly string[], applied: Applied): void =>
  assert.deepEqual([...scene.records()], [...lines].sort(), applied.plan);

test('from records of others to ours in three steps, each after its interval, each by a new controller', async () => {
  await scene.given(OLD);
  stands(pair(10, 0), await at(0, PLAN));
  stands(pair(10, 0), await at(4.9, PLAN));
  stands(pair(50, 5), await at(5, PLAN));
  stands(pair(50, 5), await at(9.9, PLAN));
  stands(pair(100, 10), await at(10, PLAN));
  scene.world.mark();
  stands([A, TXT], await at(15, PLAN));
  assert.deepEqual(scene.world.writes(), ['ChangeResourceRecordSets'], 'one batch');
  const later = await at(100, PLAN);
  stands([A, TXT], later);
  assert.doesNotMatch(later.plan, /^[+~<-]/m);
});

test('every step is one batch, and says so in the plan', async () => {
  await scene.given(OLD);
  scene.world.mark();
  const first = await at(0, PLAN);
  assert.match(first.plan, /adopt dns-record\/ZEX\/shop\.example\.com\n.*new load balancer is active/);
  const next = await at(1, PLAN);
  assert.match(next.plan, /300 s have passed since the last step/);
  assert.match(next.plan, /otherwise everything goes back/);
  assert.match(next.plan, /routing: .*weight=10 -> .*weight=50/);
  assert.deepEqual(scene.world.writes(), ['ChangeResourceRecordSets']);
});

test('nothing begins, and nothing goes on, before the load balancer serves', async () => {
  await scene.given(OLD);
  const sick = { ...PLAN, targets: 'unhealthy' } as const;
  const waits = await at(0, sick);
  stands(OLD, waits);
  assert.match(JSON.stringify(waits.outcomes.at(-1)?.result), /none of the \d targets/);
  stands(pair(10, 1), await at(1, PLAN));
});

test('when it stops serving everything goes back, rests, and begins again', async () => {
  await scene.given(OLD);
  await at(0, PLAN);
  stands(pair(50, 5), await at(5, PLAN));
  const sick = { ...PLAN, targets: 'unhealthy' } as const;
  const returned = await at(6, sick);
  stands(pair(0, 6), returned);
  stands(pair(0, 6), await at(30, sick));
  stands(pair(10, 31), await at(31, PLAN));
});

test('paused it stays, but goes back all the same when it stops serving; and begins again when resumed', async () => {
  await scene.given(OLD);
  await at(0, PLAN);
  const paused = cutover('pause');
  stands(pair(10, 0), await at(60, paused));
  stands(pair(0, 61), await at(61, { ...paused, targets: 'unhealthy' }));
  stands(pair(0, 61), await at(90, paused));
  stands(pair(10, 91), await at(91, PLAN));
});

test('return sends everything back at once and stays, even while nothing serves', async () => {
  await scene.given(OLD);
  await at(0, PLAN);
  const back = { ...cutover('return'), targets: 'unhealthy' } as const;
  stands(pair(0, 1), await at(1, back));
  stands(pair(0, 1), await at(60, back));
});

test('without the annotation what was there is put back as it was, and is told', async () => {
  await scene.given(OLD);
  await at(0, PLAN);
  await at(1, {});
  const after = await at(2, {});
  stands(OLD, after);
  assert.match(after.problems.join(), /HeldBack: .*A record shop\.example\.com -> 192\.0\.2\.1/);
});

test('an Ingress that is deleted gives the name back', async () => {
  await scene.given(OLD);
  await at(0, PLAN);
  stands(OLD, await at(1, { ...PLAN, hosts: [] }));
});

test('dns-takeover ends it at once', async () => {
  await scene.given(OLD);
  await at(0, PLAN);
  const all = cutover('10,50,100', TAKEOVER);
  stands(pair(0, 1), await at(1, { ...all, targets: 'unhealthy' }));
  stands([A, TXT], await at(1, all));
});

test('a weight changed by hand counts, and so does the other half taken away', async () => {
  await scene.given(OLD);
  await at(0, PLAN);
  await scene.given(pair(70, 0));
  stands(pair(100, 5), await at(5, PLAN));
  await scene.given(pair(70, 0).filter((line) => !line.includes('before')));
  stands([A, TXT], await at(6, PLAN));
});

test('the list may change on the way', async () => {
  await scene.given(OLD);
  await at(0, PLAN);
  stands(pair(25, 5), await at(5, cutover('5,25,75')));
  stands([A, TXT], await at(10, cutover('20')));
});

for (const [name, old, half, rest] of [
  [
    'another load balancer',
    ['A shop.example.com -> other'],
    ['A shop.example.com -> us [alb-ingress weighted 10]'],
    ['A shop.example.com -> other [alb-ingress-before weighted 90]'],
  ],
  [
    'a CNAME, beside which there can be CNAMEs only',
    ['CNAME shop.example.com 30 nginx-123.elb.eu-west-1.amazonaws.com'],
    ['CNAME shop.example.com 30 us [alb-ingress weighted 10]'],
    ['CNAME shop.example.com 30 nginx-123.elb.eu-west-1.amazonaws.com [alb-ingress-before weighted 90]'],
  ],
] as const)
  test(`from ${name}`, async () => {
    await scene.given(old);
    stands([...half, ...rest, `${MARK}${T0 / 1000}" [alb-ingress weighted 1]`], await at(0, PLAN));
    await at(5, PLAN);
    await at(10, PLAN);
    stands([A, TXT], await at(15, PLAN));
  });

for (const access of [{}, { adoptOwner: 'me' }])
  test(`a record of external-dns ${access.adoptOwner ? 'that is adopted' : ''} keeps its words until the end`, async () => {
    const words = [external('shop.example.com'), external('a-shop.example.com')];
    await scene.given(['A shop.example.com -> other', ...words]);
    const half = await at(0, { ...PLAN, access });
    stands(
      [
        'A shop.example.com -> us [alb-ingress weighted 10]',
        'A shop.example.com -> other [alb-ingress-before weighted 90]',
        `${MARK}${T0 / 1000}" [alb-ingress weighted 1]`,
        ...words,
      ],
      half,
    );
    await at(5, { ...PLAN, access });
    await at(10, { ...PLAN, access });
    stands([A, TXT], await at(15, { ...PLAN, access }));
  });

test('a name that others share already, or another cluster owns, is left alone', async () => {
  for (const lines of [
    ['A shop.example.com -> other [prod weighted 90]'],
    ['A shop.example.com -> other', TXT.replace('=dev', '=prod')],
  ]) {
    await scene.given(lines);
    const applied = await at(0, PLAN);
    stands(lines, applied);
    assert.match(applied.problems.join(), /HeldBack/);
  }
});

test('pause and return begin nothing; a routing policy of the user excludes it', async () => {
  await scene.given(OLD);
  for (const word of ['pause', 'return']) stands(OLD, await at(0, cutover(word)));
  const both = await at(0, cutover('10', { 'set-identifier': 'x', 'aws-weight': '1' }));
  stands(OLD, both);
  assert.match(both.problems.join(), /InvalidAnnotation: .*set-identifier: expected none with .*dns-cutover/);
});

test('a free name needs no steps', async () => {
  await scene.given([]);
  stands([A, TXT], await at(0, PLAN));
});

test('policies: create-only shares nothing; upsert-only shares and does not give back', async () => {
  await scene.given(OLD);
  const never = await at(0, { ...PLAN, rules: { policy: 'create-only' } });
  stands(OLD, never);
  assert.match(never.problems.join(), /create-only/);
  const rules = { policy: 'upsert-only' } as const;
  await at(0, { ...PLAN, rules });
  stands(pair(10, 0), await at(1, { rules }));
});

test('an Ingress that changes its group on the way takes the pair along, at its share', async () => {
  const ofGroup = pair(50, 0).map((line) =>
    line.replace('stack=shop/web', 'stack=front').replace('-> us', '-> other'),
  );
  await scene.given(ofGroup);
  stands(ofGroup, await at(1, { ...PLAN, from: 'else' }));
  stands(ofGroup, await at(1, { ...PLAN, from: 'front', targets: 'unhealthy' }));
  stands(pair(50, 1), await at(1, { ...PLAN, from: 'front' }));
  stands(pair(100, 6), await at(6, PLAN));
});

test('when AWS does not tell whether it serves, nothing goes on and nothing goes back', async () => {
  await scene.given(OLD);
  await at(0, PLAN);
  for (const wish of [PLAN, cutover('pause')]) {
    scene.world.faults.clear();
    // Reading the stack asks once for each group.
    const skip = scene.world.state.targetGroups.size;
    scene.world.faults.add({ kind: 'internal', operation: 'DescribeTargetHealth', skip });
    const blind = await at(5, { ...wish, access: { maxAttempts: 1 } });
    assert.match(JSON.stringify(blind.outcomes.at(-1)?.result), /AWS did not tell/);
  }
  scene.world.faults.clear();
  stands(pair(10, 0), await at(1, PLAN));
});

test('a target group without targets serves nobody either, while there is something to go back to', async () => {
  await scene.given(OLD);
  await at(0, PLAN);
  const emptied = [...scene.world.state.targetGroups.values()].map(
    (group) => [group, [...group.targets]] as const,
  );
  for (const [group] of emptied) group.targets.clear();
  const aws = scene.world.connect();
  // The pass that would register them again comes to the name first.
  const seen = await at(5, { ...PLAN, aws, passes: 1 });
  for (const [group, targets] of emptied) for (const [id, target] of targets) group.targets.set(id, target);
  assert.notDeepEqual([...scene.records()], [...pair(50, 5)], seen.plan);
});

test('many names that are shared look together whether their load balancer serves', async () => {
  const looksFor = async (names: readonly string[]): Promise<number> => {
    await scene.given(names.map((name) => `A ${name} 60 192.0.2.1`));
    const wish = { ...PLAN, hosts: [], annotations: { ...PLAN.annotations, hostname: names.join() } };
    await at(0, wish);
    const aws = scene.world.connect();
    scene.world.mark();
    await at(1, { ...wish, aws, passes: 1 });
    return scene.world.reads().filter((operation) => operation === 'DescribeTargetHealth').length;
  };
  const one = await looksFor(['a.example.com']);
  assert.ok(one > 0);
  assert.equal(await looksFor(['a', 'b', 'c', 'd'].map((label) => `${label}.example.com`)), one);
});
