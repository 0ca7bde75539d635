/** Controllers whose Pods the API refuses: what they say meanwhile, and that they go on once it allows them. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { quotaStatus } from '../../src/sandbox/kubernetes/admission/quotas.ts';
import { type KubeObject, sameJson } from '../../src/sandbox/kubernetes/object.ts';
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
  const workload = (
    storage: string,
    kind: string,
    name: string,
    podSpec: object,
    spec: object = {},
    namespace = 'default',
  ): void => {
    const labels = { app: name };
    const pod = { containers: [{ name: 'web', image: 'text:1' }], ...podSpec };
    access().create(storage, namespace, {
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
  const account = (name: string): void => {
    const body = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name } };
    access().create('serviceaccounts', 'default', body);
  };
  const namespace = async (name: string): Promise<void> => {
    access().create('namespaces', undefined, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
    await until(() => access().get('serviceaccounts', name, 'default'));
  };
  const said = (about: string, namespace = 'default'): readonly string[] =>
    access()
      .list<KubeObject>('events', namespace)
      .filter(
        ({ reason, involvedObject }) =>
          reason === 'FailedCreate' && (involvedObject as { name: string }).name.startsWith(about),
      )
      .map(({ message }) => String(message));
  const podsOf = (app: string): readonly KubeObject[] =>
    access()
      .list<KubeObject>('pods', 'default')
      .filter(({ metadata }) => metadata.labels?.app === app);
  const failure = (storage: string, name: string, namespace = 'default'): Condition | undefined =>
    access()
      .list<Conditioned>(storage, namespace)
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

  test('a quota holds a Deployment back, counts what there is, and lets it go on when it is raised', async () => {
    const quota = (hard: object): object => ({
      apiVersion: 'v1',
      kind: 'ResourceQuota',
      metadata: { name: 'few', namespace: 'tight' },
      spec: { hard },
    });
    await namespace('tight');
    access().create(
      'resourcequotas',
      'tight',
      quota({ pods: '2', 'requests.cpu': '1', 'count/services': '5' }),
    );
    const current = (): KubeObject | undefined => access().get('resourcequotas', 'tight', 'few');
    const used = (expected: object): Promise<true> =>
      until(() => {
        const status = current()?.status as { used?: object } | undefined;
        return sameJson(status?.used, expected) ? true : undefined;
      });
    await used({ pods: '0', 'requests.cpu': '0', 'count/services': '0' });
    const small = { resources: { requests: { cpu: '300m' } } };
    workload(
      'deployments.apps',
      'Deployment',
      'held',
      { containers: [{ name: 'web', image: 'text:1', ...small }] },
      { replicas: 3 },
      'tight',
    );
    const { message } = await until(() => failure('deployments.apps', 'held', 'tight'));
    assert.match(
      message,
      /^pods "held-[a-z0-9]+-[a-z0-9]{5}" is forbidden: exceeded quota: few, requested: pods=1, used: pods=2, limited: pods=2$/,
    );
    assert.match(
      said('held', 'tight').join(),
      /^Error creating: pods "held-.* is forbidden: exceeded quota: few/,
    );
    await used({ pods: '2', 'requests.cpu': '600m', 'count/services': '0' });
    access().update('resourcequotas', {
      ...current(),
      ...quota({ pods: '4', 'requests.cpu': '1' }),
      metadata: current()?.metadata ?? { name: '' },
    } as KubeObject);
    await used({ pods: '3', 'requests.cpu': '900m' });
    await until(() => (failure('deployments.apps', 'held', 'tight') === undefined ? true : undefined));
    const pod = (container: object): object => ({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'more' },
      spec: { containers: [{ name: 'web', image: 'text:1', ...container }] },
    });
    const refused = (container: object, why: string): void =>
      assert.throws(() => access().create('pods', 'tight', pod(container)), { message: why });
    refused(
      small,
      'pods "more" is forbidden: exceeded quota: few, requested: requests.cpu=300m, used: requests.cpu=900m, limited: requests.cpu=1',
    );
    refused({}, 'pods "more" is forbidden: failed quota: few: must specify requests.cpu for: web');
    access().create('pods', 'tight', pod({ resources: { limits: { cpu: '100m' } } }));
    await used({ pods: '4', 'requests.cpu': '1' });
    // One Event, however many names were tried.
    assert.equal(said('held', 'tight').length, 1);
  });

  test('services, claims and any other kind are counted by their own names', async () => {
    const { cluster } = kubernetes;
    await namespace('sums');
    const hard = {
      'services.nodeports': '3',
      'services.loadbalancers': '1',
      'requests.storage': '1Gi',
      'limits.memory': '1Gi',
      'count/ingressclassparams.example.com': '1',
      configmaps: '2',
    };
    const quota = access().create('resourcequotas', 'sums', {
      apiVersion: 'v1',
      kind: 'ResourceQuota',
      metadata: { name: 'q' },
      spec: { hard },
    });
    const service = (name: string, type: string, ports: readonly number[]): KubeObject =>
      access().create('services', 'sums', {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name },
        spec: { type, ports: ports.map((port) => ({ port, name: `p${port}` })) },
      });
    const claim = (name: string, storage: string): KubeObject =>
      access().create('persistentvolumeclaims', 'sums', {
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        metadata: { name },
        spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage } } },
      });
    service('balanced', 'LoadBalancer', [80]);
    const plain = service('plain', 'ClusterIP', [80, 81, 82]);
    claim('disk', '512Mi');
    access().create('pods', 'sums', {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'p' },
      spec: {
        containers: [{ name: 'a', image: 'text:1', resources: { limits: { memory: '512Mi' } } }],
        initContainers: [{ name: 'b', image: 'text:1', resources: { limits: { memory: '768Mi' } } }],
      },
    });
    assert.deepEqual(quotaStatus(cluster, quota).used, {
      'services.nodeports': '1',
      'services.loadbalancers': '1',
      'requests.storage': '512Mi',
      'limits.memory': '768Mi',
      'count/ingressclassparams.example.com': '0',
      // The one that every namespace has.
      configmaps: '1',
    });
    assert.throws(() => service('second', 'LoadBalancer', [80]), {
      message:
        'services "second" is forbidden: exceeded quota: q, requested: services.loadbalancers=1, used: services.loadbalancers=1, limited: services.loadbalancers=1',
    });
    assert.throws(
      () =>
        access().update('services', {
          ...plain,
          spec: { ...(plain.spec as object), type: 'NodePort' },
        } as KubeObject),
      {
        message:
          'services "plain" is forbidden: exceeded quota: q, requested: services.nodeports=3, used: services.nodeports=1, limited: services.nodeports=3',
      },
    );
    assert.throws(() => claim('large', '600Mi'), {
      message:
        'persistentvolumeclaims "large" is forbidden: exceeded quota: q, requested: requests.storage=600Mi, used: requests.storage=512Mi, limited: requests.storage=1Gi',
    });
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
