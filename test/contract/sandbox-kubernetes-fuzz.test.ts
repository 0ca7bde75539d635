import assert from 'node:assert/strict';
import { Agent, request } from 'node:https';
import { after, before, describe, test } from 'node:test';
import fc from 'fast-check';
import { type SandboxKubernetes, startKubernetes } from '../../src/sandbox/kubernetes/server.ts';

const TYPES = [
  'application/json',
  'application/yaml',
  'application/vnd.kubernetes.protobuf',
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
  'application/apply-patch+yaml',
];
const PATHS = [
  '/apis/networking.k8s.io/v1/namespaces/default/ingresses',
  '/apis/apps/v1/namespaces/default/deployments',
  '/api/v1/namespaces/default/services',
  '/api/v1/namespaces/default/pods',
  '/api/v1/namespaces/default/secrets',
  '/api/v1/namespaces',
  '/apis/apiextensions.k8s.io/v1/customresourcedefinitions',
  '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings',
  '/apis/batch/v1/namespaces/default/jobs',
  '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
];
const KINDS: Readonly<Record<string, readonly [string, string]>> = {
  ingresses: ['networking.k8s.io/v1', 'Ingress'],
  deployments: ['apps/v1', 'Deployment'],
  services: ['v1', 'Service'],
  pods: ['v1', 'Pod'],
  secrets: ['v1', 'Secret'],
  namespaces: ['v1', 'Namespace'],
  customresourcedefinitions: ['apiextensions.k8s.io/v1', 'CustomResourceDefinition'],
  clusterrolebindings: ['rbac.authorization.k8s.io/v1', 'ClusterRoleBinding'],
  jobs: ['batch/v1', 'Job'],
  selfsubjectaccessreviews: ['authorization.k8s.io/v1', 'SelfSubjectAccessReview'],
};

/** Names that mean something to the server, so that random values land where they may hurt. */
const NAMES = [
  'spec',
  'metadata',
  'name',
  'labels',
  'finalizers',
  'rules',
  'http',
  'paths',
  'ports',
  'port',
  'containers',
  'template',
  'selector',
  'matchLabels',
  'versions',
  'names',
  'schema',
  'env',
  'type',
  'data',
  'stringData',
  'subjects',
  'roleRef',
  'status',
  'tls',
  'hosts',
  'backend',
  '$patch',
  '$setElementOrder/ports',
  'op',
  'path',
  'value',
  'managedFields',
  'ownerReferences',
  'additionalPrinterColumns',
  '__proto__',
  'constructor',
];
const { value: junk } = fc.letrec<{ value: unknown; leaf: unknown; list: unknown; object: unknown }>(
  (tie) => ({
    value: fc.oneof({ maxDepth: 6, withCrossShrink: true }, tie('leaf'), tie('list'), tie('object')),
    leaf: fc.oneof(
      fc.constant(null),
      fc.boolean(),
      fc.integer(),
      fc.double(),
      fc.string(),
      fc.constantFrom(...NAMES, 'replace', 'delete', '/spec', '/metadata/labels'),
    ),
    list: fc.array(tie('value'), { maxLength: 4 }),
    object: fc.dictionary(fc.constantFrom(...NAMES), tie('value'), { maxKeys: 5 }),
  }),
);

/** How many requests in all; `npm run fuzz:kubernetes` sends 100,000. */
const RUNS = Number(process.env.FUZZ_RUNS ?? 2_000);
const share = (percent: number) => ({
  numRuns: Math.ceil((RUNS * percent) / 100),
  interruptAfterTimeLimit: 3_000_000,
});

describe('bodies of any shape are answered', () => {
  let kubernetes: SandboxKubernetes;
  before(async () => {
    kubernetes = await startKubernetes();
  });
  const agent = new Agent({ keepAlive: true, rejectUnauthorized: false });
  after(() => {
    agent.destroy();
    return kubernetes.stop();
  });

  const send = (
    method: string,
    path: string,
    type: string,
    body: Buffer,
  ): Promise<{ status: number; text: string }> =>
    new Promise((resolve, reject) => {
      const outgoing = request(
        `${kubernetes.url}${path}`,
        {
          method,
          headers: { authorization: 'Bearer sandbox', 'content-type': type, 'content-length': body.length },
          agent,
        },
        (response) => {
          let text = '';
          response.setEncoding('utf8').on('data', (chunk: string) => {
            text += chunk;
          });
          response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
        },
      );
      outgoing.on('error', reject).end(body);
    });

  const check = async (method: string, path: string, type: string, body: Buffer): Promise<void> => {
    const { status, text } = await send(method, path, type, body);
    if (status < 400) return;
    const answer = JSON.parse(text) as { readonly kind: string; readonly reason?: string };
    assert.equal(answer.kind, 'Status');
    // A real server answers some refusals with 500; what nobody foresaw is an InternalError.
    const what = `${method} ${path} ${type} ${body.toString('latin1')}: ${status} ${text}`;
    assert.ok(status < 500 || (status === 500 && answer.reason === undefined), what);
  };

  test('objects', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...PATHS),
        fc.constantFrom(...TYPES.slice(0, 2)),
        junk,
        junk,
        async (path, type, spec, metadata) => {
          const [apiVersion, kind] = KINDS[path.split('/').at(-1) ?? ''] ?? ['', ''];
          const object = {
            apiVersion,
            kind,
            metadata: { generateName: 'x-', ...(typeof metadata === 'object' ? metadata : {}) },
            spec,
            template: spec,
            subjects: spec,
          };
          await check('POST', path, type, Buffer.from(JSON.stringify(object)));
        },
      ),
      share(30),
    );
  });

  test('patches of objects that are there', async () => {
    const made = {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'victim' },
      spec: { ports: [{ name: 'a', port: 80 }], selector: { a: 'b' } },
    };
    await check('POST', PATHS[2] ?? '', 'application/json', Buffer.from(JSON.stringify(made)));
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...TYPES.slice(3)), junk, async (type, patch) => {
        const body = type.includes('apply')
          ? { apiVersion: 'v1', kind: 'Service', metadata: { name: 'victim' }, spec: patch }
          : patch;
        await check(
          'PATCH',
          `${PATHS[2]}/victim?fieldManager=fuzz&force=true`,
          type,
          Buffer.from(JSON.stringify(body)),
        );
      }),
      share(30),
    );
  });

  test('bytes', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...PATHS),
        fc.constantFrom(...TYPES),
        fc.uint8Array({ maxLength: 200 }),
        fc.boolean(),
        async (path, type, bytes, prefixed) => {
          const head = prefixed ? [Buffer.from('k8s\0\x0a\x11\x0a\x02v1\x12\x0bService\x12', 'latin1')] : [];
          await check('POST', path, type, Buffer.concat([...head, bytes]));
          await check('DELETE', `${path}/none`, type, Buffer.concat([...head, bytes]));
        },
      ),
      share(20),
    );
  });

  test('addresses', async () => {
    const part = fc.constantFrom(
      'api',
      'apis',
      'v1',
      'namespaces',
      'default',
      'pods',
      'x',
      '%zz',
      '%2f',
      'apps',
      'deployments',
      'status',
      'scale',
      'log',
      'openapi',
      'v3',
      '..',
    );
    const query = fc.constantFrom(
      '',
      '?watch=1&timeoutSeconds=1&resourceVersion=x',
      '?limit=-1',
      '?limit=1&continue=x',
      '?labelSelector=a=(',
      '?fieldSelector=a',
      '?resourceVersion=99999999',
    );
    await fc.assert(
      fc.asyncProperty(fc.array(part, { maxLength: 7 }), query, async (parts, asked) => {
        await check('GET', `/${parts.join('/')}${asked}`, 'application/json', Buffer.alloc(0));
      }),
      share(20),
    );
  });
});
