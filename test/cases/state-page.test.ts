import assert from 'node:assert/strict';
import { test } from 'node:test';
import { statePage } from '../../src/cli/state-page.ts';
import { makeController } from '../../src/controller/controller.ts';
import { NOTHING } from '../../src/core/model/actual.ts';
import type { PlannedStack } from '../../src/core/plan/plan-stack.ts';

test('/state hides what is called a secret, in objects and in changes', () => {
  const controller = makeController(
    {
      cluster: 'dev',
      scope: { ingressClass: 'alb', namespaces: [] },
      dns: true,
      graces: { loadBalancer: 0, targetGroup: 0 },
      targetHealthWait: 0,
      auditSeconds: 60,
    },
    { clock: { now: () => 0, sleep: async () => undefined } } as unknown as Parameters<
      typeof makeController
    >[1],
  );
  const planned = {
    desired: { graph: new Map(), accepted: [] },
    problems: [],
    plan: {
      operations: [
        { clientSecret: 'hush-1', changes: [{ field: 'action.clientSecret', from: 'hush-2', to: 'hush-3' }] },
        { changes: [{ field: 'idle timeout', from: '30', to: '60' }] },
      ],
    },
  } as unknown as PlannedStack;
  const page = statePage({
    ...controller,
    stacks: () => new Map([['web/shop', { actual: NOTHING, planned }]]),
  });
  assert.doesNotMatch(page, /hush/);
  assert.match(page, /"to": "60"/);
  assert.match(page, /"stack": "web\/shop"/);
});
