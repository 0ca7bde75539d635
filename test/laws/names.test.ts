import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { alternativeName } from '../../src/core/model/alternative-name.ts';
import { loadBalancerName, securityGroupName, targetGroupName } from '../../src/core/model/names.ts';

/** AWS: at most 32 letters, digits and hyphens, no hyphen at either end. */
const TAKEN_BY_AWS = /^[A-Za-z0-9]([A-Za-z0-9-]{0,30}[A-Za-z0-9])?$/;

const text = fc.oneof(
  fc.string({ maxLength: 300 }),
  fc.string({ unit: 'grapheme' }),
  fc.constantFrom('a-b.c', '-', ''),
);

test('names fit AWS whatever clusters, groups, Ingresses and Services are called', () => {
  fc.assert(
    fc.property(text, text, text, text, fc.boolean(), fc.nat(65_535), (cluster, a, b, c, implicit, port) => {
      const stack = implicit ? `${a}/${b}` : a;
      const group = targetGroupName({
        ...{ cluster, stack, ingress: `${a}/${b}`, service: c, serviceUid: b, servicePort: c },
        ...{ targetGroupPort: port, targetType: 'ip', protocol: 'HTTP', protocolVersion: 'GRPC' },
      });
      for (const name of [
        loadBalancerName(cluster, stack, 'internal'),
        loadBalancerName(cluster, stack, 'internet-facing'),
        securityGroupName(cluster, stack),
        group,
        alternativeName(group, 'internal'),
      ])
        assert.match(name, TAKEN_BY_AWS);
      assert.notEqual(alternativeName(group, 'internal'), group);
      assert.notEqual(alternativeName(group, 'internal'), alternativeName(group, 'internet-facing'));
    }),
    { numRuns: 2000 },
  );
});
