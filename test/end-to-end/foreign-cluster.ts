/**
 * A cluster that is not the tests' own: they bring AWS, somebody else brings Kubernetes, given by ALB_E2E_KUBECONFIG
 * (`npm run e2e -- --kubeconfig FILE`). What a test makes there is deleted again; what was there is left alone.
 */
import { readFileSync } from 'node:fs';
import { fixturesAt } from '../../src/sandbox/aws/fixtures.ts';
import { startAws } from '../../src/sandbox/aws/server.ts';
import { type CloudOptions, environmentOf, serveAws } from '../../src/sandbox/cloud.ts';
import { takeNetwork } from '../../src/sandbox/network.ts';
import type { Sandbox } from '../../src/sandbox/sandbox.ts';
import { kubectl } from '../contract/kubectl.ts';

const FILE = process.env.ALB_E2E_KUBECONFIG;
const KUBECONFIG = FILE === undefined ? undefined : readFileSync(FILE, 'utf8');

/** What tests may use of a sandbox, whoever's the cluster is. */
export type Box = Pick<
  Sandbox,
  'aws' | 'kubeconfig' | 'awsUrl' | 'proxyUrl' | 'dnsPort' | 'awsEnvironment' | 'resolves' | 'stop'
> & {
  /** What only the sandbox's own cluster can tell; absent where the cluster is somebody else's. */
  readonly kubernetes?: Pick<Sandbox['kubernetes'], 'grants' | 'store' | 'faults'>;
};

type Node = { readonly id: string; readonly ip: string; readonly zone: string };

const ask = async (kubeconfig: string, args: readonly string[]): Promise<string> => {
  const { code, stdout, stderr } = await kubectl(kubeconfig, args);
  if (code !== 0) throw new Error(`the cluster of ${FILE}: kubectl ${args.join(' ')}: ${stderr}`);
  return stdout;
};

const NODES =
  '{range .items[*]}{.spec.providerID} {.status.addresses[?(@.type=="InternalIP")].address}{"\\n"}{end}';

/** Instance, address and letter of the zone of each node. */
const nodesOf = async (kubeconfig: string): Promise<readonly Node[]> =>
  (await ask(kubeconfig, ['get', 'nodes', '-o', `jsonpath=${NODES}`]))
    .split('\n')
    .map((line) => /^(?:aws:\/\/\/[-a-z\d]*([a-z])\/(i-\w+))? ([\d.]+)/.exec(line))
    .filter((match) => match !== null)
    .map(([, zone = '', id = '', ip = '']) => ({ id, ip, zone }));

const nodes = KUBECONFIG === undefined ? [] : await nodesOf(KUBECONFIG);
const onLoopback = nodes.some(({ ip }) => ip.startsWith('127.'));

/** Why tests that send requests to Pods are skipped. */
export const noTraffic: string | false =
  FILE === undefined || onLoopback || process.env.ALB_E2E_TRAFFIC !== undefined
    ? false
    : `load balancers of this machine do not reach the Pods and nodes of the cluster in ${FILE}`;

/** Why tests that run this build inside the cluster, or pull levers of its API server, are skipped. */
export const needsOwnCluster: string | false =
  FILE === undefined
    ? false
    : `the cluster in ${FILE} is not the tests' own: nothing in it can run this build with their AWS, and they cannot make it fail`;

/** The sandbox's AWS for the cluster of ALB_E2E_KUBECONFIG, with its nodes as instances; undefined without one. */
export const foreignBox = async (options: CloudOptions): Promise<Box | undefined> => {
  if (KUBECONFIG === undefined) return undefined;
  await refuseIfUsed(KUBECONFIG);
  const network = await takeNetwork(options.dir);
  const [, prefix = network.prefix] = /^(127\.\d+)\./.exec(nodes[0]?.ip ?? '') ?? [];
  const aws = await startAws({
    region: options.region,
    speed: options.speed,
    facts: options.facts ?? {},
    throttling: 'off',
    fixtures: { ...fixturesAt(prefix), instances: nodes.filter(({ id }) => id !== '') },
  });
  const served = await serveAws(aws, options, network.loadBalancers);
  return {
    ...served,
    aws,
    awsUrl: aws.url,
    kubeconfig: KUBECONFIG,
    awsEnvironment: environmentOf(aws),
    stop: async () => {
      await served.stop();
      network.release();
    },
  };
};

/** The controller under test would take such Ingresses for its own, and write to them. */
const refuseIfUsed = async (kubeconfig: string): Promise<void> => {
  const found = await ask(kubeconfig, ['get', 'ingresses,ingressclasses', '-A', '-o', 'name']);
  const lease = await kubectl(kubeconfig, ['get', 'lease', LEASE, '-n', 'kube-system']);
  if (lease.code === 0)
    throw new Error(
      `the cluster of ${FILE} has a lease kube-system/${LEASE}: a controller works there already`,
    );
  if (found.trim() !== '')
    throw new Error(
      `the cluster of ${FILE} already holds ${found.trim().split('\n').join(', ')}; these tests need one without Ingresses and classes, so that they touch nobody's`,
    );
};

/** What outlives the namespaces it was made beside, as kubectl names it. */
const OF_THE_CLUSTER =
  /^(namespace|(ingressclass|clusterrole|clusterrolebinding|\w*webhookconfiguration)\.[\w.]+)\/\S+$/;

/** What kubectl said it has made and tests have to delete again; nothing where the cluster ends with the test. */
export type Made = { note(stdout: string): void; remove(): Promise<void> };

export const trackMade = (): Made => {
  const made = new Set<string>();
  return {
    note: (stdout) => {
      if (KUBECONFIG === undefined) return;
      for (const [, what = ''] of stdout.matchAll(/^(\S+\/\S+) created$/gm))
        if (OF_THE_CLUSTER.test(what)) made.add(what);
    },
    remove: async () => {
      if (KUBECONFIG === undefined) return;
      await ask(KUBECONFIG, ['delete', 'lease', LEASE, '-n', 'kube-system', '--ignore-not-found']);
      if (made.size === 0) return;
      for (const what of made)
        if (what.startsWith('namespace/')) await letGo(KUBECONFIG, what.slice('namespace/'.length));
      await ask(KUBECONFIG, ['delete', ...made, '--ignore-not-found', '--timeout=60s']);
    },
  };
};

/** Of the controllers under test; it would keep the next ones waiting. */
const LEASE = 'aws-load-balancer-controller-leader';

/** The controller has gone by now: what would wait for it is let go. */
const letGo = async (kubeconfig: string, namespace: string): Promise<void> => {
  const names = (await ask(kubeconfig, ['get', 'ingresses', '-n', namespace, '-o', 'name'])).split('\n');
  for (const name of names.filter((one) => one !== ''))
    await ask(kubeconfig, [
      ...['patch', name, '-n', namespace, '--type=merge'],
      ...['-p', '{"metadata":{"finalizers":null}}'],
    ]);
};
