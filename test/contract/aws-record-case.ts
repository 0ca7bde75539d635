/** A case: what stood in Route 53, what an Ingress says, what stands there then. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Scene, startScene, type Wish } from './aws-record-scene.ts';

export type Case = {
  readonly name: string;
  readonly given?: readonly string[];
  readonly wish: Wish;
  /** What stands in ZEX; default: as given. */
  readonly holds?: readonly string[];
  readonly elsewhere?: Readonly<Record<string, readonly string[]>>;
  readonly problem?: RegExp;
  readonly plan?: RegExp;
  /** Something is left to do, later. */
  readonly waits?: true;
};

export const OURS = '"heritage=alb-ingress,cluster=dev,stack=shop/web"';
export const THEIRS = '"heritage=alb-ingress,cluster=prod,stack=shop/web"';
export const A = 'A shop.example.com -> us';
export const TXT = `TXT _alb-ingress.shop.example.com 300 ${OURS}`;
export const TAKEOVER = { 'alb.ingress.kubernetes.io/dns-takeover': 'true' };
/** An ownership record of external-dns. */
export const external = (name: string, resource = 'ingress/shop/web', owner = 'me'): string =>
  `TXT ${name} 300 "heritage=external-dns,external-dns/owner=${owner},external-dns/resource=${resource}"`;

/** A test for each case; every one is done again after a restart, which must find nothing to do. */
export const testCases = (cases: readonly Case[]): { readonly scene: () => Scene } => {
  let scene: Scene;
  before(async () => {
    scene = await startScene();
  });
  after(() => scene.stop());
  for (const each of cases) test(each.name, () => runCase(scene, each));
  test('every case has its own name', () => {
    assert.equal(new Set(cases.map(({ name }) => name)).size, cases.length);
  });
  return { scene: () => scene };
};

const runCase = async (scene: Scene, each: Case): Promise<void> => {
  const { given = [], wish, holds = given, elsewhere = {}, problem, plan } = each;
  await scene.given(given);
  const applied = await scene.apply(wish);
  assert.deepEqual([...scene.records()], [...holds].sort(), applied.plan);
  for (const [zone, lines] of Object.entries(elsewhere))
    assert.deepEqual([...scene.records(zone)], [...lines].sort(), zone);
  const told = applied.problems.join('\n');
  if (problem) assert.match(told, problem);
  else assert.equal(told, '');
  if (plan) assert.match(applied.plan, plan);
  const again = await scene.apply(wish);
  assert.deepEqual([...scene.records()], [...holds].sort(), 'a second time, after a restart');
  if (!each.waits) assert.doesNotMatch(again.plan, /^[+~<-] /m);
};
