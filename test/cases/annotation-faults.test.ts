import assert from 'node:assert/strict';
import { test } from 'node:test';
import { problemText } from '../../src/core/annotations/problem.ts';
import { PREFIX } from '../../src/core/annotations/table.ts';
import { fixed, forward, GROUP_ARN, read, redirect, service } from './annotation-reading.ts';

/** Annotation, text, and what its problem says after the annotation's name. */
const BAD: readonly (readonly [string, string, string])[] = [
  ['scheme', 'Internal', 'expected one of internal, internet-facing, got "Internal". Did you mean internal?'],
  ['group.order', '1001', 'expected a whole number from -1000 to 1000, got "1001".'],
  ['group.order', '0x10', 'expected a whole number from -1000 to 1000, got "0x10".'],
  ['dns-cutover-interval', '0', 'expected 1 to 604800 seconds'],
  ['dns-cutover-interval', '604801', 'expected 1 to 604800 seconds'],
  ['dns-cutover-interval', '169h', 'expected 1 to 604800 seconds'],
  ['security-groups', 'n'.repeat(257), 'expected an id like sg-'],
  ['actions.pay', forward(service(1, 'Web_Port')), 'servicePort: expected'],
  ['actions.pay', forward(service(1, 'a'.repeat(64))), 'servicePort: expected'],
  ['minimum-load-balancer-capacity', 'CapacityUnits=-1', 'expected'],
  ['minimum-load-balancer-capacity', 'Units=5', 'expected'],
  ['frontend-nlb-healthcheck-success-codes', '199', 'expected HTTP codes from 200 to 599'],
  ['frontend-nlb-healthcheck-success-codes', '200-600', 'expected HTTP codes from 200 to 599'],
  ['frontend-nlb-healthcheck-success-codes', '400-300', 'expected ranges that go up'],
  ['group.name', '-a', 'expected at most 63 of a-z'],
  ['group.name', 'a'.repeat(64), 'expected at most 63 of a-z'],
  ['load-balancer-name', 'a'.repeat(33), 'expected at most 32 letters'],
  ['load-balancer-name', 'web-', 'expected at most 32 letters'],
  ['subnets', ' , ', 'expected at least one of: subnet ids or Name tags, got " , ".'],
  ['tags', 'a=1,b,c=2', 'expected pairs like key=value, separated by commas, got "b".'],
  ['tags', 'a=1,=2', 'expected pairs like key=value, separated by commas, got "=2".'],
  ['tags', 'a=1,a=2', 'a: expected one value for a, not both "1" and "2"'],
  ['tags', 'aws:x=1', 'expected a tag key that does not begin with aws:, which is reserved, got "aws:x".'],
  [
    'tags',
    'alb.ingress.kubernetes.io/rule-order=lbc',
    'expected a tag key that does not begin with alb.ingress.kubernetes.io/, which is reserved',
  ],
  ['tags', 'elbv2.k8s.aws/cluster=other', 'expected a tag key that does not begin with elbv2.k8s.aws/'],
  ['tags', 'a=b\\,c', 'a: expected a tag value of at most 256'],
  [
    'tags',
    Array.from({ length: 44 }, (_, index) => `k${index}=v`).join(','),
    'expected at most 43 tags, got 44',
  ],
  [
    'load-balancer-attributes',
    'idle_timeout.timeout_seconds=4001',
    'idle_timeout.timeout_seconds: expected a whole number from 1 to 4000, got "4001".',
  ],
  [
    'load-balancer-attributes',
    'idle_timout.timeout_seconds=1',
    'expected a load balancer attribute, got "idle_timout.timeout_seconds". Did you mean idle_timeout.timeout_seconds?',
  ],
  [
    'load-balancer-attributes',
    'routing.http.xff_header_processing.mode=drop',
    'routing.http.xff_header_processing.mode: expected one of append, preserve, remove, got "drop".',
  ],
  ['load-balancer-attributes', 'constructor=1', 'expected a load balancer attribute, got "constructor".'],
  [
    'target-group-attributes',
    'deregistration_delay.timeout_seconds=3601',
    'deregistration_delay.timeout_seconds: expected a whole number from 0 to 3600, got "3601".',
  ],
  [
    'target-group-attributes',
    'stickiness.type=source_ip',
    'stickiness.type: expected one of lb_cookie, app_cookie, got "source_ip".',
  ],
  [
    'target-group-attributes',
    'stickiness.enabled=true,stickiness.type=app_cookie',
    'stickiness.app_cookie.cookie_name: expected a cookie name, because stickiness.type is app_cookie',
  ],
  [
    'target-group-attributes',
    'stickiness.app_cookie.cookie_name=AWSALBAPP',
    'stickiness.app_cookie.cookie_name: expected a cookie name that does not begin with AWSALB',
  ],
  [
    'target-group-attributes',
    'slow_start.duration_seconds=30,load_balancing.algorithm.type=weighted_random',
    'slow_start.duration_seconds: expected 0 unless the algorithm is round_robin, got weighted_random',
  ],
  ['listen-ports', '[]', 'expected JSON like [{"HTTP":80},{"HTTPS":443}], got "[]".'],
  ['listen-ports', '80,443', 'expected JSON like [{"HTTP":80},{"HTTPS":443}], got "80,443".'],
  ['listen-ports', '[{"HTTP":80,"HTTPS":80}]', 'expected every port once, but 80 is there twice, got "80".'],
  ['listen-ports', '[{"HTTP":80,"HTTP":8080}]', 'expected each protocol once per object'],
  [
    'listen-ports',
    '[{"http":80}]',
    '[0].http: expected HTTP or HTTPS as the protocol, got "http". Did you mean HTTP?',
  ],
  ['listen-ports', '[{"HTTP":"80"}]', '[0].HTTP: expected a port from 1 to 65535, got ""80"".'],
  ['listen-ports', '[{"HTTP":65536}]', '[0].HTTP: expected a port from 1 to 65535, got "65536".'],
  ['listen-ports', '[{}]', '[0]: expected an object like {"HTTP":80}, got "{}".'],
  ['certificate-arn', 'arn:aws:acm:eu-west-1:1:certificate/a,cert', 'expected the ARN of an ACM certificate'],
  ['ssl-policy', 'TLS13-1-2-2021-06', 'Did you mean ELBSecurityPolicy-TLS13-1-2-2021-06?'],
  [
    'inbound-cidrs',
    '10.0.0.0/33',
    'expected an IPv4 or IPv6 block like 10.0.0.0/8 or 2001:db8::/32, got "10.0.0.0/33".',
  ],
  ['inbound-cidrs', '10.0.0.0/8,10.1.2.3', 'got "10.1.2.3". Did you mean 10.1.2.3/32?'],
  ['inbound-cidrs', '::1', 'got "::1". Did you mean ::1/128?'],
  ['inbound-cidrs', '1:2:3:4:5:6:7:8:9/64', 'expected an IPv4 or IPv6 block'],
  ['inbound-cidrs', '010.0.0.0/8', 'expected an IPv4 or IPv6 block'],
  ['healthcheck-port', '0', 'expected a port from 1 to 65535, traffic-port, or the name'],
  ['healthcheck-port', 'Traffic Port', 'expected a port from 1 to 65535, traffic-port, or the name'],
  ['healthcheck-path', '/a b', 'expected a path that begins with /'],
  ['success-codes', '500', 'expected HTTP codes from 200 to 499'],
  ['success-codes', '299-200', 'expected ranges that go up'],
  ['success-codes', '12,200', 'expected HTTP codes from 200 to 499'],
  ['actions.pay', 'nope', 'expected JSON like {"type":"fixed-response"'],
  ['actions.pay', '{}', 'type: expected one of forward, redirect, fixed-response'],
  [
    'actions.pay',
    '{"type":"forward"}',
    'forwardConfig.targetGroups: expected target groups, or targetGroupARN',
  ],
  [
    'actions.pay',
    '{"type":"forwrd"}',
    'type: expected one of forward, redirect, fixed-response, got "forwrd".',
  ],
  [
    'actions.pay',
    '{"type":"redirect"}',
    'redirectConfig: expected a redirectConfig, because type is redirect',
  ],
  [
    'actions.pay',
    '{"type":"forward","targetGroupName":"blue-"}',
    'targetGroupName: expected the name of a target group: 1 to 32 letters, digits and hyphens, no hyphen at an end, got "blue-".',
  ],
  [
    'actions.pay',
    `{"type":"forward","forwardConfig":{"targetGroups":[{"targetGroupARN":"${GROUP_ARN}","targetGroupName":"blue"}]}}`,
    'forwardConfig.targetGroups[0]: expected only one of serviceName, targetGroupARN and targetGroupName',
  ],
  [
    'actions.pay',
    `{"type":"forward","targetGroupARN":"${GROUP_ARN}","forwardConfig":{"targetGroups":[{"targetGroupARN":"${GROUP_ARN}"}]}}`,
    'forwardConfig: expected only one of forwardConfig, targetGroupARN and targetGroupName',
  ],
  [
    'actions.pay',
    forward(service(1), service(1000, 81)),
    'forwardConfig.targetGroups[1].weight: expected a whole number from 0 to 999, got "1000".',
  ],
  [
    'actions.pay',
    forward(service(1), service(undefined, 81)),
    'forwardConfig.targetGroups[1].weight: expected a weight from 0 to 999, because there are several',
  ],
  [
    'actions.pay',
    forward(service(1), service(1)),
    'forwardConfig.targetGroups[1]: expected every target once, but a:80 is there twice',
  ],
  [
    'actions.pay',
    forward({ serviceName: 'a' }),
    'forwardConfig.targetGroups[0].servicePort: expected the port number or port name',
  ],
  [
    'actions.pay',
    forward({ weight: 1 }),
    'forwardConfig.targetGroups[0]: expected serviceName with servicePort, or targetGroupARN',
  ],
  [
    'actions.pay',
    forward({ ...service(), targetGroupARN: GROUP_ARN }),
    'forwardConfig.targetGroups[0]: expected only one of serviceName, targetGroupARN and targetGroupName',
  ],
  [
    'actions.pay',
    forward(...[1, 2, 3, 4, 5, 6].map((port) => service(1, port))),
    'forwardConfig.targetGroups: expected 1 to 5 items, got 6',
  ],
  [
    'actions.pay',
    JSON.stringify({
      type: 'forward',
      forwardConfig: { targetGroups: [service()], targetGroupStickinessConfig: { enabled: true } },
    }),
    'forwardConfig.targetGroupStickinessConfig.durationSeconds: expected seconds from 1 to 604800',
  ],
  [
    'actions.pay',
    redirect({ query: 'a=b' }),
    'redirectConfig: expected another protocol, host, port or path',
  ],
  [
    'actions.pay',
    redirect({ port: 443 }),
    'redirectConfig.port: expected a port as text, "1" to "65535", or "#{port}", got "443".',
  ],
  ['actions.pay', redirect({ path: 'new' }), 'redirectConfig.path: expected a path that begins with /'],
  ['actions.pay', redirect({ host: '#{hots}' }), 'redirectConfig.host: expected a host name'],
  [
    'actions.pay',
    redirect({ host: 'a', statusCode: '301' }),
    'redirectConfig.statusCode: expected one of HTTP_301, HTTP_302, got "301".',
  ],
  [
    'actions.pay',
    fixed({ statusCode: '302' }),
    'fixedResponseConfig.statusCode: expected a status code as text',
  ],
  [
    'actions.pay',
    fixed({ messageBody: 'x' }),
    'fixedResponseConfig.statusCode: expected a status code as text',
  ],
  [
    'actions.pay',
    fixed({ statusCode: '200', messageBody: 'x'.repeat(1025) }),
    'fixedResponseConfig.messageBody: expected text of at most 1024 characters',
  ],
  ['actions.pay', '{"type":"redirect","Type":"forward"}', 'Type: expected type once, in one spelling'],
  ['conditions.pay', '{}', 'expected a JSON list, got "{}".'],
  [
    'conditions.pay',
    '[{"field":"host-header"}]',
    '[0].hostHeaderConfig: expected a hostHeaderConfig, because field is host-header',
  ],
  [
    'conditions.pay',
    '[{"field":"host-header","hostHeaderConfig":{"values":["localhost"]}}]',
    '[0].hostHeaderConfig.values[0]: expected a host name with a dot',
  ],
  [
    'conditions.pay',
    '[{"field":"host-header","hostHeaderConfig":{"values":["a.com"],"regexValues":["b"]}}]',
    '[0].hostHeaderConfig: expected either values or regexValues, not both',
  ],
  [
    'conditions.pay',
    '[{"field":"path-pattern","pathPatternConfig":{"values":[]}}]',
    '[0].pathPatternConfig.values: expected 1 to 100 items, got 0',
  ],
  [
    'conditions.pay',
    '[{"field":"path-pattern","pathPatternConfig":{}}]',
    '[0].pathPatternConfig: expected values or regexValues',
  ],
  [
    'conditions.pay',
    '[{"field":"path-pattern","pathPatternConfig":{"regexValues":["(?=a)b"]}}]',
    '[0].pathPatternConfig.regexValues[0]: expected a regular expression without look-around',
  ],
  [
    'conditions.pay',
    '[{"field":"path-pattern","pathPatternConfig":{"values":["/a"]}},{"field":"path-pattern","pathPatternConfig":{"regexValues":["b"]}}]',
    'path-pattern: expected either values or regexValues over all conditions',
  ],
  [
    'conditions.pay',
    '[{"field":"http-request-method","httpRequestMethodConfig":{"values":["get"]}}]',
    '[0].httpRequestMethodConfig.values[0]: expected a method of at most 40',
  ],
  [
    'conditions.pay',
    '[{"field":"query-string","queryStringConfig":{"values":[{"key":"a"}]}}]',
    '[0].queryStringConfig.values[0].value: expected 1 to 128 characters',
  ],
  [
    'conditions.pay',
    '[{"field":"source-ip","sourceIPConfig":{"values":["255.255.255.255/32"]}}]',
    '[0].sourceIPConfig.values[0]: expected an IPv4 or IPv6 block',
  ],
  [
    'conditions.pay',
    JSON.stringify(
      ['a', 'b', 'c', 'd', 'e', 'f'].map((httpHeaderName) => ({
        field: 'http-header',
        httpHeaderConfig: { httpHeaderName, values: ['x'] },
      })),
    ),
    'expected at most 5 conditions, because a rule takes so many values, got 6',
  ],
  ['transforms.pay', '{}', 'expected a JSON list, got "{}".'],
  ['transforms.pay', '[{"type":"rewrite"}]', '[0].type: expected one of url-rewrite, host-header-rewrite'],
  [
    'transforms.pay',
    '[{"type":"url-rewrite"}]',
    '[0].urlRewriteConfig: expected a urlRewriteConfig, because type is url-rewrite',
  ],
  [
    'transforms.pay',
    '[{"type":"host-header-rewrite","hostHeaderRewriteConfig":{"rewrites":[]}}]',
    '[0].hostHeaderRewriteConfig.rewrites: expected 1 to 1 items, got 0',
  ],
  [
    'transforms.pay',
    '[{"type":"url-rewrite","urlRewriteConfig":{"rewrites":[{"regex":"a"}]}}]',
    '[0].urlRewriteConfig.rewrites[0].replace: expected the text that takes the place',
  ],
  [
    'transforms.pay',
    `[${'{"type":"url-rewrite","urlRewriteConfig":{"rewrites":[{"regex":"a","replace":"b"}]}},'.repeat(2).slice(0, -1)}]`,
    'expected one transform of type url-rewrite, which is all that a rule takes',
  ],
];
for (const [name, raw, expected] of BAD)
  test(`${name} refuses ${raw.slice(0, 70)}`, () => {
    const reading = read({ [name]: raw });
    const said = reading.problems.map(problemText).join('\n');
    assert.ok(said.includes(`${PREFIX}${name}: `) && said.includes(expected), said);
    assert.deepEqual([...reading.invalid], [name]);
    assert.deepEqual(reading.stated, {});
    for (const problem of reading.problems) assert.ok(problem.value.length <= 80);
  });
