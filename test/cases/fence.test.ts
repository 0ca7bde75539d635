/** A controller that does not lead writes nothing, whatever it asks of its ports. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fenced } from '../../src/controller/fence.ts';
import type { Aws, Kube } from '../../src/core/ports.ts';

const READS = ['start', 'snapshot', 'ages', 'lookAtSecrets', 'stop'];

/** A port that notes what it is asked for. */
const noting = <T extends object>(asked: string[]): T =>
  new Proxy({} as T, { get: (_, name) => async () => void asked.push(String(name)) });

test('a closed gate stops every write to Kubernetes, an open one none', async () => {
  for (const open of [false, true]) {
    const asked: string[] = [];
    const ports = { aws: noting<Aws>([]), kube: noting<Kube>(asked) };
    const { kube } = fenced(ports, { mayWrite: () => open });
    const writes = Object.entries(kube).filter(([name]) => !READS.includes(name));
    assert.ok(writes.length >= 8, `${writes.length} writes`);
    for (const [, write] of writes)
      await (write as (...given: readonly unknown[]) => Promise<unknown>)({}, {}, {}).catch(() => undefined);
    assert.deepEqual(asked, open ? writes.map(([name]) => name) : []);
  }
});
