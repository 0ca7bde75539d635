import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mergeGroup } from '../../src/core/annotations/merge.ts';
import { listenerRefusal, overlay } from '../../src/core/annotations/overlay.ts';
import { problemText } from '../../src/core/annotations/problem.ts';
import { PREFIX } from '../../src/core/annotations/table.ts';
import { read } from './annotation-reading.ts';

test('a Service wins over its Ingress, tags are joined, defaults follow', () => {
  const ingress = read({
    'target-type': 'ip',
    'healthcheck-path': '/i',
    tags: 'a=i,b=i',
    'backend-protocol': 'HTTPS',
    scheme: 'internet-facing',
  });
  const { settings, invalid, problems } = overlay(
    read({ 'target-type': 'instance', tags: 'b=s', 'backend-protocol-version': 'GRPC' }, 'service'),
    ingress,
  );
  assert.deepEqual([problems, invalid.size], [[], 0]);
  assert.deepEqual(settings.tags, { a: 'i', b: 's' });
  assert.deepEqual(
    [
      settings['target-type'],
      settings['healthcheck-path'],
      settings['healthcheck-protocol'],
      settings['success-codes'].text,
    ],
    ['instance', '/i', 'HTTPS', '12'],
  );
  assert.ok(!('scheme' in settings));
  assert.equal(overlay(undefined, read({})).settings['healthcheck-path'], '/');
  assert.equal(
    overlay(undefined, read({ 'backend-protocol-version': 'GRPC' })).settings['healthcheck-path'],
    '/AWS.ALB/healthcheck',
  );
});

test('a bad value of the Service hides a good one of the Ingress, not the other way round', () => {
  const good = { 'healthcheck-port': '81', 'backend-protocol': 'HTTP' };
  const bad = { 'healthcheck-port': '0', 'backend-protocol': 'TCP' };
  assert.deepEqual(
    [...overlay(read(bad, 'service'), read(good)).invalid],
    ['backend-protocol', 'healthcheck-port', 'healthcheck-protocol'],
  );
  assert.equal(overlay(read(good, 'service'), read(bad)).invalid.size, 0);
  assert.deepEqual([...overlay(undefined, read({ tags: 'x' })).invalid], ['tags']);
  assert.deepEqual([...overlay(read({ tags: 'a=b' }, 'service'), read({ tags: 'x' })).invalid], ['tags']);
});

test('checks over several settings of a target group name the setting that somebody wrote', () => {
  const check = (onService: Record<string, string>, onIngress: Record<string, string>) => {
    const { problems, invalid } = overlay(read(onService, 'service'), read(onIngress));
    return [...problems.map(({ on, problem }) => `${on} ${problemText(problem)}`), ...invalid];
  };
  const timeout = 'healthcheck-timeout-seconds';
  const interval = 'healthcheck-interval-seconds';
  assert.deepEqual(check({}, { [timeout]: '15' }), [
    `ingress ${PREFIX}${timeout}: expected less than ${interval}, which is 15, got "15".`,
    timeout,
  ]);
  assert.deepEqual(check({}, { [interval]: '5' }), [
    `ingress ${PREFIX}${interval}: expected more than ${timeout}, which is 5, got "5".`,
    interval,
  ]);
  assert.deepEqual(check({ [interval]: '60' }, { [timeout]: '20' }), []);
  assert.deepEqual(check({ [timeout]: '70' }, { [interval]: '60' }), [
    `service ${PREFIX}${timeout}: expected less than ${interval}, which is 60, got "70".`,
    timeout,
    interval,
  ]);
  assert.deepEqual(check({ 'backend-protocol-version': 'GRPC' }, { 'success-codes': '200' }), [
    `ingress ${PREFIX}success-codes: expected gRPC codes from 0 to 99, because backend-protocol-version is GRPC, got "200".`,
    'success-codes',
    'backend-protocol-version',
  ]);
  assert.match(listenerRefusal('HTTP', 'GRPC') ?? '', /GRPC needs an HTTPS listener/);
  assert.equal(listenerRefusal('HTTP', 'HTTP1') ?? listenerRefusal('HTTPS', 'HTTP2'), undefined);
});

const group = (...members: Record<string, string>[]) =>
  mergeGroup(members.map((values, index) => ({ id: `ns/${index + 1}`, ...read(values) })));

test('an exclusive setting is won by the earlier member; equal sets are no conflict', () => {
  const { settings, conflicts } = group(
    { subnets: 'subnet-a,subnet-b' },
    { scheme: 'internet-facing', subnets: 'subnet-b,subnet-a' },
    { scheme: 'internal' },
  );
  assert.equal(settings.scheme, 'internet-facing');
  assert.deepEqual(conflicts, [
    {
      annotation: 'scheme',
      winner: 'ns/2',
      loser: 'ns/3',
      values: { winner: 'internet-facing', loser: 'internal' },
    },
  ]);
  assert.equal(group({}, {}).settings.scheme, 'internal');
});

test('maps are joined by key, and a conflict names the key', () => {
  const { settings, conflicts } = group({ tags: 'a=1,b=1' }, { tags: 'b=2,c=2' });
  assert.deepEqual(settings.tags, { a: '1', b: '1', c: '2' });
  assert.deepEqual(conflicts, [
    { annotation: 'tags', at: 'b', winner: 'ns/1', loser: 'ns/2', values: { winner: '1', loser: '2' } },
  ]);
});

const CERT = (name: string) => `arn:aws:acm:eu-west-1:1:certificate/${name}`;

test('listeners are the union of ports; certificates, policies and sources go to the ports of their member', () => {
  const { listeners, conflicts } = group(
    {
      'listen-ports': '[{"HTTPS":443},{"HTTP":80}]',
      'certificate-arn': CERT('b'),
      'inbound-cidrs': '10.0.0.0/8',
    },
    { 'certificate-arn': `${CERT('a')},${CERT('b')}`, 'ssl-policy': 'ELBSecurityPolicy-FS-2018-06' },
    { 'listen-ports': '[{"HTTPS":80},{"HTTPS":8443}]', 'inbound-cidrs': '11.0.0.0/8' },
    { 'inbound-cidrs': '12.0.0.0/8' },
  );
  const nothing = { prefixLists: [], attributes: {}, attributesUnknown: false };
  assert.deepEqual(listeners, [
    {
      port: 80,
      protocol: 'HTTP',
      members: ['ns/1', 'ns/4'],
      certificates: [],
      sslPolicy: 'ELBSecurityPolicy-2016-08',
      ...nothing,
      inboundCidrs: ['10.0.0.0/8'],
    },
    {
      port: 443,
      protocol: 'HTTPS',
      members: ['ns/1', 'ns/2'],
      certificates: [CERT('b'), CERT('a')],
      sslPolicy: 'ELBSecurityPolicy-FS-2018-06',
      ...nothing,
      inboundCidrs: ['10.0.0.0/8'],
    },
    {
      port: 8443,
      protocol: 'HTTPS',
      members: ['ns/3'],
      certificates: [],
      sslPolicy: 'ELBSecurityPolicy-2016-08',
      ...nothing,
      inboundCidrs: ['11.0.0.0/8'],
    },
  ]);
  assert.deepEqual(
    conflicts.map(({ annotation, at, winner, loser }) => `${annotation} ${at}: ${winner} over ${loser}`),
    ['listen-ports 80: ns/1 over ns/3', 'inbound-cidrs 80: ns/1 over ns/4'],
  );
});

test('listener attributes are joined by key over the group; what has no such listener is told', () => {
  const { listeners, conflicts, remarks } = group(
    {
      'listener-attributes.HTTP-80':
        'routing.http.response.server.enabled=false,routing.http.request.x_amzn_tls_version.header_name=X-V',
    },
    {
      'listener-attributes.HTTP-80':
        'routing.http.response.server.enabled=true,routing.http.response.x_frame_options.header_value=DENY',
      'listener-attributes.HTTPS-443': 'routing.http.response.server.enabled=false',
    },
  );
  assert.deepEqual(listeners[0]?.attributes, {
    'routing.http.response.server.enabled': 'false',
    'routing.http.response.x_frame_options.header_value': 'DENY',
  });
  assert.deepEqual(
    conflicts.map(({ annotation, at, loser }) => `${annotation} ${at}: ${loser}`),
    ['listener-attributes.* HTTP-80 routing.http.response.server.enabled: ns/2'],
  );
  assert.deepEqual(
    remarks.map(({ member, problem }) => `${member} ${problem.annotation}: ${problem.expected}`),
    [
      'ns/1 alb.ingress.kubernetes.io/listener-attributes.HTTP-80: is an attribute of HTTPS listeners and has no effect on this one',
      'ns/2 alb.ingress.kubernetes.io/listener-attributes.HTTPS-443: has no effect: the group has no such listener; it has HTTP-80',
    ],
  );
});

test('an invalid group-wide value is unknown to the group; its ports are not guessed', () => {
  const merged = group(
    { scheme: 'public', 'healthcheck-port': '0' },
    { scheme: 'internal', 'certificate-arn': 'x' },
    { 'listen-ports': '80' },
    { scheme: 'open' },
  );
  assert.deepEqual(
    [...merged.unknown],
    [
      ['scheme', ['ns/1', 'ns/4']],
      ['listen-ports', ['ns/3']],
      ['certificate-arn', ['ns/2']],
    ],
  );
  assert.deepEqual(
    merged.listeners.map(({ port, members }) => [port, members]),
    [[80, ['ns/1', 'ns/4']]],
  );
});

test('ssl-redirect needs an HTTPS listener somewhere in the group', () => {
  const good = group({ 'ssl-redirect': '443' }, { 'certificate-arn': CERT('a') });
  assert.deepEqual([good.settings['ssl-redirect'], good.problems], [443, []]);
  const bad = group({ 'ssl-redirect': '80' }, { 'ssl-redirect': '443' });
  assert.deepEqual(
    bad.problems.map(({ member, problem }) => `${member} ${problemText(problem)}`),
    [
      `ns/1 ${PREFIX}ssl-redirect: expected the port of an HTTPS listener of the group, which listens on HTTP 80; add it to listen-ports, got "80".`,
    ],
  );
  assert.deepEqual([bad.settings['ssl-redirect'], bad.unknown.get('ssl-redirect')], [undefined, ['ns/1']]);
  assert.deepEqual(group({ 'ssl-redirect': '443' }, { 'listen-ports': 'x' }).problems, []);
});
