/** Values that IngressClassParams cannot have: said by their place, and what they would set stays as it is. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readParams } from '../../src/core/ingress-class/read-params.ts';

const LISTENER = { protocol: 'HTTP', port: 80, listenerAttributes: [{ key: 'a', value: 'b' }] };

const ROWS: readonly (readonly [spec: Readonly<Record<string, unknown>>, said: string, stays: string])[] = [
  [{ subnets: 'subnet-a' }, 'spec.subnets: expected an object with ids or tags', 'subnets'],
  [{ subnets: {} }, 'spec.subnets: expected exactly one of ids and tags', 'subnets'],
  [{ subnets: { ids: [] } }, 'spec.subnets.ids: expected a list of subnet ids, not empty', 'subnets'],
  [{ subnets: { ids: 'subnet-a' } }, 'spec.subnets.ids: expected a list of subnet ids', 'subnets'],
  [{ subnets: { ids: ['subnet-a', 'web'] } }, 'spec.subnets.ids[1]: expected an id like subnet-', 'subnets'],
  [{ subnets: { ids: ['subnet-a', 'subnet-a'] } }, 'spec.subnets.ids[1]: expected an id', 'subnets'],
  [{ subnets: { tags: {} } }, 'spec.subnets.tags: expected a map from tag keys', 'subnets'],
  [{ subnets: { tags: { tier: [] } } }, 'spec.subnets.tags: expected a map from tag keys', 'subnets'],
  [{ subnets: { tags: { tier: [1] } } }, 'spec.subnets.tags: expected a map from tag keys', 'subnets'],
  [{ inboundCIDRs: '10.0.0.0/8' }, 'spec.inboundCIDRs: expected a list of strings', 'inbound-cidrs'],
  [{ inboundCIDRs: [''] }, 'spec.inboundCIDRs[0]: expected a string that is not empty', 'inbound-cidrs'],
  [{ inboundCIDRs: ['10.0.0.0/33'] }, 'spec.inboundCIDRs', 'inbound-cidrs'],
  [
    { prefixListsIDs: ['pl-1,pl-2'] },
    'spec.prefixListsIDs[0]: expected a string',
    'security-group-prefix-lists',
  ],
  [{ certificateArn: 'none' }, 'spec.certificateArn', 'certificate-arn'],
  [{ scheme: 'public' }, 'spec.scheme', 'scheme'],
  [{ scheme: 5 }, 'spec.scheme: expected a string', 'scheme'],
  [{ listeners: {} }, 'spec.listeners: expected a list of listeners', 'listener-attributes.'],
  [
    { listeners: [{ protocol: 'TCP', port: 80 }] },
    'spec.listeners[0].protocol: expected HTTP or HTTPS',
    'listener-attributes.',
  ],
  [
    { listeners: [{ protocol: 'HTTP', port: 0 }] },
    'spec.listeners[0].port: expected a port',
    'listener-attributes.',
  ],
  [
    { listeners: [{ protocol: 'HTTP', port: 65_536 }] },
    'spec.listeners[0].port: expected a port',
    'listener-attributes.',
  ],
  [
    { listeners: [LISTENER, LISTENER] },
    'spec.listeners[1]: expected every listener once, but HTTP 80 is there twice',
    'listener-attributes.',
  ],
  [
    { listeners: [{ protocol: 'HTTP', port: 80, listenerAttributes: [{ key: 'a' }] }] },
    'spec.listeners[0].listenerAttributes[0]: expected an object with key and value, both strings',
    'listener-attributes.',
  ],
  [
    { loadBalancerAttributes: [{ key: 'a=b', value: 'c' }] },
    'spec.loadBalancerAttributes[0].key: expected a key without =',
    'load-balancer-attributes',
  ],
  [
    {
      tags: [
        { key: 'team', value: 'a' },
        { key: 'team', value: 'b' },
      ],
    },
    'spec.tags[1].key: expected every key once, but team is there twice',
    'tags',
  ],
  [{ tags: [{ key: 'team' }] }, 'spec.tags[0]: expected an object with key and value', 'tags'],
  [
    { minimumLoadBalancerCapacity: { capacityUnits: '100' } },
    'spec.minimumLoadBalancerCapacity.capacityUnits: expected a whole number',
    'minimum-load-balancer-capacity',
  ],
  [{ ipamConfiguration: 'pool' }, 'spec.ipamConfiguration: expected an object', 'ipam-ipv4-pool-id'],
];

for (const [spec, said, stays] of ROWS)
  test(`${JSON.stringify(spec)} is told`, () => {
    const { faults, invalid, stated } = readParams({ metadata: { name: 'front' }, spec }, []);
    assert.deepEqual(
      faults.map((fault) => fault.slice(0, `IngressClassParams front: ${said}`.length)),
      [`IngressClassParams front: ${said}`],
    );
    assert.ok(
      [...invalid].some((name) => name.startsWith(stays)),
      [...invalid].join(),
    );
    assert.ok(!Object.keys(stated).some((name) => invalid.has(name as never)));
  });
