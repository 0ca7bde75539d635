/** The chart by itself: what it refuses, what it renders, and that the embedded API server accepts all of it. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Document, parse, parseAllDocuments } from 'yaml';
import packageJson from '../../package.json' with { type: 'json' };
import { settingsOf } from '../../src/cli/connections.ts';
import { readOptions } from '../../src/cli/options.ts';
import { recordAccessOf } from '../../src/cli/record-options.ts';
import { type SandboxKubernetes, startKubernetes } from '../../src/sandbox/kubernetes/server.ts';
import { cannotRun, helm, kubectl, type Ran, removeHomes } from '../contract/kubectl.ts';

const ROOT = join(import.meta.dirname, '../..');
const CHART = join(ROOT, 'helm/alb-ingress-controller');
const SETS = readdirSync(join(CHART, 'ci')).map((name) => join(CHART, 'ci', name));
const LEAST = join(CHART, 'ci/1-least-values.yaml');
const EXAMPLE = join(ROOT, 'examples/alb-ingress-controller.yaml');

const SERVICE_MONITORS = `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: servicemonitors.monitoring.coreos.com}
spec:
  group: monitoring.coreos.com
  scope: Namespaced
  names: {plural: servicemonitors, kind: ServiceMonitor}
  versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}}]
`;

/** Values that cannot be right, and what the answer says of them. */
const REFUSED: readonly (readonly [string, RegExp])[] = [
  ['clusterName=', /'\/clusterName': '' does not match pattern/],
  ['clusterName=my cluster', /'\/clusterName': 'my cluster' does not match/],
  ['aws.region=', /'\/aws\/region': '' does not match/],
  ['aws.region=Ireland', /'\/aws\/region': 'Ireland' does not match/],
  ['aws.vpcId=my-vpc', /'\/aws\/vpcId': 'my-vpc' does not match/],
  ['aws.endpointUrl=localhost:4566', /'\/aws\/endpointUrl'/],
  ['aws.accessKeyId=AKIA', /'\/aws': additional properties 'accessKeyId' not allowed/],
  ['aws.existingSecret=No Secret', /'\/aws\/existingSecret'/],
  ['scope.ingressClass=', /'\/scope\/ingressClass'/],
  ['scope.ingressClass=Alb', /'\/scope\/ingressClass': 'Alb' does not match/],
  ['scope.singleNamespace=maybe', /'\/scope\/singleNamespace': got string, want boolean/],
  ['scope.watchNamespace=a\\, b', /'\/scope\/watchNamespace': 'a, b' does not match/],
  ['scope.namespace=a', /additional properties 'namespace' not allowed/],
  ['route53.policy=delete', /'\/route53\/policy': value must be one of 'sync', 'upsert-only', 'create-only'/],
  ['route53.zoneIds={example.com}', /'\/route53\/zoneIds\/0': 'example.com' does not match/],
  ['route53.zoneRoles={arn:aws:iam::123456789012:role/dns}', /'\/route53\/zoneRoles\/0': .* does not match/],
  ['tls.secrets=yes', /'\/tls\/secrets': value must be one of 'ignore', 'import'/],
  ['tls.certificateDiscovery=on', /'\/tls\/certificateDiscovery': value must be one of/],
  ['tls.privateAuthorityArn=ca-1', /'\/tls\/privateAuthorityArn': 'ca-1' does not match/],
  ['defaults.scheme=public', /'\/defaults\/scheme': value must be one of '', 'internal', 'internet-facing'/],
  ['defaults.targetType=lambda', /'\/defaults\/targetType': value must be one of/],
  ['defaults.sslPolicy=modern', /'\/defaults\/sslPolicy': 'modern' does not match/],
  ['defaults.tags.team=a\\,b', /'\/defaults\/tags\/team': 'a,b' does not match/],
  ['rbac.pods.enabled=no', /'\/rbac\/pods\/enabled': got string, want boolean/],
  ['ingressClass.create=1', /'\/ingressClass\/create': got number, want boolean/],
  ['controller.replicaCount=two', /'\/controller\/replicaCount': got string, want integer/],
  ['controller.replicaCount=-1', /'\/controller\/replicaCount': minimum: got -1, want 0/],
  ['controller.replicaCount=50', /'\/controller\/replicaCount': maximum: got 50, want 10/],
  [
    'controller.logLevel=trace',
    /'\/controller\/logLevel': value must be one of 'debug', 'info', 'warn', 'error'/,
  ],
  ['controller.syncPeriod=10', /'\/controller\/syncPeriod': got number, want string/],
  ['controller.leaderElection.leaseDuration=fast', /'\/controller\/leaderElection\/leaseDuration'/],
  ['controller.image.pullPolicy=Sometimes', /'\/controller\/image\/pullPolicy': value must be one of/],
  ['controller.image.repository=', /'\/controller\/image\/repository'/],
  ['controller.image.tag=a b', /'\/controller\/image\/tag'/],
  ['controller.extraArgs={run}', /'\/controller\/extraArgs\/0': 'run' does not match/],
  ['controller.podLabels.team=1', /'\/controller\/podLabels\/team': got number, want string/],
  ['controller.terminationGracePeriodSeconds=0', /minimum: got 0, want 1/],
  ['networkPolicy.egressPorts={70000}', /maximum: got 70,?000, want 65,?535/],
  ['serviceMonitor.interval=often', /'\/serviceMonitor\/interval'/],
  ['defaultBackend.enabled=yes', /'\/defaultBackend\/enabled': got string, want boolean/],
  ['replicaCount=2', /additional properties 'replicaCount' not allowed/],
];

type Pod = {
  readonly securityContext?: Readonly<Record<string, unknown>>;
  readonly containers: readonly {
    readonly args?: readonly string[];
    readonly securityContext?: Readonly<Record<string, unknown>>;
  }[];
};

/** Those of templates too. */
const podsIn = (text: string): readonly Pod[] =>
  parseAllDocuments(text)
    .map((it) => it.toJS() as { readonly spec?: Partial<Pod> & { readonly template?: { spec: Pod } } } | null)
    .map((it) => it?.spec?.template?.spec ?? it?.spec)
    .filter((it): it is Pod => it?.containers !== undefined);

/** Of the containers that run this program, the helm test among them. */
const argumentsIn = (text: string): readonly (readonly string[])[] => {
  const found = podsIn(text)
    .flatMap(({ containers }) => containers)
    .flatMap(({ args }) => (args?.[0] === 'run' || args?.[0] === 'plan' ? [args] : []));
  assert.equal(found.length, 2);
  return found;
};

describe('the chart', { skip: cannotRun() }, () => {
  let cluster: SandboxKubernetes;
  const run = async (args: readonly string[]): Promise<string> => {
    const { code, stdout, stderr } = await helm(cluster.kubeconfig, args);
    assert.equal(code, 0, stderr);
    return stdout;
  };
  const create = (text: string): Promise<Ran> =>
    kubectl(cluster.kubeconfig, ['create', '--dry-run=server', '-o', 'name', '-f', '-'], text);

  before(async () => {
    cluster = await startKubernetes();
    const { code } = await kubectl(cluster.kubeconfig, ['create', '-f', '-'], SERVICE_MONITORS);
    assert.equal(code, 0);
    await kubectl(cluster.kubeconfig, ['create', 'namespace', 'edge']);
  });
  after(async () => {
    await cluster.stop();
    await removeHomes();
  });

  for (const [value, said] of REFUSED)
    test(`refuses ${value}`, async () => {
      const { code, stderr } = await helm(cluster.kubeconfig, [
        'template',
        'x',
        CHART,
        '-f',
        LEAST,
        '--set',
        value,
      ]);
      assert.notEqual(code, 0);
      assert.match(stderr, said);
    });

  for (const file of SETS)
    test(`lints and renders ${file.replace(/.*\//, '')}, and the API server takes it`, async () => {
      await run(['lint', '--strict', CHART, '-f', file]);
      // A dry run leaves no service account behind that the Pod of `helm test` could have; install.test.ts runs it.
      const text = await run([
        'template',
        'release',
        CHART,
        '-f',
        file,
        '--namespace',
        'edge',
        '--skip-tests',
      ]);
      const count = parseAllDocuments(text).filter((it) => it.toJS() !== null).length;
      const { code, stdout, stderr } = await create(text);
      assert.equal(code, 0, stderr);
      assert.equal(stderr, '');
      assert.equal(stdout.trim().split('\n').length, count);
    });

  test('the program takes the arguments that the chart gives it', async () => {
    for (const file of SETS) {
      const text = await run(['template', 'release', CHART, '-f', file, '--namespace', 'edge']);
      for (const [command = '', ...args] of argumentsIn(text)) {
        const options = readOptions(command === 'run' ? 'run' : 'plan', args, { CLUSTER_NAME: 'dev' });
        settingsOf(options, 'dev');
        recordAccessOf(options);
      }
    }
  });

  test('every Pod of it passes the restricted Pod Security Standard', async () => {
    const everything = SETS.find((file) => file.includes('everything')) ?? '';
    const text = await run(['template', 'release', CHART, '-f', everything, '--namespace', 'edge']);
    const pods = podsIn(text);
    assert.equal(pods.length, 3);
    for (const { securityContext: ofPod, containers } of pods) {
      assert.equal(ofPod?.runAsNonRoot, true);
      assert.deepEqual(ofPod?.seccompProfile, { type: 'RuntimeDefault' });
      for (const { securityContext } of containers) {
        assert.equal(securityContext?.allowPrivilegeEscalation, false);
        assert.equal(securityContext?.readOnlyRootFilesystem, true);
        assert.deepEqual(securityContext?.capabilities, { drop: ['ALL'] });
      }
    }
  });

  test('the other helm renders the same, and the oldest Kubernetes is served', async () => {
    const given = ['template', 'x', CHART, '-f', LEAST];
    const newest = await run(given);
    const { code, stdout, stderr } = await helm(cluster.kubeconfig, given, undefined, { pair: 'v32' });
    assert.equal(code, 0, stderr);
    const objects = (text: string) => parseAllDocuments(text).map((it) => it.toJS() as unknown);
    assert.deepEqual(objects(stdout), objects(newest));
    assert.deepEqual(objects(await run([...given, '--kube-version', '1.25.0'])), objects(newest));
    const old = await helm(cluster.kubeconfig, [...given, '--kube-version', '1.24.17']);
    assert.notEqual(old.code, 0);
    assert.match(old.stderr, /chart requires kubeVersion: >=1\.25\.0-0 which is incompatible/);
  });

  test('every value is described, and used', () => {
    const values = readFileSync(join(CHART, 'values.yaml'), 'utf8');
    const readme = readFileSync(join(CHART, 'README.md'), 'utf8');
    const templates = readdirSync(join(CHART, 'templates'), { recursive: true, withFileTypes: true })
      .filter((it) => it.isFile())
      .map((it) => readFileSync(join(it.parentPath, it.name), 'utf8'))
      .join('\n');
    const paths = (value: unknown, path: string): readonly string[] =>
      readme.includes(`| \`${path}\` |`)
        ? [path]
        : Object.entries(value as object).flatMap(([key, inner]) =>
            paths(inner, path ? `${path}.${key}` : key),
          );
    const all = paths(parse(values), '');
    assert.ok(all.length > 50);
    for (const path of all) assert.ok(templates.includes(`.Values.${path}`), `${path} is used nowhere`);
  });

  test('the version is that of the program', () => {
    const chart = parse(readFileSync(join(CHART, 'Chart.yaml'), 'utf8')) as Record<string, string>;
    assert.equal(chart.version, packageJson.version);
    assert.equal(chart.appVersion, packageJson.version);
  });

  test('examples/alb-ingress-controller.yaml is what the chart renders', async () => {
    const text = await run([
      ...[
        'template',
        'alb-ingress-controller',
        CHART,
        '--namespace',
        'kube-system',
        '--skip-tests',
        '--include-crds',
      ],
      ...['--set', 'clusterName=my-cluster', '--set', 'aws.region=us-west-1'],
    ]);
    const plain = text
      .split('\n')
      .filter((line) => !/^ +(helm\.sh\/chart|app\.kubernetes\.io\/managed-by):|^# Source/.test(line));
    // Written anew, so that lists are indented as everywhere in this repository.
    const documents = parseAllDocuments(plain.join('\n'))
      .filter((it) => it.contents !== null)
      .map((it) =>
        it.get('kind') === 'CustomResourceDefinition'
          ? new Document(it.toJS(), { aliasDuplicateObjects: false })
          : it,
      )
      .map((it) => it.toString({ lineWidth: 0, flowCollectionPadding: false }).replace(/^---\n/, ''));
    const wanted = `# Made from the chart by UPDATE_GOLDEN=1 in test/end-to-end/install-chart.test.ts. Do not edit.
# Set image, CLUSTER_NAME and AWS_REGION. The role of the Pods needs examples/iam-policy.json.
${documents.join('---\n')}`;
    if (process.env.UPDATE_GOLDEN) writeFileSync(EXAMPLE, wanted);
    assert.equal(readFileSync(EXAMPLE, 'utf8'), wanted, 'stale: run this test with UPDATE_GOLDEN=1');
  });
});
