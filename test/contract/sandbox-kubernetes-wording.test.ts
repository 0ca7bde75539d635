/** Refusals, word for word as kube-apiserver gives them; clients and people search for these texts. */
import assert from 'node:assert/strict';
import { request } from 'node:https';
import { after, before, describe, test } from 'node:test';
import { type SandboxKubernetes, startKubernetes } from '../../src/sandbox/kubernetes/server.ts';

type Status = {
  readonly code: number;
  readonly reason?: string;
  readonly message: string;
  readonly details?: { readonly causes?: readonly { readonly reason: string; readonly field: string }[] };
};

const INGRESSES = '/apis/networking.k8s.io/v1/namespaces/default/ingresses';
const DEPLOYMENTS = '/apis/apps/v1/namespaces/default/deployments';
const MAPS = '/api/v1/namespaces/default/configmaps';
const STRICT = '?fieldValidation=Strict&fieldManager=me';
const MERGE = 'application/merge-patch+json';
const STRATEGIC = 'application/strategic-merge-patch+json';
const APPLY = 'application/apply-patch+yaml';

const service = { name: 'front', port: { number: 80 } };
const ingress = (path: object, more: object = {}): object => ({
  metadata: { name: 'bad' },
  spec: {
    rules: [{ http: { paths: [{ path: '/', pathType: 'Prefix', backend: { service }, ...path }] } }],
    ...more,
  },
});
const template = {
  metadata: { labels: { app: 'd' } },
  spec: { containers: [{ name: 'c', image: 'nginx' }] },
};
const deployment = { metadata: { name: 'd' }, spec: { selector: { matchLabels: { app: 'd' } }, template } };

const greedyPod = {
  metadata: { name: 'p' },
  spec: {
    containers: [
      {
        name: 'c',
        image: 'nginx',
        resources: { limits: { memory: '1Gi', cpu: 2 }, requests: { memory: '1500Mi', cpu: '1900m' } },
      },
    ],
  },
};
const PODS = '/api/v1/namespaces/default/pods';
const podWith = (spec: object): object => ({
  metadata: { name: 'p' },
  spec: { ...template.spec, ...spec },
});
const cronJob = (schedule: string): object => ({
  metadata: { name: 'c' },
  spec: {
    schedule,
    jobTemplate: { spec: { template: { spec: { ...template.spec, restartPolicy: 'Never' } } } },
  },
});
const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const definition = (spec: object): object => ({
  metadata: { name: 'foos.example.com' },
  spec: { group: 'example.com', scope: 'Cluster', names: { plural: 'foos', kind: 'Foo' }, ...spec },
});
const version = (openAPIV3Schema?: object): object => ({
  name: 'v1',
  served: true,
  storage: true,
  ...(openAPIV3Schema === undefined ? {} : { schema: { openAPIV3Schema } }),
});

const bars = {
  metadata: { name: 'bars.example.com' },
  spec: {
    group: 'example.com',
    scope: 'Namespaced',
    names: { plural: 'bars', kind: 'Bar' },
    versions: [
      version({
        type: 'object',
        properties: {
          spec: {
            type: 'object',
            properties: {
              rooms: {
                type: 'array',
                items: { type: 'object', properties: { name: { type: 'string' } } },
              },
              port: { 'x-kubernetes-int-or-string': true },
            },
          },
        },
      }),
    ],
  },
};
const BARS = '/apis/example.com/v1/namespaces/default/bars';
const bar = (spec: unknown): object => ({
  apiVersion: 'example.com/v1',
  kind: 'Bar',
  metadata: { name: 'b' },
  spec,
});

type Case = {
  readonly what: string;
  readonly ask: readonly [method: string, path: string, body: unknown, type?: string];
  readonly code: number;
  readonly reason?: string;
  readonly message: string;
  /** `reason field` of each cause. */
  readonly causes?: readonly string[];
};

const CASES: readonly Case[] = [
  {
    what: 'a list where a custom resource has an object',
    ask: ['POST', BARS, bar([1])],
    code: 422,
    reason: 'Invalid',
    message:
      'Bar.example.com "b" is invalid: spec: Invalid value: "array": spec in body must be of type object: "array"',
    causes: ['FieldValueTypeInvalid spec'],
  },
  {
    what: 'values of several wrong types in a custom resource',
    ask: ['POST', BARS, bar({ rooms: ['hall', { name: {} }], port: [] })],
    code: 422,
    reason: 'Invalid',
    message:
      'Bar.example.com "b" is invalid: [spec.rooms[0]: Invalid value: "string": spec.rooms[0] in body must be of type object: "string", spec.rooms[1].name: Invalid value: "object": spec.rooms[1].name in body must be of type string: "object", spec.port: Invalid value: "array": spec.port in body must be of type integer,string: "array"]',
  },
  {
    what: 'an object where a custom resource has a list',
    ask: ['POST', BARS, bar({ rooms: { name: 'hall' } })],
    code: 422,
    reason: 'Invalid',
    message:
      'Bar.example.com "b" is invalid: spec.rooms: Invalid value: "object": spec.rooms in body must be of type array: "object"',
  },
  {
    what: 'a list applied where a custom resource has an object',
    ask: ['PATCH', `${BARS}/b?fieldManager=me`, bar([1, 'a']), APPLY],
    code: 500,
    message:
      'failed to create typed patch object (default/b; example.com/v1, Kind=Bar): .spec: expected map, got &{[1 a]}',
  },
  {
    what: 'an object applied where a Deployment has a list',
    ask: [
      'PATCH',
      `${DEPLOYMENTS}/d?fieldManager=me`,
      {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        spec: { template: { spec: { containers: { name: 'web' } } } },
      },
      APPLY,
    ],
    code: 500,
    message:
      'failed to create typed patch object (default/d; apps/v1, Kind=Deployment): .spec.template.spec.containers: expected list, got &{map[name:web]}',
  },
  {
    what: 'metadata of a custom resource that is a list',
    ask: ['POST', BARS, { apiVersion: 'example.com/v1', kind: 'Bar', metadata: [] }],
    code: 400,
    reason: 'BadRequest',
    message:
      'Bar in version "v1" cannot be handled as a Bar: json: cannot unmarshal array into Go struct field Bar.metadata of type v1.ObjectMeta',
  },
  {
    what: 'a Pod with a service account that is not there',
    ask: ['POST', PODS, podWith({ serviceAccountName: 'robot', restartPolicy: 'Odd' })],
    code: 403,
    reason: 'Forbidden',
    message:
      'pods "p" is forbidden: error looking up service account default/robot: serviceaccount "robot" not found',
  },
  {
    what: 'a Pod whose name is still to be generated',
    ask: ['POST', PODS, { ...podWith({ serviceAccountName: 'robot' }), metadata: { generateName: 'web-' } }],
    code: 403,
    reason: 'Forbidden',
    message:
      'pods "web-" is forbidden: error looking up service account default/robot: serviceaccount "robot" not found',
  },
  {
    what: 'a Pod with a priority class that is not there',
    ask: ['POST', PODS, podWith({ priorityClassName: 'gold' })],
    code: 403,
    reason: 'Forbidden',
    message: 'pods "p" is forbidden: no PriorityClass with name gold was found',
  },
  {
    what: 'a Pod with a priority other than that of its class',
    ask: ['POST', PODS, podWith({ priorityClassName: 'system-node-critical', priority: 7 })],
    code: 403,
    reason: 'Forbidden',
    message:
      'pods "p" is forbidden: the integer value of priority (7) must not be provided in pod spec; priority admission controller computed 2000001000 from the given PriorityClass name',
  },
  {
    what: 'an unknown field',
    ask: ['POST', INGRESSES + STRICT, ingress({}, { ingressClass: 'alb' })],
    code: 400,
    reason: 'BadRequest',
    message:
      'Ingress in version "v1" cannot be handled as a Ingress: strict decoding error: unknown field "spec.ingressClass"',
  },
  {
    what: 'a missing required field',
    ask: ['POST', INGRESSES, ingress({ pathType: undefined })],
    code: 422,
    reason: 'Invalid',
    message:
      'Ingress.networking.k8s.io "bad" is invalid: spec.rules[0].http.paths[0].pathType: Required value: pathType must be specified',
    causes: ['FieldValueRequired spec.rules[0].http.paths[0].pathType'],
  },
  {
    what: 'a wrong type',
    ask: ['POST', DEPLOYMENTS, { metadata: { name: 'd' }, spec: { replicas: 'two' } }],
    code: 400,
    reason: 'BadRequest',
    message:
      'Deployment in version "v1" cannot be handled as a Deployment: json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32',
  },
  {
    what: 'a field that a selector of the kind may not name',
    ask: ['GET', '/api/v1/pods?fieldSelector=spec.foo%3Dbar', undefined],
    code: 400,
    reason: 'BadRequest',
    message: 'field label not supported: spec.foo',
  },
  ...(
    [
      ['a b', "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt"],
      [
        'a toString b',
        "unable to parse requirement: found 'toString', expected: in, notin, =, ==, !=, gt, lt",
      ],
      ['a in b', "unable to parse requirement: found 'b' expected: '('"],
      [
        'a in ()',
        "unable to parse requirement: values: Invalid value: []: for 'in', 'notin' operators, values set can't be empty",
      ],
      ['a=b=c', "found '=', expected: ',' or 'end of string'"],
      ['a=b,', "found '', expected: identifier after ','"],
      [')', "found ')', expected: !, identifier, or 'end of string'"],
      [
        'a>b',
        `unable to parse requirement: values[0][a]: Invalid value: "b": for 'Gt', 'Lt' operators, the value must be an integer`,
      ],
    ] as const
  ).map(
    ([selector, message]): Case => ({
      what: `the label selector ${selector}`,
      ask: ['GET', `${MAPS}?labelSelector=${encodeURIComponent(selector)}`, undefined],
      code: 400,
      reason: 'BadRequest',
      message,
    }),
  ),
  {
    what: 'any field in a selector of a kind without fields',
    ask: ['GET', `${DEPLOYMENTS}?fieldSelector=status.replicas%3D2`, undefined],
    code: 400,
    reason: 'BadRequest',
    message: '"status.replicas" is not a known field selector: only "metadata.name", "metadata.namespace"',
  },
  {
    what: 'a request above the limit',
    ask: ['POST', '/api/v1/namespaces/default/pods', greedyPod],
    code: 422,
    reason: 'Invalid',
    message:
      'Pod "p" is invalid: spec.containers[0].resources.requests: Invalid value: "1500Mi": must be less than or equal to memory limit of 1Gi',
    causes: ['FieldValueInvalid spec.containers[0].resources.requests'],
  },
  {
    what: 'fewer copies than none',
    ask: ['POST', DEPLOYMENTS, { metadata: { name: 'x' }, spec: { ...deployment.spec, replicas: -1 } }],
    code: 422,
    reason: 'Invalid',
    message:
      'Deployment.apps "x" is invalid: spec.replicas: Invalid value: -1: must be greater than or equal to 0',
  },
  {
    what: 'a service account without its namespace',
    ask: [
      'POST',
      '/apis/rbac.authorization.k8s.io/v1/namespaces/default/rolebindings',
      {
        metadata: { name: 'b' },
        roleRef: { kind: 'Role', name: 'r' },
        subjects: [{ kind: 'ServiceAccount', name: 'a' }],
      },
    ],
    code: 422,
    reason: 'Invalid',
    message: 'RoleBinding.rbac.authorization.k8s.io "b" is invalid: subjects[0].namespace: Required value',
  },
  {
    what: 'an autoscaler whose most is less than its least',
    ask: [
      'POST',
      '/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers',
      {
        metadata: { name: 'h' },
        spec: { scaleTargetRef: { kind: 'Deployment', name: 'd' }, minReplicas: 5, maxReplicas: 1 },
      },
    ],
    code: 422,
    reason: 'Invalid',
    message:
      'HorizontalPodAutoscaler.autoscaling "h" is invalid: spec.maxReplicas: Invalid value: 1: must be greater than or equal to `minReplicas`',
  },
  {
    what: 'a budget that counts twice',
    ask: [
      'POST',
      '/apis/policy/v1/namespaces/default/poddisruptionbudgets',
      { metadata: { name: 'b' }, spec: { minAvailable: 1, maxUnavailable: 1 } },
    ],
    code: 422,
    reason: 'Invalid',
    message:
      'PodDisruptionBudget.policy "b" is invalid: spec: Invalid value: {"minAvailable":1,"maxUnavailable":1}: minAvailable and maxUnavailable cannot be both set',
  },
  {
    what: 'a schedule that is none',
    ask: ['POST', '/apis/batch/v1/namespaces/default/cronjobs', cronJob('daily')],
    code: 422,
    reason: 'Invalid',
    message:
      'CronJob.batch "c" is invalid: spec.schedule: Invalid value: "daily": expected exactly 5 fields, found 1: [daily]',
    causes: ['FieldValueInvalid spec.schedule'],
  },
  {
    what: 'an hour that no day has',
    ask: ['POST', '/apis/batch/v1/namespaces/default/cronjobs', cronJob('0 24 * * mon-fri')],
    code: 422,
    reason: 'Invalid',
    message:
      'CronJob.batch "c" is invalid: spec.schedule: Invalid value: "0 24 * * mon-fri": end of range (24) above maximum (23): 24',
  },
  {
    what: 'a definition without a schema, of no known scope',
    ask: ['POST', DEFINITIONS, definition({ scope: 'World', versions: [version()] })],
    code: 422,
    reason: 'Invalid',
    message:
      'CustomResourceDefinition.apiextensions.k8s.io "foos.example.com" is invalid: [spec.scope: Unsupported value: "World": supported values: "Cluster", "Namespaced", spec.versions[0].schema.openAPIV3Schema: Required value: schemas are required]',
  },
  {
    what: 'a schema that leaves a type out',
    ask: [
      'POST',
      DEFINITIONS,
      definition({ versions: [version({ type: 'object', properties: { a: { items: {} } } })] }),
    ],
    code: 422,
    reason: 'Invalid',
    message:
      'CustomResourceDefinition.apiextensions.k8s.io "foos.example.com" is invalid: [spec.versions[0].schema.openAPIV3Schema.properties[a].type: Required value: must not be empty for specified object fields, spec.versions[0].schema.openAPIV3Schema.properties[a].items.type: Required value: must not be empty for specified array items]',
  },
  {
    what: 'an immutable field',
    ask: ['PATCH', `${DEPLOYMENTS}/d`, { spec: { selector: { matchLabels: { app: 'x' } } } }, MERGE],
    code: 422,
    reason: 'Invalid',
    message:
      'Deployment.apps "d" is invalid: [spec.template.metadata.labels: Invalid value: {"app":"d"}: `selector` does not match template `labels`, spec.selector: Invalid value: {"matchLabels":{"app":"x"}}: field is immutable]',
    causes: ['FieldValueInvalid spec.template.metadata.labels', 'FieldValueInvalid spec.selector'],
  },
  {
    what: 'an old version',
    ask: ['PUT', `${MAPS}/m`, { metadata: { name: 'm', resourceVersion: '1' } }],
    code: 409,
    reason: 'Conflict',
    message:
      'Operation cannot be fulfilled on configmaps "m": the object has been modified; please apply your changes to the latest version and try again',
  },
  {
    what: 'something that is not there',
    ask: ['GET', `${INGRESSES}/none`, undefined],
    code: 404,
    reason: 'NotFound',
    message: 'ingresses.networking.k8s.io "none" not found',
  },
  {
    what: 'something that is there already',
    ask: ['POST', MAPS, { metadata: { name: 'm' } }],
    code: 409,
    reason: 'AlreadyExists',
    message: 'configmaps "m" already exists',
  },
  {
    what: 'a namespace that is not there',
    ask: ['POST', '/api/v1/namespaces/none/configmaps', { metadata: { name: 'm' } }],
    code: 404,
    reason: 'NotFound',
    message: 'namespaces "none" not found',
  },
  {
    what: 'an unknown field in a merge patch',
    ask: ['PATCH', `${MAPS}/m${STRICT}`, { colour: 'red' }, MERGE],
    code: 422,
    reason: 'Invalid',
    message: ' "" is invalid: patch: Invalid value: "…": strict decoding error: unknown field "colour"',
    causes: ['FieldValueInvalid patch'],
  },
  {
    what: 'an unknown field in a strategic merge patch',
    ask: ['PATCH', `${MAPS}/m${STRICT}`, { data: { b: 'c', a: null }, colour: ['red', 1] }, STRATEGIC],
    code: 422,
    reason: 'Invalid',
    message:
      ' "" is invalid: patch: Invalid value: "map[colour:[red 1] data:map[a:<nil> b:c]]": strict decoding error: unknown field "colour"',
    causes: ['FieldValueInvalid patch'],
  },
  {
    what: 'an unknown field in an apply',
    ask: ['PATCH', `${MAPS}/m${STRICT}`, { apiVersion: 'v1', kind: 'ConfigMap', colour: 'red' }, APPLY],
    code: 500,
    message:
      'failed to create typed patch object (default/m; v1, Kind=ConfigMap): .colour: field not declared in schema',
  },
  {
    what: 'an apply without a manager',
    ask: ['PATCH', `${MAPS}/m`, { apiVersion: 'v1', kind: 'ConfigMap' }, APPLY],
    code: 422,
    reason: 'Invalid',
    message:
      'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch',
    causes: ['FieldValueRequired fieldManager'],
  },
  {
    what: 'an apply over the fields of another',
    ask: [
      'PATCH',
      `${MAPS}/m?fieldManager=other`,
      { apiVersion: 'v1', kind: 'ConfigMap', data: { a: 'z' } },
      APPLY,
    ],
    code: 409,
    reason: 'Conflict',
    message: 'Apply failed with 1 conflict: conflict with "me" using v1: .data.a',
    causes: ['FieldManagerConflict .data.a'],
  },
  {
    what: 'a version on a new object',
    ask: ['POST', MAPS, { metadata: { name: 'n', resourceVersion: '1' } }],
    code: 500,
    message: 'resourceVersion should not be set on objects to be created',
  },
  {
    what: 'another name than the address says',
    ask: ['PUT', `${MAPS}/m`, { metadata: { name: 'n' } }],
    code: 400,
    reason: 'BadRequest',
    message: 'the name of the object (n) does not match the name on the URL (m)',
  },
  {
    what: 'another namespace than the address says',
    ask: ['POST', MAPS, { metadata: { name: 'n', namespace: 'kube-system' } }],
    code: 400,
    reason: 'BadRequest',
    message: 'the namespace of the provided object does not match the namespace sent on the request',
  },
  {
    what: 'another version of the API than the address says',
    ask: ['POST', INGRESSES, { apiVersion: 'extensions/v1beta1', kind: 'Ingress' }],
    code: 400,
    reason: 'BadRequest',
    message:
      'the API version in the data (extensions/v1beta1) does not match the expected API version (networking.k8s.io/v1)',
  },
  {
    what: 'a body of an unknown type',
    ask: ['POST', MAPS, 'x', 'text/plain'],
    code: 415,
    reason: 'UnsupportedMediaType',
    message:
      'the body of the request was in an unknown format - accepted media types include: application/json, application/yaml, application/vnd.kubernetes.protobuf',
  },
  {
    what: 'a method that the resource does not have',
    ask: ['PUT', MAPS, {}],
    code: 405,
    reason: 'MethodNotAllowed',
    message: 'the server does not allow this method on the requested resource',
  },
  {
    what: 'a resource that is not served',
    ask: ['GET', '/apis/example.com/v1/unicorns', undefined],
    code: 404,
    reason: 'NotFound',
    message: 'the server could not find the requested resource',
  },
  {
    what: 'a namespace that must stay',
    ask: ['DELETE', '/api/v1/namespaces/default', undefined],
    code: 403,
    reason: 'Forbidden',
    message: 'namespaces "default" is forbidden: this namespace may not be deleted',
  },
];

describe('refusals are worded as kube-apiserver words them', () => {
  let kubernetes: SandboxKubernetes;
  before(async () => {
    kubernetes = await startKubernetes();
    await ask('POST', `${MAPS}?fieldManager=me`, { metadata: { name: 'm' }, data: { a: 'b' } });
    await ask('POST', DEPLOYMENTS, deployment);
    await ask('POST', DEFINITIONS, bars);
  });
  after(() => kubernetes.stop());

  const ask = (method: string, path: string, body: unknown, type = 'application/json'): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const options = {
        method,
        headers: { 'Content-Type': type, Authorization: 'Bearer sandbox' },
        rejectUnauthorized: false,
      };
      const asked = request(`${kubernetes.url}${path}`, options, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (part: string) => {
          text += part;
        });
        response.on('end', () => resolve(JSON.parse(text)));
      });
      asked.on('error', reject);
      asked.end(body === undefined ? undefined : JSON.stringify(body));
    });

  for (const { what, ask: asked, code, reason, message, causes } of CASES)
    test(what, async () => {
      const status = (await ask(...asked)) as Status;
      const said =
        what.includes('merge patch') && message.includes('…')
          ? status.message.replace(/Invalid value: ".*": strict/, 'Invalid value: "…": strict')
          : status.message;
      assert.deepEqual(
        { code: status.code, reason: status.reason, message: said },
        { code, reason, message },
      );
      if (causes !== undefined)
        assert.deepEqual(
          status.details?.causes?.map((one) => `${one.reason} ${one.field}`),
          causes,
        );
    });

  test('a warning may hold any text', async () => {
    const created = (await ask('POST', MAPS, { metadata: { name: 'odd' }, 'a"\n\u20ac\ud800': 1 })) as Status;
    assert.equal(created.code, undefined);
  });

  test('empty lists and maps of metadata are left out', async () => {
    const metadata = { name: 'empty', finalizers: [], labels: {}, annotations: {}, ownerReferences: [] };
    const created = (await ask('POST', MAPS, { metadata })) as { metadata: object };
    assert.deepEqual(
      Object.keys(created.metadata).filter((key) => key in metadata),
      ['name'],
    );
    const held = [{ op: 'add', path: '/metadata/finalizers', value: ['example.com/hold'] }];
    await ask('PATCH', `${MAPS}/empty`, held, 'application/json-patch+json');
    const freed = await ask('PATCH', `${MAPS}/empty`, { metadata: { finalizers: [] } }, MERGE);
    assert.ok(!('finalizers' in (freed as { metadata: object }).metadata));
  });

  test('taking the last finalizer from a deleted object tells watches that it is gone, and nothing else', async () => {
    const metadata = { name: 'held', finalizers: ['example.com/hold'] };
    await ask('POST', MAPS, { metadata });
    await ask('DELETE', `${MAPS}/held`, undefined);
    const seen: string[] = [];
    const { store } = kubernetes;
    const stop = store.watch('configmaps', store.version(), ({ type }) => void seen.push(type));
    await ask('PATCH', `${MAPS}/held`, { metadata: { finalizers: null } }, MERGE);
    stop?.();
    assert.deepEqual(seen, ['DELETED']);
  });
});
