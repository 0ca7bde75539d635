import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { cannotRun } from './kubectl.ts';
import { startTestCluster, type TestCluster } from './sandbox-cluster.ts';

const ingress = (spec: object, metadata: object = {}): string =>
  JSON.stringify({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { name: 'bad', ...metadata },
    spec,
  });
const service = (spec: object): string =>
  JSON.stringify({ apiVersion: 'v1', kind: 'Service', metadata: { name: 'bad' }, spec });
const deployment = (spec: object): string =>
  JSON.stringify({ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'bad' }, spec });

const backend = { service: { name: 'front', port: { number: 80 } } };
const rule = (path: object): object => ({ rules: [{ http: { paths: [path] } }] });
const template = {
  metadata: { labels: { app: 'bad' } },
  spec: { containers: [{ name: 'web', image: 'nginx' }] },
};
const selector = { matchLabels: { app: 'bad' } };

/** What is sent, and what kubectl must say. */
const REFUSED: readonly (readonly [string, string, RegExp])[] = [
  [
    'an unknown field',
    ingress({ ...rule({ path: '/', pathType: 'Prefix', backend }), ingressClass: 'alb' }),
    /Ingress in version "v1" cannot be handled as a Ingress: strict decoding error: unknown field "spec\.ingressClass"/,
  ],
  [
    'a missing pathType',
    ingress(rule({ path: '/', backend })),
    /The Ingress "bad" is invalid: spec\.rules\[0\]\.http\.paths\[0\]\.pathType: Required value: pathType must be specified/,
  ],
  [
    'a wrong pathType',
    ingress(rule({ path: '/', pathType: 'Regex', backend })),
    /pathType: Unsupported value: "Regex": supported values: "Exact", "ImplementationSpecific", "Prefix"/,
  ],
  [
    'a relative path',
    ingress(rule({ path: 'a', pathType: 'Prefix', backend })),
    /paths\[0\]\.path: Invalid value: "a": must be an absolute path/,
  ],
  [
    'a text where a number belongs',
    ingress(
      rule({
        path: '/',
        pathType: 'Prefix',
        backend: { service: { name: 'front', port: { number: 'http' } } },
      }),
    ),
    /json: cannot unmarshal string into Go struct field ServiceBackendPort\.spec\.rules\.http\.paths\.backend\.service\.port\.number of type int32/,
  ],
  [
    'an Ingress without rules and backend',
    ingress({}),
    /The Ingress "bad" is invalid: spec: Invalid value: null: either `defaultBackend` or `rules` must be specified/,
  ],
  [
    'an IP address as host',
    ingress({ rules: [{ host: '10.0.0.1', http: { paths: [{ path: '/', pathType: 'Prefix', backend }] } }] }),
    /host: Invalid value: "10\.0\.0\.1": must be a DNS name, not an IP address/,
  ],
  [
    'a bad label value',
    ingress(rule({ path: '/', pathType: 'Prefix', backend }), { labels: { a: 'no spaces' } }),
    /metadata\.labels: Invalid value: "no spaces": a valid label must be/,
  ],
  [
    'a bad name',
    ingress(rule({ path: '/', pathType: 'Prefix', backend }), { name: 'Bad_Name' }),
    /metadata\.name: Invalid value: "Bad_Name": a lowercase RFC 1123 subdomain must consist of/,
  ],
  [
    'an unknown namespace',
    ingress(rule({ path: '/', pathType: 'Prefix', backend }), { namespace: 'nowhere' }),
    /Error from server \(NotFound\): error when creating "STDIN": namespaces "nowhere" not found/,
  ],
  [
    'a Service without ports',
    service({ selector: { app: 'bad' } }),
    /The Service "bad" is invalid: spec\.ports: Required value/,
  ],
  [
    'two Service ports without names',
    service({ ports: [{ port: 80 }, { port: 81 }] }),
    /spec\.ports\[0\]\.name: Required value/,
  ],
  [
    'a node port out of range',
    service({ type: 'NodePort', ports: [{ port: 80, nodePort: 80 }] }),
    /spec\.ports\[0\]\.nodePort: Invalid value: 80: provided port is not in the valid range\. The range of valid ports is 30000-32767/,
  ],
  [
    'a node port that is taken',
    service({ type: 'NodePort', ports: [{ port: 80, nodePort: 30123 }] }),
    /spec\.ports\[0\]\.nodePort: Invalid value: 30123: provided port is already allocated/,
  ],
  [
    'a Service type that is not one',
    service({ type: 'Public', ports: [{ port: 80 }] }),
    /spec\.type: Unsupported value: "Public": supported values:/,
  ],
  [
    'a Deployment without selector',
    deployment({ template }),
    /The Deployment "bad" is invalid: (\n\* )?spec\.selector: Required value/,
  ],
  [
    'a selector that misses its template',
    deployment({ selector: { matchLabels: { app: 'other' } }, template }),
    /`selector` does not match template `labels`/,
  ],
  [
    'a Deployment without containers',
    deployment({ selector, template: { ...template, spec: { containers: [] } } }),
    /spec\.template\.spec\.containers: Required value/,
  ],
  [
    'a container without image',
    deployment({ selector, template: { ...template, spec: { containers: [{ name: 'web' }] } } }),
    /spec\.template\.spec\.containers\[0\]\.image: Required value/,
  ],
  [
    'a text for replicas',
    deployment({ replicas: 'two', selector, template }),
    /json: cannot unmarshal string into Go struct field DeploymentSpec\.spec\.replicas of type int32/,
  ],
  [
    'a bad quantity',
    deployment({
      selector,
      template: {
        ...template,
        spec: { containers: [{ name: 'web', image: 'nginx', resources: { limits: { cpu: 'many' } } }] },
      },
    }),
    /quantities must match the regular expression/,
  ],
  [
    'an unknown kind',
    JSON.stringify({ apiVersion: 'example.com/v1', kind: 'Thing', metadata: { name: 'x' } }),
    /no matches for kind "Thing" in version "example\.com\/v1"/,
  ],
];

describe('kubectl is refused with the words of a real API server:', { skip: cannotRun() }, () => {
  let cluster: TestCluster;
  before(async () => {
    cluster = await startTestCluster('127.71');
    await cluster.kubectl('create service nodeport taken --tcp=80 --node-port=30123');
    await cluster.kubectl('create configmap there --from-literal=a=1');
  });
  after(() => cluster.stop());

  for (const [what, manifest, expected] of REFUSED) {
    test(what, async () => {
      const { code, stderr } = await cluster.tryKubectl('create -f -', manifest);
      assert.equal(code, 1);
      assert.match(stderr, expected);
    });
  }

  test('something that is not there', async () => {
    const { code, stderr } = await cluster.tryKubectl('get ingress missing');
    assert.equal(code, 1);
    assert.match(
      stderr,
      /Error from server \(NotFound\): ingresses\.networking\.k8s\.io "missing" not found/,
    );
  });

  test('something that is there already', async () => {
    const { stderr } = await cluster.tryKubectl('create configmap there');
    assert.match(stderr, /error: failed to create configmap: configmaps "there" already exists/);
  });

  test('a change of an older version', async () => {
    const old = JSON.parse(await cluster.kubectl('get configmap there -o json')) as {
      metadata: { resourceVersion: string };
    };
    await cluster.kubectl('label configmap there moved=on');
    const { stderr } = await cluster.tryKubectl('replace -f -', JSON.stringify(old));
    assert.match(
      stderr,
      /Error from server \(Conflict\).*Operation cannot be fulfilled on configmaps "there": the object has been modified; please apply your changes to the latest version and try again/,
    );
  });

  test('a change of what never changes', async () => {
    await cluster.kubectl('create deployment fixed --image=nginx --replicas=0');
    const patch = `{"spec":{"selector":{"matchLabels":{"app":"other"}},"template":{"metadata":{"labels":{"app":"other"}}}}}`;
    const { stderr } = await cluster.tryKubectl(`patch deployment fixed -p '${patch}'`);
    assert.match(stderr, /spec\.selector: Invalid value: .*: field is immutable/);
  });

  test('a protected namespace', async () => {
    const { stderr } = await cluster.tryKubectl('delete namespace default');
    assert.match(stderr, /namespaces "default" is forbidden: this namespace may not be deleted/);
  });

  test('an unknown field in a patch', async () => {
    const { stderr } = await cluster.tryKubectl(`patch configmap there --type=merge -p '{"dada":{"a":"1"}}'`);
    assert.match(stderr, /unknown field "dada"/);
  });

  test('a JSON patch that does not fit', async () => {
    const { stderr } = await cluster.tryKubectl(
      `patch configmap there --type=json -p '[{"op":"remove","path":"/data/none"}]'`,
    );
    assert.match(stderr, /the server rejected our request due to an error in our request/);
  });

  test('an unknown field that validation only warns of is dropped', async () => {
    const { code, stderr } = await cluster.tryKubectl(
      'create -f - --validate=warn',
      JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'warned' }, typo: 1 }),
    );
    assert.equal(code, 0);
    assert.match(stderr, /Warning: unknown field "typo"/);
    assert.doesNotMatch(await cluster.kubectl('get configmap warned -o yaml'), /typo/);
  });
});
