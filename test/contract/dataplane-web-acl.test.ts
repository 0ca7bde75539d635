import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import type { Rule, WebACL } from '@aws-sdk/client-wafv2';
import type { StoredLoadBalancer } from '../../src/sandbox/aws/state.ts';
import { suiteWorld } from './dataplane-suite.ts';
import { ask, eventually, fixed } from './dataplane-world.ts';

const world = suiteWorld();
before(() => {
  for (const [name, Addresses] of [
    ['near', ['127.0.0.7/32', '::1/128']],
    ['far', ['192.0.2.0/24']],
  ] as const)
    world.state.ipSets.set(`arn:${name}`, {
      Name: name,
      Id: name,
      ARN: `arn:${name}`,
      IPAddressVersion: 'IPV4',
      Addresses: [...Addresses],
    });
});

const guarded = async (
  DefaultAction: WebACL['DefaultAction'],
  Rules: readonly Partial<Rule>[] = [],
): Promise<StoredLoadBalancer> => {
  const loadBalancer = world.loadBalancer();
  world.listener(loadBalancer, [fixed('passed')]);
  const ARN = `arn:acl:${loadBalancer.LoadBalancerName}`;
  const complete = Rules.map((rule, index) => ({
    Name: `rule-${index}`,
    Priority: index,
    Statement: undefined,
    VisibilityConfig: undefined,
    ...rule,
  }));
  world.state.webAcls.set(ARN, {
    Name: 'guard',
    Id: 'guard',
    ARN,
    DefaultAction,
    Rules: complete,
    VisibilityConfig: undefined,
  });
  world.state.webAclOf.set(loadBalancer.LoadBalancerArn, ARN);
  await world.changed();
  return loadBalancer;
};

const inSet = (name: string): NonNullable<Rule['Statement']> => ({
  IPSetReferenceStatement: { ARN: `arn:${name}` },
});
const from = (loadBalancer: StoredLoadBalancer, localAddress: string) =>
  ask(world, loadBalancer, { localAddress });

describe('web ACLs', () => {
  test('403 by the default action, from the load balancer itself, and logged as waf', async () => {
    const loadBalancer = await guarded({ Block: {} });
    const answer = await ask(world, loadBalancer);
    assert.deepEqual([answer.status, answer.headers.server], [403, 'awselb/2.0']);
    assert.match(answer.body, /403 Forbidden/);
    await eventually('it is logged', () =>
      world.plane
        .accessLog()
        .some((line) => line.includes(loadBalancer.LoadBalancerName) && line.includes('"waf"')),
    );
  });

  test('allowed requests go on, and the log names both steps', async () => {
    const loadBalancer = await guarded({ Allow: {} });
    assert.equal((await ask(world, loadBalancer)).body, 'passed');
    await eventually('it is logged', () =>
      world.plane.accessLog().some((line) => line.includes('"waf,fixed-response"')),
    );
  });

  test('403 for addresses of a blocked set only', async () => {
    const loadBalancer = await guarded({ Allow: {} }, [{ Statement: inSet('near'), Action: { Block: {} } }]);
    assert.equal((await from(loadBalancer, '127.0.0.7')).status, 403);
    assert.equal((await from(loadBalancer, '127.0.0.8')).status, 200);
  });

  test('an allowed set passes in front of a default that blocks; X-Forwarded-For counts for nothing', async () => {
    const loadBalancer = await guarded({ Block: {} }, [{ Statement: inSet('near'), Action: { Allow: {} } }]);
    assert.equal((await from(loadBalancer, '127.0.0.7')).status, 200);
    const claimed = { localAddress: '127.0.0.8', headers: { 'X-Forwarded-For': '127.0.0.7' } };
    assert.equal((await ask(world, loadBalancer, claimed)).status, 403);
  });

  test('rules go by priority; one that counts ends nothing; negations', async () => {
    const loadBalancer = await guarded({ Block: {} }, [
      { Priority: 9, Statement: inSet('near'), Action: { Allow: {} } },
      { Priority: 1, Statement: inSet('near'), Action: { Count: {} } },
      { Priority: 2, Statement: inSet('near'), Action: { Block: {} } },
      { Priority: 3, Statement: { NotStatement: { Statement: inSet('near') } }, Action: { Allow: {} } },
    ]);
    assert.equal((await from(loadBalancer, '127.0.0.7')).status, 403);
    assert.equal((await from(loadBalancer, '127.0.0.8')).status, 200);
  });

  test('the web ACL stands in front of every rule of every listener, and goes with its association', async () => {
    const loadBalancer = await guarded({ Block: {} });
    world.listener(loadBalancer, [fixed('second')], { Port: 81 });
    await world.changed();
    assert.equal((await ask(world, loadBalancer, { port: 81 })).status, 403);
    world.state.webAclOf.delete(loadBalancer.LoadBalancerArn);
    await world.changed();
    assert.equal((await ask(world, loadBalancer, { port: 81 })).body, 'second');
  });

  const unsupported: readonly (readonly [string, Partial<Rule>, RegExp])[] = [
    [
      'a managed rule group',
      {
        Statement: { ManagedRuleGroupStatement: { VendorName: 'AWS', Name: 'Common' } },
        OverrideAction: { None: {} },
      },
      /'guard'.*rule 'rule-0' with ManagedRuleGroupStatement/,
    ],
    [
      'a rate',
      { Statement: { RateBasedStatement: { Limit: 100, AggregateKeyType: 'IP' } }, Action: { Block: {} } },
      /RateBasedStatement/,
    ],
    ['a captcha', { Statement: inSet('far'), Action: { Captcha: {} } }, /rule 'rule-0' with Captcha/],
    [
      'an answer of its own',
      { Statement: inSet('far'), Action: { Block: { CustomResponse: { ResponseCode: 429 } } } },
      /rule 'rule-0' with CustomResponse/,
    ],
    [
      'forwarded addresses',
      {
        Statement: {
          IPSetReferenceStatement: {
            ARN: 'arn:near',
            IPSetForwardedIPConfig: {
              HeaderName: 'X-Forwarded-For',
              FallbackBehavior: 'MATCH',
              Position: 'ANY',
            },
          },
        },
        Action: { Block: {} },
      },
      /forwarded addresses/,
    ],
    [
      'a set that is gone',
      { Statement: inSet('gone'), Action: { Block: {} } },
      /IP set arn:gone, which does not exist/,
    ],
  ];
  for (const [what, rule, says] of unsupported) {
    test(`501 naming it for a web ACL with ${what}`, async () => {
      const answer = await ask(world, await guarded({ Allow: {} }, [rule]));
      assert.equal(answer.status, 501);
      assert.match(answer.body, says);
    });
  }

  test('501 for an association with a web ACL that is gone', async () => {
    const loadBalancer = await guarded({ Allow: {} });
    world.state.webAclOf.set(loadBalancer.LoadBalancerArn, 'arn:acl:gone');
    await world.changed();
    assert.match(
      (await ask(world, loadBalancer)).body,
      /web ACL arn:acl:gone, which the sandbox does not hold/,
    );
  });
});
