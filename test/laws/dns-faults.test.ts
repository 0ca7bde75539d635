import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Scene, startScene } from '../contract/aws-record-scene.ts';
import { liveThrough } from './dns-sim.ts';

let scene: Scene;
before(async () => {
  scene = await startScene();
});
after(() => scene.stop());

/** Every start of a controller keeps its sockets until the server goes. */
const renew = async (): Promise<void> => {
  await scene.stop();
  scene = await startScene();
};

/** `DNS_SIM_RUNS=10000` is the long form, `DNS_SIM_SEED` the first seed. */
const RUNS = Number(process.env.DNS_SIM_RUNS ?? 25);
const FIRST = Number(process.env.DNS_SIM_SEED ?? 1);

test(`${RUNS} lives under faults: nothing living is deleted, nothing foreign changes`, async () => {
  let faults = 0;
  for (let seed = FIRST; seed < FIRST + RUNS; seed++) {
    faults += await liveThrough(scene, seed, 6);
    if (seed % 100 === 0) await renew();
  }
  assert.ok(faults > RUNS, `only ${faults} faults`);
});

test('a reply lost, a request lost, a throttle at every call of a change: it ends the same', async () => {
  for (const kind of ['lost-reply', 'lost-request', 'throttle', 'partial-page', 'internal'] as const)
    for (let skip = 0; skip < 5; skip++) {
      scene.world.faults.clear();
      await scene.given(['A f.example.com 60 192.0.2.1']);
      scene.world.faults.add({ kind, service: 'route53', skip, count: 1 });
      const aws = scene.world.connect({ maxAttempts: 1, recordWindow: 5 });
      const first = scene.apply({ hosts: ['a.example.com', 'f.example.com'], aws, passes: 1 });
      await first.catch(() => undefined);
      scene.world.faults.clear();
      await scene.apply({ hosts: ['a.example.com', 'f.example.com'], access: { recordWindow: 5 } });
      const lines = scene.records();
      assert.ok(lines.includes('A a.example.com -> us'), `${kind} ${skip}: ${lines.join('; ')}`);
      assert.ok(lines.includes('A f.example.com 60 192.0.2.1'), `${kind} ${skip}`);
      assert.equal(lines.length, 3, `${kind} ${skip}: ${lines.join('; ')}`);
    }
});
