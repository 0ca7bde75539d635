/** Installed as a user would, by real helm and kubectl; the Pods really run this build. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, afterEach, before, describe, test } from 'node:test';
import { cannotRun, helm } from '../contract/kubectl.ts';
import { needsOwnCluster } from './foreign-cluster.ts';
import { ingress, textServer } from './manifests.ts';
import { startWorld, type World } from './world.ts';

const ROOT = join(import.meta.dirname, '../..');
const CHART = join(ROOT, 'helm/alb-ingress-controller');
const VALUES = ['--set', 'clusterName=dev', '--set', 'aws.region=us-west-1', '--set-json'];
/** Sandbox time runs fast, and nobody waits for clients that remember an address. */
const ARGS =
  'controller.extraArgs=["--aws-rate-budget=off","--load-balancer-grace=2s","--target-group-grace=1s"]';

let world: World;

const run = async (args: readonly string[]): Promise<string> => {
  const { code, stdout, stderr } = await helm(world.box.kubeconfig, [...args, '--namespace', 'edge']);
  assert.equal(code, 0, `helm ${args.join(' ')}: ${stderr}${stdout}`);
  return stdout;
};

const served = (name: string): Promise<true> =>
  world.until(
    `${name} is served`,
    async () => (await world.get(`http://${name}.example.com/`).catch(() => undefined))?.status === 200,
  );

const makeIngress = (name: string): Promise<string> =>
  world.kubectl(
    ['apply', '-f', '-'],
    ingress({ namespace: 'web', name, annotations: { 'group.name': 'all' }, paths: [['/', 'shop']] }),
  );

const cleanAws = async (): Promise<void> => {
  await world.kubectl(['delete', 'ingress', '--all', '-n', 'web', '--timeout=60s']);
  const { loadBalancers, targetGroups } = world.box.aws.state;
  assert.equal(loadBalancers.size + targetGroups.size, 0);
};

/** Everything in the cluster that could be of the release. */
const remains = (): Promise<string> =>
  world.kubectl([
    ...[
      'get',
      'all,sa,secret,role,rolebinding,clusterrole,clusterrolebinding,pdb,ingressclass,netpol,mutatingwebhookconfiguration',
      '-A',
      '-o',
      'name',
    ],
    ...['-l', 'app.kubernetes.io/name=alb-ingress-controller'],
  ]);

const definitions = async (): Promise<readonly string[]> =>
  (await world.kubectl(['get', 'crd', '-o', 'name'])).split('\n').filter((name) => name !== '');

const statusObjects = (): Promise<string> => world.kubectl(['get', 'ingressstacks', '-o', 'name']);

describe('install', { skip: needsOwnCluster || cannotRun() }, () => {
  before(async () => {
    world = await startWorld();
    await world.kubectl(['create', '-f', '-'], textServer('web', 'shop', 'hello-shop'));
  });
  after(() => world.stop());
  afterEach(async (t) => {
    if (!('passed' in t) || t.passed !== false) return;
    for (const namespace of ['edge', 'kube-system'])
      console.error(
        (await world.tryKubectl(['logs', '-n', namespace, '-l', 'app.kubernetes.io/component=controller']))
          .stdout,
      );
  });

  test('helm: install and wait, test, an Ingress is served', async () => {
    const notes = await run([
      'install',
      'alb',
      CHART,
      ...VALUES,
      ARGS,
      '--create-namespace',
      '--wait',
      '--timeout=60s',
    ]);
    assert.match(notes, /STATUS: deployed/);
    assert.match(notes, /looks after Ingresses of class "alb" in all namespaces/);
    assert.match(await run(['test', 'alb', '--timeout=60s']), /Phase:\s+Succeeded/);
    await makeIngress('first');
    await served('first');
    const pods = await world.kubectl([
      'get',
      'pods',
      '-n',
      'edge',
      '-l',
      'app.kubernetes.io/component=controller',
    ]);
    assert.equal(pods.match(/1\/1 +Running/g)?.length, 2, pods);
    const log = await world.kubectl(['logs', '-n', 'edge', 'deployment/alb-alb-ingress-controller']);
    assert.match(log, /"message":"(leading|standing by)"/);
  });

  test('helm: an upgrade rolls, and the new Pods serve; a rollback too', async () => {
    const definitionsFirst = ['apply', '--server-side', '--force-conflicts', '-f', join(CHART, 'crds')];
    assert.equal((await world.kubectl(definitionsFirst)).match(/serverside-applied/g)?.length, 3);
    const changed = ['--reset-then-reuse-values', '--set', 'controller.logLevel=debug'];
    const notes = await run(['upgrade', 'alb', CHART, ...changed, '--wait', '--timeout=90s']);
    assert.match(notes, /REVISION: 2/);
    assert.match(notes, /Helm does not update custom resources/);
    await makeIngress('second');
    await served('second');
    assert.match(await run(['rollback', 'alb', '1', '--wait', '--timeout=90s']), /Rollback was a success/);
    await makeIngress('third');
    await served('third');
  });

  test('helm: a leader that is killed is started again or followed', async () => {
    const pod = await world.kubectl([
      ...[
        'get',
        'lease',
        '-n',
        'edge',
        'aws-load-balancer-controller-leader',
        '-o',
        'jsonpath={.spec.holderIdentity}',
      ],
    ]);
    await world.kubectl(['delete', 'pod', '-n', 'edge', pod.replace(/_.*/, ''), '--wait=false']);
    await makeIngress('fourth');
    await served('fourth');
  });

  test('helm: nothing the controller asked for was refused', () => {
    const account = 'system:serviceaccount:edge:alb-alb-ingress-controller';
    const asked = world.box.kubernetes?.grants.list().filter(({ user }) => user === account) ?? [];
    assert.ok(asked.length > 10, `${asked.length} kinds of request`);
    assert.deepEqual(
      asked.filter(({ by }) => by === undefined),
      [],
    );
  });

  test('helm: uninstall leaves nothing behind', async () => {
    await cleanAws();
    await run(['uninstall', 'alb', '--wait', '--timeout=90s']);
    assert.equal(await remains(), '');
    assert.equal(await statusObjects(), '');
    // Helm leaves them, because with them all objects of their kinds would go.
    assert.equal((await definitions()).length, 3);
    await world.kubectl(['delete', '-f', join(CHART, 'crds')]);
    assert.deepEqual(await definitions(), []);
  });

  test('kubectl create -f examples/alb-ingress-controller.yaml, and an Ingress is served', async () => {
    await world.kubectl(['create', '-f', join(ROOT, 'examples/alb-ingress-controller.yaml')]);
    await world.kubectl([
      'rollout',
      'status',
      '-n',
      'kube-system',
      'deployment/alb-ingress-controller',
      '--timeout=60s',
    ]);
    await makeIngress('plain');
    await served('plain');
    const log = await world.kubectl([
      'logs',
      '-n',
      'kube-system',
      'deployment/alb-ingress-controller',
      '--tail=200',
    ]);
    assert.doesNotMatch(log, /"level":"error"/);
    await cleanAws();
    const file = ['-f', join(ROOT, 'examples/alb-ingress-controller.yaml')];
    const uninstall = ['delete', ...file];
    const ours = ['-l', 'app.kubernetes.io/name=alb-ingress-controller'];
    await world.kubectl([...uninstall, ...ours]);
    assert.equal(await remains(), '');
    assert.equal((await definitions()).length, 3, 'what others may use stays');
    const again = await world.kubectl(['create', '--dry-run=server', '-o', 'name', ...file, ...ours]);
    assert.match(again, /deployment\.apps\/alb-ingress-controller/);
    assert.doesNotMatch(again, /customresourcedefinition/);
    await world.kubectl([...uninstall, '--ignore-not-found']);
    assert.deepEqual(await definitions(), []);
  });
});
