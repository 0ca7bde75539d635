/** Controllers whose Pods the API refuses: what they say meanwhile, and that they go on once it allows them. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { KubeObject } from '../../src/sandbox/kubernetes/object.ts';
import { type SandboxKubernetes, startKubernetes } from '../../src/sandbox/kubernetes/server.ts';
import { createAccess } from '../../src/sandbox/workloads/access.ts';
import { startWorkloads, type Workloads } from '../../src/sandbox/workloads/start.ts';

type Condition = { readonly type: string; readonly status: string; readonly message: string };
type Conditioned = KubeObject & {
  readonly status?: { readonly conditions?: readonly Condition[]; readonly replicas?: number };
};

describe('refused Pods', () => {
  let kubernetes: SandboxKubernetes;
  let workloads: Workloads;
  const errors: string[] = [];
  before(async () => {
    kubernetes = await startKubernetes();
    const onError = (message: string): void => void errors.push(message);
    workloads = await startWorkloads(kubernetes, { region: 'eu-west-1', network: '127.86', onError });
  });
  after(async () => {
    workloads.stop();
    await kubernetes.stop();
    assert.deepEqual(errors, []);
  });
  const access = () => createAccess(kubernetes.cluster, 'test');
  /** Resolves with what `look` finds once it finds something, looking after every write. */
  const until = <T>(look: () => T | undefined): Promise<T> =>
    new Promise((resolve) => {
      let done = false;
      const check = (): void => {
        const found = done ? undefined : look();
        if (found === undefined) return;
        done = true;
        resolve(found);
      };
      kubernetes.store.onWrite(() => setImmediate(check));
      check();
    });
  const make = (storage: string, body: object): void => void access().create(storage, 'default', body);
  const workload = (
    storage: string,
    kind: string,
    name: string,
    podSpec: object,
    spec: object = {},
  ): void => {
    const labels = { app: name };
    const pod = { containers: [{ name: 'web', image: 'text:1' }], ...podSpec };
    make(storage, {
      apiVersion: kind === 'Job' ? 'batch/v1' : 'apps/v1',
      kind,
      metadata: { name },
      spec: {
        ...(kind === 'Job' ? {} : { selector: { matchLabels: labels } }),
        template: { metadata: { labels }, spec: pod },
        ...spec,
      },
    });
  };
  const account = (name: string): void =>
    make('serviceaccounts', { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name } });
  const said = (about: string): readonly string[] =>
    access()
      .list<KubeObject>('events', 'default')
      .filter(
        ({ reason, involvedObject }) =>
          reason === 'FailedCreate' && (involvedObject as { name: string }).name.startsWith(about),
      )
      .map(({ message }) => String(message));
  const podsOf = (app: string): readonly KubeObject[] =>
    access()
      .list<KubeObject>('pods', 'default')
      .filter(({ metadata }) => metadata.labels?.app === app);
  const failure = (storage: string, name: string): Condition | undefined =>
    access()
      .list<Conditioned>(storage, 'default')
      .find(({ metadata }) => metadata.name.startsWith(name))
      ?.status?.conditions?.find(({ type }) => type === 'ReplicaFailure');

  test('a Deployment tells of the missing service account, and goes on when it appears', async () => {
    workload('deployments.apps', 'Deployment', 'web', { serviceAccountName: 'robot' }, { replicas: 2 });
    const condition = await until(() => failure('deployments.apps', 'web'));
    const why =
      /^pods "web-[a-z0-9]+-" is forbidden: error looking up service account default\/robot: serviceaccount "robot" not found$/;
    assert.equal(condition.status, 'True');
    assert.match(condition.message, why);
    assert.deepEqual(failure('replicasets.apps', 'web')?.message, condition.message);
    const set = access()
      .list<Conditioned>('replicasets.apps', 'default')
      .find(({ metadata }) => metadata.name.startsWith('web'));
    assert.equal(set?.status?.replicas, 0);
    assert.deepEqual(said('web'), [`Error creating: ${condition.message}`]);
    assert.deepEqual(podsOf('web'), []);
    account('robot');
    await until(() => (podsOf('web').length === 2 ? true : undefined));
    await until(() => (failure('deployments.apps', 'web') === undefined ? true : undefined));
    assert.equal(failure('replicasets.apps', 'web'), undefined);
  });

  test('StatefulSets, DaemonSets and Jobs tell it by an Event each', async () => {
    const podSpec = { serviceAccountName: 'later' };
    workload('statefulsets.apps', 'StatefulSet', 'row', podSpec, { serviceName: 'row' });
    workload('daemonsets.apps', 'DaemonSet', 'each', podSpec);
    workload('jobs.batch', 'Job', 'once', { ...podSpec, restartPolicy: 'Never' });
    const found = await until(() => {
      const all = [...said('row'), ...said('each'), ...said('once')];
      return all.length >= 3 ? all : undefined;
    });
    const why = (pod: string): string =>
      `pods "${pod}" is forbidden: error looking up service account default/later: serviceaccount "later" not found`;
    assert.deepEqual(found, [
      `create Pod row-0 in StatefulSet row failed error: ${why('row-0')}`,
      `Error creating: ${why('each-')}`,
      `Error creating: ${why('once-')}`,
    ]);
    account('later');
    await until(() => (['row', 'each', 'once'].every((app) => podsOf(app).length > 0) ? true : undefined));
  });

  test('a Pod has the priority of its class, or of the class for all', async () => {
    const pod = (name: string, spec: object): KubeObject =>
      access().create('pods', 'default', {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name },
        spec: { containers: [{ name: 'web', image: 'text:1' }], ...spec },
      });
    const priorityOf = ({ spec }: KubeObject): unknown => {
      const { priority, priorityClassName, preemptionPolicy } = spec as Record<string, unknown>;
      return [priority, priorityClassName, preemptionPolicy];
    };
    const prompt = 'PreemptLowerPriority';
    assert.deepEqual(priorityOf(pod('plain', {})), [0, undefined, prompt]);
    assert.deepEqual(priorityOf(pod('critical', { priorityClassName: 'system-cluster-critical' })), [
      2_000_000_000,
      'system-cluster-critical',
      prompt,
    ]);
    access().create('priorityclasses.scheduling.k8s.io', undefined, {
      apiVersion: 'scheduling.k8s.io/v1',
      kind: 'PriorityClass',
      metadata: { name: 'usual' },
      value: 5,
      globalDefault: true,
      preemptionPolicy: 'Never',
    });
    assert.deepEqual(priorityOf(pod('usual', {})), [5, 'usual', 'Never']);
  });
});
