import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ListCertificatesCommand } from '@aws-sdk/client-acm';
import { awsBudget, type Budget, type Timer } from '../../src/aws/budget.ts';
import { createClients } from '../../src/aws/clients.ts';
import { startWorld } from './aws-world.ts';

/** Time that passes only when somebody sleeps. */
const virtualTimer = (): Timer & { passed(): number } => {
  let now = 0;
  return {
    now: () => now,
    passed: () => now,
    sleep: async (ms) => {
      now += ms;
    },
  };
};

const times = async (
  count: number,
  budget: Budget,
  operation: string,
  service: 'elbv2' | 'route53' = 'elbv2',
) => {
  for (let i = 0; i < count; i++) await budget.take(service, operation);
};

test('a burst passes without waiting, then requests follow at the documented rate', async () => {
  const timer = virtualTimer();
  const budget = awsBudget(timer);
  await times(20, budget, 'CreateRule');
  assert.equal(timer.passed(), 0);
  await times(6, budget, 'CreateRule');
  assert.ok(Math.abs(timer.passed() - 2000) <= 10, `6 writes at 3/s take 2 s, not ${timer.passed()} ms`);
});

test('creating load balancers is rationed apart from other writes, and Route 53 apart from ELBv2', async () => {
  const timer = virtualTimer();
  const budget = awsBudget(timer);
  await times(10, budget, 'CreateLoadBalancer');
  await times(5, budget, 'ChangeResourceRecordSets', 'route53');
  await times(15, budget, 'CreateRule');
  assert.equal(timer.passed(), 0);
  await times(1, budget, 'CreateLoadBalancer');
  assert.ok(Math.abs(timer.passed() - 5000) <= 10, `the 11th waits 5 s, not ${timer.passed()} ms`);
});

test('throttling empties the bucket and halves the rate; answers bring it back', async () => {
  const timer = virtualTimer();
  const budget = awsBudget(timer);
  await times(1, budget, 'ListResourceRecordSets', 'route53');
  budget.settle('route53', 'ListResourceRecordSets', true);
  await times(5, budget, 'ListResourceRecordSets', 'route53');
  const slow = timer.passed();
  assert.ok(Math.abs(slow - 2000) <= 10, `5 requests at 2.5/s take 2 s, not ${slow} ms`);
  for (let i = 0; i < 10; i++) budget.settle('route53', 'ListResourceRecordSets', false);
  await times(5, budget, 'ListResourceRecordSets', 'route53');
  assert.ok(Math.abs(timer.passed() - slow - 1000) <= 10, 'back at 5/s');
});

test('requests that wait go in the order they came', async () => {
  const budget = awsBudget(virtualTimer());
  const order: number[] = [];
  await Promise.all(
    Array.from({ length: 30 }, (_, i) => budget.take('elbv2', 'CreateRule').then(() => order.push(i))),
  );
  assert.deepEqual(
    order,
    order.toSorted((a, b) => a - b),
  );
});

test('every request passes the budget, and one that AWS throttled slows it down', async () => {
  const world = await startWorld();
  try {
    const taken: string[] = [];
    const budget: Budget = {
      take: async (service, operation) => {
        taken.push(`${service} ${operation}`);
      },
      settle: (_, operation, throttled) => {
        taken.push(`${operation} ${throttled ? 'throttled' : 'answered'}`);
      },
    };
    world.faults.add({ kind: 'throttle', count: 1 });
    const { region, endpoint } = world;
    const { acm } = createClients({
      region,
      endpoint,
      maxAttempts: 2,
      budget,
      onCall: () => {},
      mayWrite: () => true,
      log: () => {},
    });
    await acm.send(new ListCertificatesCommand({}));
    const request = 'acm ListCertificates';
    assert.deepEqual(taken, [request, 'ListCertificates throttled', request, 'ListCertificates answered']);
  } finally {
    await world.stop();
  }
});
