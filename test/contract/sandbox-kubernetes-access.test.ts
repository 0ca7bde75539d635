/** Role-based access: what kube-apiserver allows and refuses, in its words, asked by real clients. */
import assert from 'node:assert/strict';
import { request } from 'node:https';
import { after, before, describe, test } from 'node:test';
import { cannotRun, kubectl, type Ran } from './kubectl.ts';
import { split, startTestCluster, type TestCluster } from './sandbox-cluster.ts';

let cluster: TestCluster;

before(async () => {
  cluster = await startTestCluster('127.92');
});
after(() => cluster.stop());

type Reply = { readonly code: number; readonly body: Record<string, unknown> };

/** One request with a token, or none at all. */
const ask = (
  token: string | undefined,
  path: string,
  method = 'GET',
  body?: object,
  type = 'application/json',
  impersonate?: string,
) =>
  new Promise<Reply>((resolve, reject) => {
    const headers = {
      'Content-Type': type,
      ...(token && { Authorization: `Bearer ${token}` }),
      ...(impersonate && { 'Impersonate-User': impersonate }),
    };
    const options = { method, headers, rejectUnauthorized: false, agent: false };
    const asked = request(`${cluster.kubernetes.url}${path}`, options, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', () =>
        resolve({
          code: response.statusCode ?? 0,
          body: text.startsWith('{') ? (JSON.parse(text) as Record<string, unknown>) : { text },
        }),
      );
    });
    asked.on('error', reject).end(body && JSON.stringify(body));
  });

const NAMES = '/apis/networking.k8s.io/v1/namespaces/web/ingresses';
const INGRESS = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'Ingress',
  metadata: { name: 'shop' },
  spec: { defaultBackend: { service: { name: 'shop', port: { number: 80 } } } },
};

const make = async (path: string, body: object): Promise<void> => {
  const { code, body: said } = await ask('sandbox', path, 'POST', body);
  assert.equal(code, 201, JSON.stringify(said));
};

const RBAC = '/apis/rbac.authorization.k8s.io/v1';
const role = (name: string, rules: readonly object[]) =>
  make(`${RBAC}/namespaces/web/roles`, { metadata: { name }, rules });
const clusterRole = (name: string, more: object) =>
  make(`${RBAC}/clusterroles`, { metadata: { name }, ...more });
const bind = (name: string, kind: string, subject: object, namespace = 'web') =>
  make(namespace === '' ? `${RBAC}/clusterrolebindings` : `${RBAC}/namespaces/${namespace}/rolebindings`, {
    metadata: { name: `${name}-bound` },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind, name },
    subjects: [subject],
  });
const user = (name: string) => ({ kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name });
const group = (name: string) => ({ kind: 'Group', apiGroup: 'rbac.authorization.k8s.io', name });

describe('access', () => {
  before(async () => {
    await make('/api/v1/namespaces', { metadata: { name: 'web' } });
    await make('/api/v1/namespaces/web/serviceaccounts', { metadata: { name: 'robot' } });
    await make(NAMES, INGRESS);
  });

  test('nobody in particular may look at the version and nothing else', async () => {
    assert.equal((await ask(undefined, '/version')).code, 200);
    assert.equal((await ask(undefined, '/readyz')).code, 200);
    assert.deepEqual((await ask(undefined, '/apis')).body, {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: 'forbidden: User "system:anonymous" cannot get path "/apis"',
      reason: 'Forbidden',
      details: {},
      code: 403,
    });
  });

  test('a token that is none is not taken for anybody', async () => {
    for (const token of ['nonsense', 'a.b.c', 'user:'])
      assert.equal((await ask(token, '/version')).code, 401);
  });

  test('without a role nothing is allowed, whether it exists or not', async () => {
    const { code, body } = await ask('user:anna', `${NAMES}/shop`);
    assert.equal(code, 403);
    assert.deepEqual(body, {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message:
        'ingresses.networking.k8s.io "shop" is forbidden: User "anna" cannot get resource "ingresses" in API group "networking.k8s.io" in the namespace "web"',
      reason: 'Forbidden',
      details: { name: 'shop', group: 'networking.k8s.io', kind: 'ingresses' },
      code: 403,
    });
    assert.match(
      String((await ask('user:anna', '/apis/shop.example.com/v1/carts')).body.message),
      /^carts.shop.example.com is forbidden: .* cannot list resource "carts" .* at the cluster scope$/,
    );
    assert.equal((await ask('sandbox', '/apis/shop.example.com/v1/carts')).code, 404);
    assert.equal((await ask('user:anna', '/apis')).code, 200, 'discovery is for everybody who is known');
  });

  test('verbs, subresources and names are told apart', async () => {
    await role('keeper', [
      { apiGroups: ['networking.k8s.io'], resources: ['ingresses/status'], verbs: ['patch'] },
      { apiGroups: ['networking.k8s.io'], resources: ['ingresses'], verbs: ['get'], resourceNames: ['shop'] },
      { apiGroups: ['networking.k8s.io'], resources: ['ingresses'], verbs: ['watch'] },
    ]);
    await bind('keeper', 'Role', user('bert'));
    const may = async (path: string, method = 'GET'): Promise<number> =>
      (
        await ask(
          'user:bert',
          path,
          method,
          method === 'PATCH' ? {} : undefined,
          'application/merge-patch+json',
        )
      ).code;
    assert.equal(await may(`${NAMES}/shop`), 200);
    assert.equal(await may(`${NAMES}/other`), 403);
    assert.equal(await may(NAMES), 403);
    assert.equal(await may(`${NAMES}?watch=true&timeoutSeconds=1`), 200);
    assert.equal(await may(`${NAMES}/shop/status`, 'PATCH'), 200);
    assert.equal(await may(`${NAMES}/shop`, 'PATCH'), 403);
    assert.equal(await may(`${NAMES}/shop`, 'DELETE'), 403);
    assert.equal(await may('/apis/networking.k8s.io/v1/namespaces/default/ingresses/shop'), 403);
    const { body } = await ask('user:bert', NAMES, 'DELETE');
    assert.match(String(body.message), /cannot deletecollection resource "ingresses"/);
  });

  test('a list of one name is allowed by the name', async () => {
    await role('one', [
      {
        apiGroups: ['networking.k8s.io'],
        resources: ['ingresses'],
        verbs: ['list'],
        resourceNames: ['shop'],
      },
    ]);
    await bind('one', 'Role', user('cleo'));
    assert.equal((await ask('user:cleo', `${NAMES}?fieldSelector=metadata.name%3Dshop`)).code, 200);
    assert.equal((await ask('user:cleo', NAMES)).code, 403);
  });

  test('an apply of what is not there needs the right to create', async () => {
    await role('applier', [{ apiGroups: [''], resources: ['configmaps'], verbs: ['patch'] }]);
    await bind('applier', 'Role', user('dora'));
    const apply = (name: string) =>
      ask(
        'user:dora',
        `/api/v1/namespaces/web/configmaps/${name}?fieldManager=t`,
        'PATCH',
        { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { a: 'b' } },
        'application/apply-patch+yaml',
      );
    assert.equal((await apply('kube-root-ca.crt')).code, 200);
    const { code, body } = await apply('fresh');
    assert.equal(code, 403);
    assert.match(String(body.message), /cannot create resource "configmaps"/);
  });

  test('groups, bindings in a namespace to a role of the cluster, and roles made of others', async () => {
    await clusterRole('part', {
      metadata: { name: 'part', labels: { part: 'yes' } },
      rules: [{ apiGroups: [''], resources: ['secrets'], verbs: ['list'] }],
    });
    await clusterRole('whole', {
      aggregationRule: { clusterRoleSelectors: [{ matchLabels: { part: 'yes' } }] },
    });
    await bind('whole', 'ClusterRole', group('ops'));
    assert.equal((await ask('user:emil:ops,dev', '/api/v1/namespaces/web/secrets')).code, 200);
    assert.equal((await ask('user:emil:dev', '/api/v1/namespaces/web/secrets')).code, 403);
    assert.equal((await ask('user:emil:ops', '/api/v1/secrets')).code, 403);
    await clusterRole('more', {
      metadata: { name: 'more', labels: { part: 'yes' } },
      rules: [{ apiGroups: [''], resources: ['services'], verbs: ['*'] }],
    });
    assert.equal((await ask('user:emil:ops', '/api/v1/namespaces/web/services')).code, 200);
  });

  test('the roles every cluster has: view sees no secrets, edit sees no roles', async () => {
    await bind('view', 'ClusterRole', user('vera'));
    await bind('edit', 'ClusterRole', user('edda'));
    const codes = (name: string) =>
      Promise.all(
        [NAMES, '/api/v1/namespaces/web/secrets', `${RBAC}/namespaces/web/roles`].map(
          async (path) => (await ask(`user:${name}`, path)).code,
        ),
      );
    assert.deepEqual(await codes('vera'), [200, 403, 403]);
    assert.deepEqual(await codes('edda'), [200, 200, 403]);
    assert.equal(
      (await ask('user:vera', '/api/v1/namespaces/web')).code,
      403,
      'namespaces are not in the role',
    );
  });

  test('a binding to a role that is not there is named in the refusal', async () => {
    await bind('gone', 'ClusterRole', user('finn'));
    assert.match(
      String((await ask('user:finn', NAMES)).body.message),
      /in the namespace "web": RBAC: clusterrole.rbac.authorization.k8s.io "gone" not found$/,
    );
  });

  test('nobody hands out what they do not have, unless they may escalate or bind', async () => {
    const may = ['roles', 'rolebindings'];
    await role('granter', [
      { apiGroups: ['rbac.authorization.k8s.io'], resources: may, verbs: ['create', 'update', 'patch'] },
      { apiGroups: [''], resources: ['pods'], verbs: ['get', 'list'] },
    ]);
    await bind('granter', 'Role', user('gaby'));
    const write = (plural: string, body: object) =>
      ask('user:gaby', `${RBAC}/namespaces/web/${plural}`, 'POST', body);
    const pods = (verbs: readonly string[]) => [{ apiGroups: [''], resources: ['pods'], verbs }];
    assert.equal((await write('roles', { metadata: { name: 'less' }, rules: pods(['get']) })).code, 201);
    const { code, body } = await write('roles', {
      metadata: { name: 'greedy' },
      rules: pods(['get', 'delete']),
    });
    assert.equal(code, 403);
    assert.equal(
      body.message,
      'roles.rbac.authorization.k8s.io "greedy" is forbidden: user "gaby" (groups=["system:authenticated"]) is attempting to grant RBAC permissions not currently held:\n{APIGroups:[""], Resources:["pods"], Verbs:["delete"]}',
    );
    const binding = (name: string, kind = 'Role') => ({
      metadata: { name: `gaby-${name}` },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind, name },
      subjects: [user('hans')],
    });
    assert.equal((await write('rolebindings', binding('less'))).code, 201);
    assert.equal((await write('rolebindings', binding('keeper'))).code, 403);
    assert.equal((await write('rolebindings', binding('cluster-admin', 'ClusterRole'))).code, 403);
    assert.equal((await write('rolebindings', binding('nowhere'))).code, 404);
    const more = { rules: pods(['get', 'watch']) };
    const patch = (name: string) =>
      ask('user:gaby', `${RBAC}/namespaces/web/roles/${name}`, 'PATCH', more, 'application/merge-patch+json');
    assert.equal((await patch('less')).code, 403);
    await role('free', [{ apiGroups: ['*'], resources: may, verbs: ['escalate', 'bind'] }]);
    await bind('free', 'Role', user('gaby'));
    assert.equal((await patch('less')).code, 200);
    assert.equal((await write('rolebindings', binding('keeper'))).code, 201);
  });

  test('what was used is noted with the rule that allowed it, and what was refused without', async () => {
    cluster.kubernetes.grants.forget();
    await ask('user:bert', `${NAMES}/shop`);
    await ask('user:bert', `${NAMES}/shop`);
    await ask('user:bert', NAMES);
    await ask('sandbox', NAMES);
    assert.deepEqual(cluster.kubernetes.grants.list(), [
      {
        user: 'bert',
        verb: 'get',
        what: 'networking.k8s.io/ingresses',
        by: { binding: 'RoleBinding web/keeper-bound', role: 'Role web/keeper', rule: 1 },
        times: 2,
      },
      { user: 'bert', verb: 'list', what: 'networking.k8s.io/ingresses', by: undefined, times: 1 },
    ]);
  });

  test('a Pod’s token ends with its service account', async () => {
    await make('/api/v1/namespaces/web/serviceaccounts', { metadata: { name: 'short' } });
    const token = cluster.kubernetes.podToken(
      { metadata: { namespace: 'web', name: 'p', uid: 'u' } },
      'short',
    );
    assert.equal(
      cluster.kubernetes.podToken({ metadata: { namespace: 'web', name: 'p' } }, 'none'),
      undefined,
    );
    assert.equal((await ask(token, '/version')).code, 401, 'the Pod it is bound to does not exist');
    const made = await ask('sandbox', '/api/v1/namespaces/web/serviceaccounts/short/token', 'POST', {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      spec: {},
    });
    const { token: free } = made.body.status as { token: string };
    assert.equal((await ask(free, '/apis')).code, 200);
    await ask('sandbox', '/api/v1/namespaces/web/serviceaccounts/short', 'DELETE');
    assert.equal((await ask(free, '/apis')).code, 401);
  });
});

describe('kubectl auth', { skip: cannotRun() }, () => {
  const as = (token: string, args: string): Promise<Ran> =>
    kubectl(cluster.kubernetes.kubeconfig.replace('token: sandbox', `token: ${token}`), split(args));

  test('can-i agrees with what is refused', async () => {
    await make('/api/v1/namespaces', { metadata: { name: 'can' } });
    await make('/api/v1/namespaces/can/serviceaccounts', { metadata: { name: 'robot' } });
    await cluster.kubectl('create role reader --verb=get,list --resource=pods,pods/log -n can');
    await cluster.kubectl('create rolebinding reader --role=reader --serviceaccount=can:robot -n can');
    const token = (await cluster.kubectl('create token robot -n can')).trim();
    const asked = [
      'list pods',
      'get pods/log',
      'delete pods',
      'list secrets',
      'get /metrics',
      'get /version',
    ];
    const answers = await Promise.all(asked.map((what) => as(token, `auth can-i ${what} -n can`)));
    assert.deepEqual(
      answers.map(({ stdout }) => stdout.trim()),
      ['yes', 'yes', 'no', 'no', 'no', 'yes'],
    );
    assert.equal((await as(token, 'get pods -n can')).code, 0);
    assert.match(
      (await as(token, 'get secrets -n can')).stderr,
      /^Error from server \(Forbidden\): secrets is forbidden: User "system:serviceaccount:can:robot" cannot list resource "secrets" in API group "" in the namespace "can"/,
    );
    assert.match((await as(token, 'auth can-i --list -n can')).stdout, /pods\/log +\[\] +\[\] +\[get list\]/);
  });

  test('who may act as others is asked first', async () => {
    assert.match(
      String((await ask('user:anna', '/version', 'GET', undefined, 'application/json', 'bert')).body.message),
      /users "bert" is forbidden: User "anna" cannot impersonate resource "users" in API group "" at the cluster scope/,
    );
    assert.match(
      await cluster.kubectl('auth whoami --as=bert --as-group=ops'),
      /bert[\s\S]*ops[\s\S]*system:authenticated/,
    );
    assert.match(
      await cluster.kubectl('auth whoami --as=system:serviceaccount:can:robot'),
      /system:serviceaccounts:can/,
    );
  });
});
