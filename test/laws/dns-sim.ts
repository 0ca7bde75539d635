/**
 * Random lives of records under random faults: throttling, lost requests and replies, short pages, empty views and
 * restarts. After every step: no record of a living Ingress is gone, and no foreign record has changed.
 */
import assert from 'node:assert/strict';
import type { Aws } from '../../src/core/ports.ts';
import type { Scene } from '../contract/aws-record-scene.ts';

export const FAULTS = [
  'throttle',
  'lost-request',
  'lost-reply',
  'partial-page',
  'internal',
  'unavailable',
] as const;
const NAMES = ['a', 'b', 'c', '*.w', 'x.dev'].map((label) => `${label}.example.com`);
const FOREIGN = [
  'A f.example.com 60 192.0.2.1',
  'CNAME g.example.com 60 x.org',
  'A h.example.com -> other [prod weighted 90]',
  'TXT _alb-ingress.h.example.com 300 "heritage=alb-ingress,cluster=prod,stack=shop/web" [prod weighted 1]',
  'A k.example.com -> other',
  'TXT a-k.example.com 300 "heritage=external-dns,external-dns/owner=else,external-dns/resource=ingress/shop/web"',
  'TXT a.example.com 60 "v=spf1 -all"',
];
const CONTESTED = ['f.example.com', 'g.example.com', 'k.example.com'] as const;

/** A generator of 32 bits (mulberry32): the same seed is the same life. */
export const chanceOf = (seed: number) => {
  let state = seed >>> 0;
  return (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
};

type Life = {
  readonly scene: Scene;
  readonly chance: () => number;
  /** Names the Ingress states. */
  wanted: readonly string[];
  /** Undefined: the controller has just started. */
  aws: Aws | undefined;
  faults: number;
};

/** One life of `steps` changes of mind; returns how many faults there were. Rejects with the seed when a law is broken. */
export const liveThrough = async (scene: Scene, seed: number, steps: number): Promise<number> => {
  scene.world.faults.clear();
  await scene.given(FOREIGN);
  const life: Life = { scene, chance: chanceOf(seed), wanted: [], aws: undefined, faults: 0 };
  for (let step = 0; step < steps; step++) {
    const standing = ours(scene);
    const before = life.wanted;
    if (life.chance() < 0.6) life.wanted = NAMES.filter(() => life.chance() < 0.5);
    const vanished = life.chance() > 0.85;
    await stepOf(life, vanished);
    const where = `seed ${seed}, step ${step}${vanished ? ' (nothing seen)' : ''}`;
    for (const line of FOREIGN)
      assert.ok(scene.records().includes(line), `${where}: a foreign record changed: ${line}`);
    const now = ours(scene);
    const mustStand = standing.filter(
      (name) => vanished || (life.wanted.includes(name) && before.includes(name)),
    );
    for (const name of mustStand)
      assert.ok(now.includes(name), `${where}: ${name} is gone, and its Ingress lives`);
  }
  await scene.apply({
    hosts: [],
    annotations: { hostname: life.wanted.join() },
    access: { recordWindow: 5 },
  });
  assert.deepEqual(
    ours(scene).sort(),
    [...life.wanted].sort(),
    `seed ${seed}: it does not end where it should`,
  );
  for (const name of ours(scene)) assert.ok(hasOwner(scene, name), `seed ${seed}: ${name} has no owner`);
  return life.faults;
};

const stepOf = async (life: Life, vanished: boolean): Promise<void> => {
  const { scene, chance } = life;
  const pick = <T>(of: readonly [T, ...T[]]): T => of[Math.floor(chance() * of.length)] ?? of[0];
  if (chance() < 0.4) life.aws = undefined;
  life.aws ??= scene.world.connect({ maxAttempts: 1, recordWindow: 5 });
  const faults = Math.floor(chance() * 3);
  for (let i = 0; i < faults; i++)
    scene.world.faults.add({
      kind: pick(FAULTS),
      service: 'route53',
      skip: Math.floor(chance() * 6),
      count: 1,
    });
  life.faults += faults;
  const hostname = [...life.wanted, ...(chance() < 0.3 ? [pick(CONTESTED)] : [])].join();
  const annotations = { hostname, ...(chance() < 0.2 && { 'aws-evaluate-target-health': 'true' }) };
  try {
    await scene.apply({ hosts: [], annotations, vanished, aws: life.aws, passes: 2 });
  } catch {
    // A look that failed changes nothing; whoever asked asks again.
    life.aws = undefined;
  }
  scene.world.faults.clear();
};

const everything = (scene: Scene): readonly string[] => [...scene.records(), ...scene.records('ZDEV')];

const ours = (scene: Scene): string[] =>
  everything(scene).flatMap((line) => /^A (\S+) -> us(\+health)?$/.exec(line)?.[1] ?? []);

const hasOwner = (scene: Scene, name: string): boolean => {
  const at = name.startsWith('*.') ? `_any.${name.slice(2)}` : name;
  return everything(scene).some((line) => line.startsWith(`TXT _alb-ingress.${at} `));
};
