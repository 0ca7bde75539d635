import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { cannotRun } from './kubectl.ts';
import { startTestCluster, type TestCluster } from './sandbox-cluster.ts';

const WEB = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 0
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - {name: one, image: 'nginx:1', env: [{name: A, value: '1'}]}
      - {name: two, image: 'httpd:1'}
`;

const INGRESS = `
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: site, annotations: {a: '1'}}
spec:
  ingressClassName: alb
  rules:
  - host: a.example.com
    http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: s, port: {number: 80}}}}]}
`;

describe('kubectl changes objects', { skip: cannotRun() }, () => {
  let cluster: TestCluster;
  before(async () => {
    cluster = await startTestCluster('127.72');
  });
  after(() => cluster.stop());
  beforeEach(async () => {
    await cluster.kubectl('delete deployment,ingress,configmap --all');
  });
  const field = async (what: string, path: string): Promise<string> =>
    cluster.kubectl(`get ${what} -o jsonpath='{${path}}'`);

  test('apply on the client: create, unchanged, configured, removed', async () => {
    assert.match(await cluster.kubectl('apply -f -', WEB), /web created/);
    assert.match(await cluster.kubectl('apply -f -', WEB), /web unchanged/);
    assert.match(
      await cluster.kubectl(
        'apply -f -',
        WEB.replace(", env: [{name: A, value: '1'}]", '').replace('nginx:1', 'nginx:2'),
      ),
      /web configured/,
    );
    assert.equal(await field('deploy web', '.spec.template.spec.containers[*].image'), 'nginx:2 httpd:1');
    assert.equal(await field('deploy web', '.spec.template.spec.containers[0].env'), '');
    assert.match(
      await cluster.kubectl('apply -f -', WEB.replace("      - {name: two, image: 'httpd:1'}\n", '')),
      /web configured/,
    );
    assert.equal(await field('deploy web', '.spec.template.spec.containers[*].name'), 'one');
  });

  test('apply on the server: owners, conflicts, force, removal', async () => {
    assert.match(await cluster.kubectl('apply --server-side -f -', INGRESS), /site serverside-applied/);
    assert.match(await cluster.kubectl('apply --server-side -f -', INGRESS), /site serverside-applied/);
    await cluster.kubectl(`patch ingress site --type=merge -p '{"spec":{"ingressClassName":"other"}}'`);
    const refused = await cluster.tryKubectl('apply --server-side -f -', INGRESS);
    assert.equal(refused.code, 1);
    assert.match(
      refused.stderr,
      /Apply failed with 1 conflict: conflict with "kubectl-patch" using networking\.k8s\.io\/v1: \.spec\.ingressClassName/,
    );
    await cluster.kubectl('apply --server-side --force-conflicts -f -', INGRESS);
    assert.equal(await field('ingress site', '.spec.ingressClassName'), 'alb');
    await cluster.kubectl('annotate ingress site mine=kept');
    await cluster.kubectl('apply --server-side -f -', INGRESS.replace(", annotations: {a: '1'}", ''));
    assert.equal(await field('ingress site', '.metadata.annotations'), '{"mine":"kept"}');
  });

  test('two appliers own items of one list', async () => {
    const part = (name: string, manager: string, replicas = ''): Promise<string> =>
      cluster.kubectl(
        `apply --server-side --field-manager=${manager} -f -`,
        `{apiVersion: apps/v1, kind: Deployment, metadata: {name: web}, spec: {${replicas}selector: {matchLabels: {app: web}}, template: {metadata: {labels: {app: web}}, spec: {containers: [{name: ${name}, image: nginx}]}}}}`,
      );
    await part('one', 'first', 'replicas: 0, ');
    await part('two', 'second');
    assert.equal(await field('deploy web', '.spec.template.spec.containers[*].name'), 'one two');
    await part('three', 'first', 'replicas: 0, ');
    assert.equal(await field('deploy web', '.spec.template.spec.containers[*].name'), 'two three');
    assert.equal(
      await field('deploy web', '.metadata.managedFields[?(@.operation=="Apply")].manager'),
      'second first',
    );
  });

  test('the three patch types', async () => {
    await cluster.kubectl('create -f -', WEB);
    await cluster.kubectl(
      `patch deploy web -p '{"spec":{"template":{"spec":{"containers":[{"name":"two","image":"httpd:2"}]}}}}'`,
    );
    assert.equal(await field('deploy web', '.spec.template.spec.containers[*].image'), 'nginx:1 httpd:2');
    await cluster.kubectl(
      `patch deploy web --type=json -p '[{"op":"test","path":"/spec/replicas","value":0},{"op":"replace","path":"/spec/template/spec/containers/0/image","value":"nginx:3"}]'`,
    );
    assert.equal(await field('deploy web', '.spec.template.spec.containers[*].image'), 'nginx:3 httpd:2');
    await cluster.kubectl(
      `patch deploy web --type=merge -p '{"spec":{"template":{"spec":{"containers":[{"name":"only","image":"tomcat"}]}}}}'`,
    );
    assert.equal(await field('deploy web', '.spec.template.spec.containers[*].image'), 'tomcat');
    await cluster.kubectl(
      `patch deploy web -p '{"spec":{"template":{"spec":{"containers":[{"name":"only","$patch":"delete"},{"name":"new","image":"echo"}]}}}}'`,
    );
    assert.equal(await field('deploy web', '.spec.template.spec.containers[*].name'), 'new');
  });

  test('a strategy change drops the fields of the other strategy', async () => {
    await cluster.kubectl('create -f -', WEB);
    await cluster.kubectl(
      `patch deploy web -p '{"spec":{"strategy":{"$retainKeys":["type"],"type":"Recreate"}}}'`,
    );
    assert.equal(await field('deploy web', '.spec.strategy'), '{"type":"Recreate"}');
  });

  test('the status is a resource of its own and generation counts the spec', async () => {
    await cluster.kubectl('create -f -', INGRESS);
    const generation = (): Promise<string> => field('ingress site', '.metadata.generation');
    await cluster.kubectl(
      `patch ingress site --subresource=status --type=merge -p '{"status":{"loadBalancer":{"ingress":[{"hostname":"lb.example.com"}]}}}'`,
    );
    await cluster.kubectl(
      `patch ingress site --type=merge -p '{"status":{"loadBalancer":{"ingress":[{"hostname":"ignored"}]}}}'`,
    );
    assert.equal(await field('ingress site', '.status.loadBalancer.ingress[0].hostname'), 'lb.example.com');
    assert.equal(await generation(), '1');
    await cluster.kubectl(`patch ingress site --type=merge -p '{"spec":{"ingressClassName":"b"}}'`);
    assert.equal(await generation(), '2');
    assert.match(
      await cluster.kubectl('get ingress site'),
      /^NAME\s+CLASS\s+HOSTS\s+ADDRESS\s+PORTS\s+AGE\nsite\s+b\s+a\.example\.com\s+lb\.example\.com\s+80\s+\d+s\n$/,
    );
  });

  test('label, annotate, set, scale', async () => {
    await cluster.kubectl('create -f -', WEB);
    await cluster.kubectl('label deploy web tier=front');
    assert.match(
      (await cluster.tryKubectl('label deploy web tier=back')).stderr,
      /'tier' already has a value \(front\), and --overwrite is false/,
    );
    await cluster.kubectl('label deploy web tier=back --overwrite');
    assert.equal(await field('deploy web', '.metadata.labels.tier'), 'back');
    await cluster.kubectl('label deploy web tier-');
    await cluster.kubectl('annotate deploy web note=hello');
    assert.equal(await field('deploy web', '.metadata.annotations.note'), 'hello');
    await cluster.kubectl('set image deploy/web one=nginx:9');
    await cluster.kubectl('set env deploy/web B=2');
    await cluster.kubectl('set resources deploy/web --limits=cpu=200m');
    assert.equal(await field('deploy web', '.spec.template.spec.containers[0].resources.limits.cpu'), '200m');
    await cluster.kubectl('scale deploy web --replicas=2');
    assert.equal(await field('deploy web', '.spec.replicas'), '2');
    assert.match(
      (await cluster.tryKubectl('scale deploy web --replicas=3 --current-replicas=7')).stderr,
      /Expected replicas to be 7, was 2/,
    );
  });

  test('replace, edit, diff and kustomize', async () => {
    await cluster.kubectl('create -f -', INGRESS);
    assert.match(
      await cluster.kubectl('replace -f -', INGRESS.replace('a.example.com', 'b.example.com')),
      /site replaced/,
    );
    assert.match(await cluster.kubectl('replace --force -f -', INGRESS), /site replaced/);
    assert.match((await cluster.tryKubectl('edit ingress site')).stderr, /Edit cancelled, no changes made/);
    await cluster.kubectl('apply -f -', INGRESS);
    const diff = await cluster.tryKubectl('diff -f -', INGRESS.replace('a.example.com', 'c.example.com'));
    assert.equal(diff.code, 1, diff.stderr);
    assert.match(diff.stdout, /-\s+- host: a\.example\.com\n\+\s+- host: c\.example\.com/);
    assert.equal((await cluster.tryKubectl('diff -f -', INGRESS)).code, 0);
  });

  test('an update that changes nothing uses up no version', async () => {
    await cluster.kubectl('create configmap same --from-literal=a=1');
    const before = await field('configmap same', '.metadata.resourceVersion');
    await cluster.kubectl(`patch configmap same --type=merge -p '{"data":{"a":"1"}}'`);
    assert.equal(await field('configmap same', '.metadata.resourceVersion'), before);
  });
});
