import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type DefaultFlags, defaultsOf, NO_DEFAULTS } from '../../src/core/translate/defaults.ts';
import { NO_FLAGS } from './no-flags.ts';

const wrong = (flags: Partial<DefaultFlags>): string => {
  const defaults = defaultsOf({ ...NO_FLAGS, ...flags });
  return 'wrong' in defaults ? defaults.wrong : assert.fail('accepted');
};

test('without flags the defaults of the table hold', () => {
  assert.deepEqual(defaultsOf(NO_FLAGS), NO_DEFAULTS);
});

test('a flag is read as its annotation is, and refused by its own name', () => {
  assert.match(
    wrong({ 'default-load-balancer-scheme': 'public' }),
    /^--default-load-balancer-scheme: expected one of internal, internet-facing, got "public"/,
  );
  assert.match(
    wrong({ 'default-target-type': 'pod' }),
    /^--default-target-type: expected one of instance, ip/,
  );
  assert.match(
    wrong({ 'default-ssl-policy': 'x' }),
    /^--default-ssl-policy: expected the name of an ELB security policy/,
  );
  assert.match(
    wrong({ 'default-tags': 'elbv2.k8s.aws/cluster=x' }),
    /^--default-tags: expected a tag key that does not begin with/,
  );
  assert.match(
    wrong({ 'default-tags': 'a=b', 'external-managed-tags': ['a'] }),
    /^--external-managed-tags: a is also in --default-tags/,
  );
  assert.match(
    wrong({ 'certificate-discovery': 'on' }),
    /^--certificate-discovery: expected one of off, exact, discover, got "on"/,
  );
});
