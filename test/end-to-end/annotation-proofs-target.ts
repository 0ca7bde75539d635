/** Proofs of annotations about rules, target groups and records. */
import type { Proof, Scene } from './annotation-proof.ts';
import type { Asking } from './annotation-requests.ts';

const groupOf = async ({ eyes }: Scene, site: string) => (await eyes.stack(`web/${site}`)).groups[0];
const checked = (scene: Scene) => groupOf(scene, 'checked');
const asked = async ({ ask }: Scene, path: string, asking: Asking = {}): Promise<readonly unknown[]> => {
  const { status, body } = await ask(`http://rules.example.com${path}`, asking);
  return [status, /"path": "([^"]*)"/.exec(body)?.[1] ?? body];
};
const rulesWith = async ({ eyes }: Scene, path: string) =>
  (await eyes.stack('web/rules')).rules.find(({ Conditions = [] }) =>
    JSON.stringify(Conditions).includes(JSON.stringify(path)),
  );

/** Targets are served only when they pass the check as it is. */
const PASSES = {
  requests: async (scene: Scene) => [
    (await checked(scene))?.targets.map(({ state }) => state),
    (await scene.ask('http://checked.example.com/')).status,
  ],
  answers: [['healthy'], 200],
} as const;

export const TARGET_PROOFS = {
  'target-type': {
    aws: async (scene) => [(await checked(scene))?.TargetType, (await checked(scene))?.targets[0]?.port],
    is: ['ip', 8080],
    ...PASSES,
  },
  'multi-cluster-target-group': {
    aws: async (scene) =>
      Object.keys((await checked(scene))?.tags ?? {}).includes(
        'alb.ingress.kubernetes.io/registered-targets',
      ),
    is: true,
    ...PASSES,
  },
  'target-control-port.*': {
    aws: async (scene) => (await checked(scene))?.TargetControlPort,
    is: 3000,
    requests: { same: 'the sandbox asks no agent; how AWS routes by its word is not documented in full' },
  },
  'target-node-labels': {
    aws: async (scene) => (await groupOf(scene, 'labelled'))?.targets.map(({ id }) => id),
    is: ['i-0bbb'],
    requests: async ({ ask }) => (await ask('http://labelled.example.com/')).status,
    answers: 200,
  },
  'target-group-attributes': {
    aws: async (scene) =>
      (await groupOf(scene, 'balancer'))?.attributes['stickiness.lb_cookie.duration_seconds'],
    is: '60',
    requests: async ({ ask }) =>
      /^AWSALB=/.test([(await ask('http://balancer.example.com/')).headers['set-cookie']].flat().join()),
  },
  'backend-protocol': {
    aws: async (scene) => (await groupOf(scene, 'encrypted'))?.Protocol,
    is: 'HTTPS',
    requests: async ({ ask }) => (await ask('http://encrypted.example.com/')).status,
    answers: 200,
  },
  'backend-protocol-version': {
    aws: async (scene) => (await groupOf(scene, 'http2'))?.ProtocolVersion,
    is: 'HTTP2',
    // The backend speaks nothing but HTTP/2.
    requests: async ({ ask }) => {
      const grpc = { headers: { 'content-type': 'application/grpc' }, body: 'to and fro' };
      return (await ask('https://http2.example.com/shop/Echo', grpc)).body;
    },
    answers: 'to and fro',
  },
  'healthcheck-protocol': {
    aws: async (scene) => (await checked(scene))?.HealthCheckProtocol,
    is: 'HTTPS',
    ...PASSES,
  },
  'healthcheck-port': {
    aws: async (scene) => (await checked(scene))?.HealthCheckPort,
    is: '8443',
    ...PASSES,
  },
  'healthcheck-path': {
    aws: async (scene) => (await checked(scene))?.HealthCheckPath,
    is: '/healthz',
    ...PASSES,
  },
  'healthcheck-from-readiness-probe': {
    aws: async (scene) => {
      const group = await groupOf(scene, 'probed');
      return [group?.HealthCheckProtocol, group?.HealthCheckPort, group?.HealthCheckPath];
    },
    is: ['HTTPS', '8443', '/ready'],
    requests: async (scene) => [
      (await groupOf(scene, 'probed'))?.targets.map(({ state }) => state),
      (await scene.ask('http://probed.example.com/')).status,
    ],
    answers: [['healthy'], 200],
  },
  'healthcheck-interval-seconds': {
    aws: async (scene) => (await checked(scene))?.HealthCheckIntervalSeconds,
    is: 20,
    ...PASSES,
  },
  'healthcheck-timeout-seconds': {
    aws: async (scene) => (await checked(scene))?.HealthCheckTimeoutSeconds,
    is: 6,
    ...PASSES,
  },
  'healthy-threshold-count': {
    aws: async (scene) => (await checked(scene))?.HealthyThresholdCount,
    is: 3,
    ...PASSES,
  },
  'unhealthy-threshold-count': {
    aws: async (scene) => (await checked(scene))?.UnhealthyThresholdCount,
    is: 4,
    ...PASSES,
  },
  'success-codes': {
    aws: async (scene) => (await checked(scene))?.Matcher?.HttpCode,
    is: '200-299',
    ...PASSES,
  },
  'actions.*': {
    aws: async (scene) => (await rulesWith(scene, '/hello'))?.Actions?.map(({ Type }) => Type),
    is: ['fixed-response'],
    requests: (scene) => asked(scene, '/hello'),
    answers: [200, 'hello'],
  },
  'conditions.*': {
    aws: async (scene) => {
      const { Conditions = [] } = (await rulesWith(scene, '/beta')) ?? {};
      return Conditions.find(({ Field }) => Field === 'http-header')?.HttpHeaderConfig;
    },
    is: { HttpHeaderName: 'X-Beta', Values: ['yes'] },
    requests: async (scene) => [
      (await asked(scene, '/beta'))[0],
      (await asked(scene, '/beta', { headers: { 'x-beta': 'yes' } }))[0],
    ],
    answers: [404, 200],
  },
  'transforms.*': {
    aws: async (scene) => (await rulesWith(scene, '/v1'))?.Transforms?.map(({ Type }) => Type),
    is: ['url-rewrite'],
    requests: (scene) => asked(scene, '/v1/cart'),
    answers: [200, '/cart'],
  },
  'use-regex-path-match': {
    aws: async (scene) => {
      const { rules } = await scene.eyes.stack('web/rules');
      return rules.flatMap(({ Conditions = [] }) =>
        Conditions.flatMap(({ PathPatternConfig }) => PathPatternConfig?.RegexValues ?? []),
      );
    },
    is: ['^\\/v[2-9]$'],
    requests: async (scene) => [await asked(scene, '/v7'), (await asked(scene, '/v77'))[0]],
    answers: [[200, '/v7'], 404],
  },
  'dns-takeover': {
    aws: async ({ eyes }) =>
      (await eyes.record('taken.example.com')).map(({ AliasTarget, TTL }) => [Boolean(AliasTarget), TTL]),
    is: [[true, undefined]],
    requests: async ({ ask }) => (await ask('http://taken.example.com/')).status,
    answers: 200,
  },
  'dns-cutover': {
    aws: async ({ eyes }) => (await eyes.record('shares.example.com')).map(({ Weight }) => Weight).sort(),
    is: [10, 90],
    requests: { same: 'which half a resolver gives is chance, and the other half is an address of nobody' },
  },
  'dns-cutover-interval': {
    // The same steps as `shares`, an hour of which lasts longer than this test.
    aws: async ({ eyes }) =>
      (await eyes.record('hurries.example.com')).map(({ AliasTarget, Weight }) => [
        Boolean(AliasTarget),
        Weight,
      ]),
    is: [[true, undefined]],
    requests: async ({ ask }) => (await ask('http://hurries.example.com/')).status,
    answers: 200,
  },
} as const satisfies Record<string, Proof>;
