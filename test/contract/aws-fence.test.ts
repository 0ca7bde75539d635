/** A request that writes is asked about right before it goes out, also in the middle of an operation. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connectAws } from '../../src/aws/aws.ts';
import { NOTHING } from '../../src/core/model/actual.ts';
import { securityGroupKey } from '../../src/core/model/key.ts';
import type { Create } from '../../src/core/plan/plan.ts';
import { startAws } from '../../src/sandbox/aws/server.ts';

test('a gate that closes between two requests of one operation stops the second', async () => {
  process.env.AWS_ACCESS_KEY_ID ??= 'sandbox';
  process.env.AWS_SECRET_ACCESS_KEY ??= 'sandbox';
  const box = await startAws();
  try {
    let asked = 0;
    const aws = connectAws({
      region: box.region,
      clusterName: 'dev',
      endpoint: box.url,
      budget: 'off',
      route53: 'off',
      log: () => undefined,
      mayWrite: () => ++asked === 1,
    });
    const key = securityGroupKey('ns/web');
    const create: Create = {
      verb: 'create',
      key,
      after: [],
      resource: {
        kind: 'security-group',
        key,
        spec: {
          name: 'k8s-web',
          description: 'd',
          vpc: 'vpc-1',
          inbound: [{ protocol: 'tcp', fromPort: 80, toPort: 80, cidr: '0.0.0.0/0' }],
          tags: { team: 'a' },
        },
      },
    };
    const attempt = await aws.perform(create, NOTHING);
    assert.equal(attempt.status, 'failed');
    assert.equal(attempt.status === 'failed' && attempt.code, 'NotLeading');
    const writes = box.journal.filter((entry) => entry.writes).map((entry) => entry.operation);
    assert.deepEqual(writes, ['CreateSecurityGroup']);
    await aws.facts(0);
  } finally {
    await box.stop();
  }
});
