/**
 * Random lives of a cut-over: time, health, annotations, faults and restarts as they come. What stood at the name is
 * never lost before the end, our share rises step by step only, and only while we serve.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Scene, startScene } from '../contract/aws-record-scene.ts';
import { chanceOf, FAULTS } from './dns-sim.ts';

let scene: Scene;
before(async () => {
  scene = await startScene();
});
after(() => scene.stop());

/** A tenth of the other lives: each has more steps. */
const RUNS = Math.ceil(Number(process.env.DNS_SIM_RUNS ?? 120) / 10);
const FIRST = Number(process.env.DNS_SIM_SEED ?? 1);
const STEPS = [10, 50, 100];
const INTERVAL = 300;
const OLD = 'A shop.example.com 60 192.0.2.1';
const T0 = 1_800_000_000;

type State =
  | { readonly is: 'old' | 'ours' }
  | { readonly is: 'shared'; readonly share: number; readonly since: number };

/** What stands at the name; anything else than the three states breaks the law. */
const stateOf = (lines: readonly string[], where: string): State => {
  const text = lines.join('\n');
  if (text === OLD) return { is: 'old' };
  if (
    /^A \S+ -> us\nTXT _alb-ingress\.\S+ 300 "heritage=alb-ingress,cluster=dev,stack=shop\/web"$/.test(text)
  )
    return { is: 'ours' };
  const [, share, rest, since] =
    /^A \S+ -> us \[alb-ingress weighted (\d+)\]\nA \S+ 60 192\.0\.2\.1 \[alb-ingress-before weighted (\d+)\]\nTXT \S+ 300 "heritage=alb-ingress,cluster=dev,stack=shop\/web,cutover-since=(\d+)" \[alb-ingress weighted 1\]$/.exec(
      text,
    ) ?? [];
  assert.ok(share !== undefined, `${where}: what stands there is none of the states:\n${text}`);
  assert.equal(Number(share) + Number(rest), 100, where);
  return { is: 'shared', share: Number(share), since: Number(since) };
};

const assertStep = (
  was: State,
  is: State,
  wish: string,
  serves: boolean,
  now: number,
  where: string,
): void => {
  const share = (state: State): number =>
    state.is === 'shared' ? state.share : state.is === 'old' ? 0 : 101;
  const rises = share(is) > share(was);
  if (rises) {
    assert.ok(serves, `${where}: a name moved to what does not serve`);
    assert.equal(wish, STEPS.join(), `${where}: it moved without being told to`);
    assert.equal(share(is), STEPS.find((step) => step > share(was)) ?? 101, `${where}: a step was left out`);
    if (was.is === 'shared')
      assert.ok(now >= was.since + INTERVAL, `${where}: ${now - was.since} s after the last step`);
  }
  if (was.is === 'ours') assert.equal(is.is, 'ours', where);
  if (was.is !== 'old' && is.is === 'old')
    assert.equal(wish, '', `${where}: given back without being told to`);
};

const liveThrough = async (seed: number): Promise<void> => {
  const chance = chanceOf(seed);
  const pick = <T>(of: readonly [T, ...T[]]): T => of[Math.floor(chance() * of.length)] ?? of[0];
  await scene.given([OLD]);
  let now = T0;
  let was = stateOf(scene.records(), `seed ${seed}`);
  const pass = async (wish: string, serves: boolean, faulty: boolean, where: string): Promise<void> => {
    for (let i = faulty ? Math.floor(chance() * 3) : 0; i > 0; i--)
      scene.world.faults.add({
        ...{ kind: pick(FAULTS), service: 'route53', skip: Math.floor(chance() * 6), count: 1 },
      });
    const annotations = {
      'alb.ingress.kubernetes.io/dns-cutover-interval': String(INTERVAL),
      ...(wish !== '' && { 'alb.ingress.kubernetes.io/dns-cutover': wish }),
    };
    await scene
      .apply({
        ...{ annotations, now: now * 1000, passes: 1 },
        targets: serves ? 'healthy' : 'unhealthy',
        access: { maxAttempts: 1, recordWindow: 5 },
      })
      .catch(() => undefined);
    scene.world.faults.clear();
    const is = stateOf(scene.records(), where);
    assertStep(was, is, wish, serves, now, where);
    was = is;
  };
  for (let step = 0; step < 12; step++) {
    now += Math.floor(chance() * 400);
    const wish = pick([STEPS.join(), STEPS.join(), STEPS.join(), 'pause', 'return', '']);
    await pass(wish, chance() < 0.75, true, `seed ${seed}, step ${step}`);
  }
  for (let i = 0; i <= STEPS.length + 1; i++) {
    await pass(STEPS.join(), true, false, `seed ${seed}, end ${i}`);
    now += INTERVAL;
  }
  assert.deepEqual(was, { is: 'ours' }, `seed ${seed}: it does not end`);
};

test(`${RUNS} lives of a cut-over: nothing is lost, nothing moves too early or to what does not serve`, async () => {
  for (let seed = FIRST; seed < FIRST + RUNS; seed++) {
    await liveThrough(seed);
    // Every start of a controller keeps its sockets until the server goes.
    if (seed % 20 === 0) {
      await scene.stop();
      scene = await startScene();
    }
  }
});
