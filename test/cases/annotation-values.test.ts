import assert from 'node:assert/strict';
import { test } from 'node:test';
import { problemText } from '../../src/core/annotations/problem.ts';
import { ANNOTATIONS, PREFIX } from '../../src/core/annotations/table.ts';
import { fixed, forward, GROUP_ARN, parse, read, redirect, service, texts } from './annotation-reading.ts';

const kept = {
  protocol: '#{protocol}',
  host: '#{host}',
  port: '#{port}',
  path: '/#{path}',
  query: '#{query}',
};

/** Annotation, text, and the value read from it. */
const GOOD: readonly (readonly [keyof typeof ANNOTATIONS, string, unknown])[] = [
  ['scheme', ' internet-facing\n', 'internet-facing'],
  ['ip-address-type', 'dualstack-without-public-ipv4', 'dualstack-without-public-ipv4'],
  ['subnets', 'subnet-b, ,subnet-a,subnet-b', ['subnet-a', 'subnet-b']],
  ['security-groups', 'sg-1,My Web Group', ['My Web Group', 'sg-1']],
  ['tags', 'a=1, b = 2 ,c=,', { a: '1', b: '2', c: '' }],
  ['tags', 'url=http://x/q=1,k=v', { url: 'http://x/q=1', k: 'v' }],
  ['tags', '', {}],
  ['minimum-load-balancer-capacity', 'CapacityUnits=0', 0],
  ['minimum-load-balancer-capacity', ' CapacityUnits = 3000', 3000],
  ['frontend-nlb-healthcheck-success-codes', '200, 302,400-599', '200,302,400-599'],
  [
    'tags',
    Array.from({ length: 43 }, (_, index) => `k${index}=v`).join(','),
    Object.fromEntries(Array.from({ length: 43 }, (_, index) => [`k${index}`, 'v'])),
  ],
  ['group.order', '-1000', -1000],
  ['security-groups', 'n'.repeat(256), ['n'.repeat(256)]],
  ['dns-cutover-interval', '1', 1],
  ['dns-cutover-interval', '168h', 604_800],
  ['group.name', 'a', 'a'],
  ['group.name', 'a'.repeat(63), 'a'.repeat(63)],
  ['load-balancer-name', 'A-1', 'A-1'],
  [
    'load-balancer-attributes',
    'idle_timeout.timeout_seconds=060,routing.http2.enabled=True',
    { 'idle_timeout.timeout_seconds': '60', 'routing.http2.enabled': 'true' },
  ],
  ['load-balancer-attributes', 'access_logs.s3.prefix=a\\,b', { 'access_logs.s3.prefix': 'a,b' }],
  ['load-balancer-attributes', 'client_keep_alive.seconds=604800', { 'client_keep_alive.seconds': '604800' }],
  ['target-group-attributes', 'slow_start.duration_seconds=0', { 'slow_start.duration_seconds': '0' }],
  [
    'target-group-attributes',
    'target_group_health.dns_failover.minimum_healthy_targets.count=off',
    { 'target_group_health.dns_failover.minimum_healthy_targets.count': 'off' },
  ],
  [
    'listen-ports',
    '[{"HTTP":8080,"HTTPS":8443}]',
    [
      { protocol: 'HTTP', port: 8080 },
      { protocol: 'HTTPS', port: 8443 },
    ],
  ],
  [
    'listen-ports',
    '[{"HTTP": 80}, {"HTTP": 8080}]',
    [
      { protocol: 'HTTP', port: 80 },
      { protocol: 'HTTP', port: 8080 },
    ],
  ],
  [
    'certificate-arn',
    'arn:aws:iam::1:server-certificate/a/b,arn:aws-cn:acm:cn-north-1:1:certificate/x',
    ['arn:aws:iam::1:server-certificate/a/b', 'arn:aws-cn:acm:cn-north-1:1:certificate/x'],
  ],
  ['certificate-arn', '', []],
  ['ssl-policy', 'ELBSecurityPolicy-TLS14-9-2031-01', 'ELBSecurityPolicy-TLS14-9-2031-01'],
  ['ssl-redirect', '8443', 8443],
  ['inbound-cidrs', '0.0.0.0/0, ::/0', ['0.0.0.0/0', '::/0']],
  ['inbound-cidrs', '2001:DB8:0:0::1.2.3.4/40', ['2001:db8::/40']],
  ['healthcheck-port', 'traffic-port', 'traffic-port'],
  ['healthcheck-port', '8080', 8080],
  ['healthcheck-port', 'metrics', { name: 'metrics' }],
  ['success-codes', '200, 300 - 302', { text: '200,300-302', grpc: false }],
  ['success-codes', '0-5,12', { text: '0-5,12', grpc: true }],
  [
    'actions.*',
    forward(service(undefined, 'http')),
    { type: 'forward', targets: [{ service: 'a', port: 'http', weight: 1 }] },
  ],
  [
    'actions.*',
    forward(service(0, '80'), { targetGroupArn: GROUP_ARN, Weight: 999 }),
    {
      type: 'forward',
      targets: [
        { service: 'a', port: 80, weight: 0 },
        { arn: GROUP_ARN, weight: 999 },
      ],
    },
  ],
  [
    'actions.*',
    `{"Type":"forward","TargetGroupArn":"${GROUP_ARN}","redirectConfig":null}`,
    { type: 'forward', targets: [{ arn: GROUP_ARN, weight: 1 }] },
  ],
  [
    'actions.*',
    JSON.stringify({
      type: 'forward',
      forwardConfig: {
        targetGroups: [service()],
        targetGroupStickinessConfig: { enabled: true, durationSeconds: 60 },
      },
    }),
    { type: 'forward', targets: [{ service: 'a', port: 80, weight: 1 }], stickinessSeconds: 60 },
  ],
  [
    'actions.*',
    JSON.stringify({
      type: 'forward',
      forwardConfig: { targetGroups: [service()], targetGroupStickinessConfig: { enabled: false } },
    }),
    { type: 'forward', targets: [{ service: 'a', port: 80, weight: 1 }] },
  ],
  [
    'actions.*',
    redirect({ host: 'www.#{host}' }),
    { type: 'redirect', ...kept, host: 'www.#{host}', statusCode: 'HTTP_302' },
  ],
  [
    'actions.*',
    redirect({ path: '/new/#{path}', query: '' }),
    { type: 'redirect', ...kept, path: '/new/#{path}', query: '', statusCode: 'HTTP_302' },
  ],
  [
    'actions.*',
    fixed({ statusCode: '404' }),
    { type: 'fixed-response', statusCode: '404', contentType: 'text/plain', messageBody: '' },
  ],
  [
    'actions.*',
    fixed({ statusCode: '200', contentType: 'text/html', messageBody: 'x'.repeat(1024) }),
    { type: 'fixed-response', statusCode: '200', contentType: 'text/html', messageBody: 'x'.repeat(1024) },
  ],
  ['conditions.*', '[]', []],
  [
    'conditions.*',
    '[{"field":"http-request-method","httpRequestMethodConfig":{"Values":["GET","X-A_B"]}}]',
    [{ field: 'http-request-method', values: ['GET', 'X-A_B'] }],
  ],
  [
    'conditions.*',
    '[{"field":"source-ip","sourceIPConfig":{"values":["10.1.2.3/8"]}}]',
    [{ field: 'source-ip', values: ['10.0.0.0/8'] }],
  ],
  [
    'conditions.*',
    '[{"field":"host-header","hostHeaderConfig":{"values":["a.com"]}},{"field":"host-header","hostHeaderConfig":{"values":["*.b.com","a.com"]}}]',
    [{ field: 'host-header', values: ['a.com', '*.b.com'] }],
  ],
  [
    'conditions.*',
    '[{"field":"path-pattern","pathPatternConfig":{"regexValues":["^/v[0-9]\\\\++/"]}}]',
    [{ field: 'path-pattern', regexValues: ['^/v[0-9]\\++/'] }],
  ],
  [
    'conditions.*',
    '[{"field":"query-string","queryStringConfig":{"values":[{"value":"v"},{"key":"k","value":"w*"}]}}]',
    [{ field: 'query-string', pairs: [{ value: 'v' }, { key: 'k', value: 'w*' }] }],
  ],
];
for (const [name, raw, value] of GOOD)
  test(`${name} reads ${raw.slice(0, 70)}`, () => {
    assert.deepEqual(parse(ANNOTATIONS[name].parser, raw), {
      ...parse(ANNOTATIONS[name].parser, raw),
      ok: true,
      value,
    });
  });

test('every fault of a value is told, not only the first', () => {
  assert.equal(read({ 'actions.pay': forward(service(-1), service(1.5)) }).problems.length, 2);
  assert.equal(
    read({ 'load-balancer-attributes': 'a.b=1,idle_timeout.timeout_seconds=x' }).problems.length,
    2,
  );
});

test('what is odd but readable is read, with a notice', () => {
  const typo = read({ 'actions.pay': forward({ ...service(), weigth: 3 }) });
  assert.match(
    typo.problems.map(problemText).join(),
    /targetGroups\[0\]\.weigth: is an unknown field.*Did you mean weight\?/,
  );
  assert.equal(typo.stated['actions.*']?.get('pay')?.type, 'forward');
  assert.deepEqual(texts({ 'inbound-cidrs': '10.1.2.3/8' }), [
    `${PREFIX}inbound-cidrs: is read as 10.0.0.0/8, which is what AWS makes of it (value "10.1.2.3/8").`,
  ]);
  assert.match(
    texts({
      'actions.pay': JSON.stringify({
        type: 'redirect',
        redirectConfig: { host: 'a', statusCode: 'HTTP_301' },
        fixedResponseConfig: { statusCode: '200' },
      }),
    }).join(),
    /fixedResponseConfig: has no effect/,
  );
});
