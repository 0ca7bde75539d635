/** What records cost in calls: the figures the documentation promises. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Scene, startScene } from './aws-record-scene.ts';

let scene: Scene;
before(async () => {
  scene = await startScene();
});
after(() => scene.stop());

const lists = (): number => scene.world.reads().filter((it) => it === 'ListResourceRecordSets').length;
const changes = (): number => scene.world.writes().filter((it) => it === 'ChangeResourceRecordSets').length;
const many = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, i) => `A h${i}.example.com 60 192.0.2.1`);

test('10,000 records in a zone: a start lists pages, one changed host costs one change and no list', async (t) => {
  const { world } = scene;
  await scene.given(many(9_900));
  const aws = world.connect();
  await scene.apply({ hosts: ['shop.example.com'], aws });
  world.mark();
  await scene.apply({ hosts: ['shop.example.com'], aws });
  const seen = world.connect();
  world.mark();
  await seen.inventory();
  const { zones } = world.state;
  const pages = Math.ceil([...zones.values()].reduce((sum, { records }) => sum + records.size, 0) / 300);
  t.diagnostic(`start: ${lists()} lists for ${pages} pages in ${zones.size} zones`);
  assert.ok(lists() <= pages + zones.size, `${lists()} lists for ${pages} pages in ${zones.size} zones`);

  await scene.apply({ hosts: ['shop.example.com'], aws: seen });
  world.mark();
  await scene.apply({
    hosts: ['shop.example.com'],
    annotations: { 'aws-evaluate-target-health': 'true' },
    aws: seen,
  });
  t.diagnostic(`one host changed: ${changes()} change, ${lists()} lists`);
  assert.equal(changes(), 1);
  // The look at the stack that comes before is this harness's; a controller remembers what it saw.
  assert.ok(lists() <= 1, `${lists()} lists`);
  world.mark();
  await scene.apply({ hosts: ['other.example.com'], aws: seen });
  assert.equal(changes(), 1, 'a new name and the old one gone, together');
  assert.ok(lists() <= 2, `${lists()} lists`);
  assert.ok(scene.records().includes('A other.example.com -> us'));
  assert.ok(!scene.records().some((line) => line.includes('shop.example.com')));
});

test('1,000 hosts at once cost at most four changes, and as many to go', async (t) => {
  const { world } = scene;
  await scene.given([]);
  const aws = world.connect();
  await aws.inventory();
  const hostname = Array.from({ length: 1_000 }, (_, i) => `n${i}.example.com`).join();
  world.mark();
  await scene.apply({ hosts: [], annotations: { hostname }, aws });
  t.diagnostic(`1,000 hosts: ${changes()} changes`);
  assert.ok(changes() <= 4, `${changes()} changes`);
  assert.equal(scene.records().length, 2_000);
  world.mark();
  await scene.apply({ hosts: [], aws, rules: { maxDeletes: 1_000 } });
  assert.ok(changes() <= 4, `${changes()} changes`);
  assert.deepEqual(scene.records(), []);
});

test('a name that was deleted is looked at once more and then forgotten; one whose answer was lost is not', async () => {
  const { world } = scene;
  await scene.given([]);
  const aws = world.connect({ maxAttempts: 1 });
  await scene.apply({ hosts: ['a.example.com', 'b.example.com'], aws });
  const looks = async (): Promise<number> => {
    world.mark();
    await aws.observe('shop/web', []);
    return lists();
  };
  assert.ok((await looks()) > 0);
  const lift = world.faults.add({ kind: 'lost-reply', operation: 'ChangeResourceRecordSets', count: 1 });
  await scene.apply({ hosts: ['b.example.com'], aws });
  lift();
  await scene.apply({ hosts: [], aws });
  assert.deepEqual(scene.records(), []);
  await looks();
  assert.equal(await looks(), 1, 'b is forgotten, a may still be there');
  await scene.apply({ hosts: ['a.example.com'], aws });
  await scene.apply({ hosts: [], aws });
  await looks();
  assert.equal(await looks(), 0);
  await scene.apply({ hosts: ['a.example.com'], aws });
  assert.ok((await looks()) > 0, 'and known again when it is made anew');
});

test('one bad record among hundred is found by halving and fails alone', async () => {
  const { world } = scene;
  await scene.given([]);
  const aws = world.connect();
  await aws.inventory();
  const hostname = Array.from({ length: 100 }, (_, i) => `n${i}.example.com`).join();
  // Somebody takes a name between our look and our change.
  const look = await scene.apply({ hosts: [], annotations: { hostname }, aws, passes: 0 });
  assert.deepEqual(look.outcomes, []);
  world.mark();
  const slow = scene.apply({ hosts: [], annotations: { hostname }, aws, passes: 1 });
  await world.tamper.record('A', 'n42.example.com', '192.0.2.9');
  const { outcomes } = await slow;
  const failed = outcomes.filter(({ result }) => result.status !== 'done');
  assert.ok(failed.length <= 1, JSON.stringify(failed));
  assert.ok(changes() <= 2 + 2 * Math.ceil(Math.log2(100)), `${changes()} changes`);
  assert.ok(scene.records().includes('A n42.example.com 60 192.0.2.9'));
  assert.equal(scene.records().filter((line) => line.includes('-> us')).length, 99);
});
