/** How the API shows what it keeps, to programs and people who ask without kubectl. */
import assert from 'node:assert/strict';
import type { IncomingHttpHeaders } from 'node:http';
import { request } from 'node:https';
import { after, before, describe, test } from 'node:test';
import { parse } from 'yaml';
import { type SandboxKubernetes, startKubernetes } from '../../src/sandbox/kubernetes/server.ts';

type Answer = { readonly status: number; readonly headers: IncomingHttpHeaders; readonly text: string };
type Shown = {
  readonly metadata: { readonly generation?: number; readonly managedFields: readonly object[] };
  readonly spec: { readonly nodeName?: string };
  readonly status?: object;
};

const MAPS = '/api/v1/namespaces/default/configmaps';
const PODS = '/api/v1/namespaces/default/pods';
const SERVICES = '/api/v1/namespaces/default/services';
const INGRESSES = '/apis/networking.k8s.io/v1/namespaces/default/ingresses';

describe('answers of the Kubernetes API', () => {
  let kubernetes: SandboxKubernetes;
  before(async () => {
    kubernetes = await startKubernetes();
    await ask('POST', MAPS, {
      metadata: { name: 'm' },
      data: { on: 'yes', date: '2026-01-01', text: 'a\nb' },
    });
  });
  after(() => kubernetes.stop());

  const ask = (
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const options = {
        method,
        headers: { 'Content-Type': 'application/json', Authorization: 'Bearer sandbox', ...headers },
        rejectUnauthorized: false,
      };
      const asked = request(`${kubernetes.url}${path}`, options, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (part: string) => {
          text += part;
        });
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text }),
        );
      });
      asked.on('error', reject);
      asked.end(body === undefined ? undefined : JSON.stringify(body));
    });
  const json = async (...asked: Parameters<typeof ask>): Promise<Shown> =>
    JSON.parse((await ask(...asked)).text) as Shown;

  test('JSON is indented for people and for who asks for it', async () => {
    const agent = (name: string): Record<string, string> => ({ 'User-Agent': name });
    const lines = async (path: string, headers: Record<string, string> = {}): Promise<boolean> =>
      (await ask('GET', path, undefined, headers)).text.startsWith('{\n  "');
    assert.equal(await lines(`${MAPS}/m`), false);
    assert.equal(await lines(`${MAPS}/m`, agent('kubectl/v1.35.0')), false);
    for (const name of ['curl/8.5.0', 'Wget/1.21', 'Mozilla/5.0 (X11)'])
      assert.equal(await lines(`${MAPS}/m`, agent(name)), true, name);
    assert.equal(await lines(`${MAPS}?pretty=true`), true);
    assert.equal(await lines(`${MAPS}/nothing?pretty=1`), true);
    assert.equal(await lines('/version?pretty=true'), true);
    assert.equal(await lines(`${MAPS}/m?pretty=false`, agent('curl/8.5.0')), false);
  });

  test('YAML is given to who asks for it, refusals too', async () => {
    const yaml = { Accept: 'application/yaml' };
    const { headers, text } = await ask('GET', `${MAPS}/m`, undefined, yaml);
    assert.equal(headers['content-type'], 'application/yaml');
    assert.match(text, /^apiVersion: v1\ndata:\n {2}"?date"?: "2026-01-01"\n {2}"on": "yes"\n/);
    assert.deepEqual(parse(text), await json('GET', `${MAPS}/m`));
    const list = await ask('GET', MAPS, undefined, { Accept: 'application/yaml, application/json' });
    assert.equal(parse(list.text).kind, 'ConfigMapList');
    const missing = await ask('GET', `${MAPS}/nothing`, undefined, yaml);
    assert.equal(missing.status, 404);
    assert.equal(parse(missing.text).message, 'configmaps "nothing" not found');
    const both = await ask('GET', `${MAPS}/m`, undefined, { Accept: 'application/json, application/yaml' });
    assert.equal(both.headers['content-type'], 'application/json');
    const watch = await ask('GET', `${MAPS}?watch=true`, undefined, yaml);
    assert.equal(watch.status, 406);
    assert.match(watch.text, /only the following media types are accepted: application\/json/);
  });

  test('old paths of watches are watches, to roles too', async () => {
    const first = async (path: string, headers: Record<string, string> = {}): Promise<string> =>
      (await ask('GET', `${path}?timeoutSeconds=1`, undefined, headers)).text.split('\n')[0] ?? '';
    const lines = await Promise.all([
      first('/api/v1/watch/namespaces/default/configmaps/m'),
      first('/api/v1/watch/namespaces'),
      first('/apis/scheduling.k8s.io/v1/watch/priorityclasses'),
    ]);
    assert.deepEqual(
      lines.map((line) => /^\{"type":"ADDED".*"kind":"(\w+)"/.exec(line)?.[1]),
      ['ConfigMap', 'Namespace', 'PriorityClass'],
    );
    const anna = { Authorization: 'Bearer user:anna' };
    assert.match(await first('/api/v1/watch/configmaps', anna), /cannot watch resource \\"configmaps\\"/);
    assert.equal((await ask('POST', '/api/v1/watch/namespaces/default/configmaps', {})).status, 404);
  });

  test('Ingresses and Services have a load balancer status, owned by nobody, from the beginning', async () => {
    const backend = { service: { name: 'front', port: { number: 80 } } };
    const ingress = { metadata: { name: 'i' }, spec: { defaultBackend: backend } };
    const service = { metadata: { name: 's' }, spec: { ports: [{ port: 80 }] } };
    for (const [path, body, name] of [
      [INGRESSES, ingress, 'i'],
      [SERVICES, service, 's'],
    ] as const) {
      const made = await json('POST', path, body);
      assert.deepEqual(made.status, { loadBalancer: {} });
      assert.doesNotMatch(JSON.stringify(made.metadata.managedFields), /f:status/);
      const hold = { 'Content-Type': 'application/merge-patch+json' };
      const status = { loadBalancer: { ingress: [{ hostname: 'a.example.com' }] } };
      assert.deepEqual((await json('PATCH', `${path}/${name}/status`, { status }, hold)).status, status);
      const emptied = await json('PATCH', `${path}/${name}/status`, { status: { loadBalancer: null } }, hold);
      assert.deepEqual(emptied.status, { loadBalancer: {} });
    }
  });

  test('binding a Pod is no new generation of it, another image is', async () => {
    const containers = [{ name: 'c', image: 'text:1' }];
    await ask('POST', PODS, { metadata: { name: 'p' }, spec: { containers } });
    const bound = await ask('POST', `${PODS}/p/binding`, { target: { kind: 'Node', name: 'node-a' } });
    assert.equal(bound.status, 201);
    const { metadata, spec } = await json('GET', `${PODS}/p`);
    assert.deepEqual([spec.nodeName, metadata.generation], ['node-a', 1]);
    const patch = { spec: { containers: [{ name: 'c', image: 'text:2' }] } };
    const type = { 'Content-Type': 'application/strategic-merge-patch+json' };
    assert.equal((await json('PATCH', `${PODS}/p`, patch, type)).metadata.generation, 2);
  });
});
