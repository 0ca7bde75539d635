import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { cannotRun } from './kubectl.ts';
import { startTestCluster, type TestCluster } from './sandbox-cluster.ts';

const DEFINITION = `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: gadgets.example.com}
spec:
  group: example.com
  scope: Namespaced
  names: {plural: gadgets, kind: Gadget, shortNames: [gd], categories: [all]}
  versions:
  - name: v1
    served: true
    storage: true
    subresources:
      status: {}
      scale: {specReplicasPath: .spec.copies, statusReplicasPath: .status.copies, labelSelectorPath: .status.selector}
    selectableFields: [{jsonPath: .spec.mode}]
    additionalPrinterColumns:
    - {name: Size, type: integer, jsonPath: .spec.size}
    - {name: Ready, type: string, jsonPath: '.status.conditions[?(@.type=="Ready")].status'}
    - {name: Detail, type: string, jsonPath: .spec.mode, priority: 1}
    schema:
      openAPIV3Schema:
        type: object
        required: [spec]
        properties:
          spec:
            type: object
            required: [size]
            properties:
              size: {type: integer, minimum: 1, maximum: 10, description: How big it is.}
              copies: {type: integer}
              since: {type: string, format: date-time}
              tags: {type: array, items: {type: string}, x-kubernetes-list-type: set}
              mode: {type: string, enum: [fast, slow], default: slow}
              ports:
                type: array
                x-kubernetes-list-type: map
                x-kubernetes-list-map-keys: [number]
                items: {type: object, properties: {number: {type: integer}, name: {type: string}}}
          status:
            type: object
            x-kubernetes-validations: [{rule: 'true'}]
            x-kubernetes-preserve-unknown-fields: true
`;

const gadget = (spec: string): string =>
  `{apiVersion: example.com/v1, kind: Gadget, metadata: {name: one}, spec: ${spec}}`;

describe('kubectl with a CustomResourceDefinition', { skip: cannotRun() }, () => {
  let cluster: TestCluster;
  before(async () => {
    cluster = await startTestCluster('127.76');
    await cluster.kubectl('create -f -', DEFINITION);
    await cluster.kubectl('wait --for=condition=Established crd/gadgets.example.com --timeout=5s');
  });
  after(() => cluster.stop());

  test('is served at once: discovery, explain, columns, defaults', async () => {
    assert.match(
      await cluster.kubectl('create -f -', gadget('{size: 3}')),
      /gadget\.example\.com\/one created/,
    );
    assert.match(
      await cluster.kubectl('api-resources --api-group=example.com'),
      /gadgets\s+gd\s+example\.com\/v1\s+true\s+Gadget/,
    );
    assert.match(await cluster.kubectl('get gd'), /^NAME\s+SIZE\s+READY\none\s+3\s*\n$/);
    assert.match(await cluster.kubectl('get gd -o wide'), /DETAIL\none\s+3\s+slow/);
    assert.match(
      await cluster.kubectl('explain gadget.spec.size'),
      /FIELD: size <integer>.*How big it is\./s,
    );
    assert.match(await cluster.kubectl('describe gadget one'), /Kind:\s+Gadget/);
    assert.match(await cluster.kubectl('get all'), /gadget\.example\.com\/one/);
  });

  const REFUSED: readonly (readonly [string, RegExp])[] = [
    ['{size: 11}', /spec\.size: Invalid value: 11: spec\.size in body should be less than or equal to 10/],
    [
      '{size: big}',
      /spec\.size: Invalid value: "string": spec\.size in body must be of type integer: "string"/,
    ],
    [
      '{size: 1, since: today}',
      /spec\.since: Invalid value: "today": spec\.since in body must be of type date-time: "today"/,
    ],
    ['{size: 1, tags: [a, b, a]}', /spec\.tags\[2\]: Duplicate value: "a"/],
    [
      '{size: 1, ports: [{number: 1}, {number: 1, name: x}]}',
      /spec\.ports\[1\]: Duplicate value: \{"number":1\}/,
    ],
    ['{mode: fast}', /spec\.size: Required value/],
    ['{size: 1, mode: odd}', /spec\.mode: Unsupported value: "odd": supported values: "fast", "slow"/],
    ['{size: 1, colour: red}', /strict decoding error: unknown field "spec\.colour"/],
  ];
  for (const [spec, expected] of REFUSED) {
    test(`refuses ${spec}`, async () => {
      assert.match(
        (await cluster.tryKubectl('create -f -', gadget(spec).replace('name: one', 'name: bad'))).stderr,
        expected,
      );
    });
  }

  test('merges with JSON merge patch and server-side apply, not with strategic merge', async () => {
    await cluster.kubectl('apply -f -', gadget('{size: 4}'));
    assert.match(
      (await cluster.tryKubectl(`patch gadget one --type=strategic -p '{"spec":{"size":5}}'`)).stderr,
      /not supported|UnsupportedMediaType|strategic/,
    );
    await cluster.kubectl(`patch gadget one --type=merge -p '{"spec":{"size":5}}'`);
    await cluster.kubectl(
      'apply --server-side --field-manager=a -f -',
      gadget('{size: 5, ports: [{number: 1, name: x}]}').replace('name: one', 'name: two'),
    );
    await cluster.kubectl(
      'apply --server-side --field-manager=b -f -',
      gadget('{size: 5, ports: [{number: 2}]}').replace('name: one', 'name: two'),
    );
    assert.equal(await cluster.kubectl("get gadget two -o jsonpath='{.spec.ports[*].number}'"), '1 2');
  });

  test('has a status of its own', async () => {
    await cluster.kubectl(
      `patch gadget one --subresource=status --type=merge -p '{"status":{"conditions":[{"type":"Ready","status":"True"}]}}'`,
    );
    await cluster.kubectl('wait --for=condition=Ready gadget/one --timeout=5s');
    assert.match(await cluster.kubectl('get gd one'), /True/);
  });

  test('is scaled where its definition says', async () => {
    const missing = await cluster.tryKubectl('scale gadget one --replicas=2');
    assert.match(missing.stderr, /the spec replicas field "\.spec\.copies" does not exist/);
    await cluster.kubectl(`patch gadget one --type=merge -p '{"spec":{"copies":1}}'`);
    assert.match(await cluster.kubectl('scale gadget one --replicas=2'), /gadget\.example\.com\/one scaled/);
    assert.equal(await cluster.kubectl('get gadget one -o jsonpath={.spec.copies}'), '2');
    assert.match(
      await cluster.kubectl('get gadget one --subresource=scale'),
      /^NAME\s+DESIRED\s+AVAILABLE\s+AGE\none\s+2\s+0\s/,
    );
  });

  test('is selected by the fields its definition names, and no others', async () => {
    assert.match(await cluster.kubectl('get gadgets --field-selector=spec.mode=slow -o name'), /one/);
    assert.equal(await cluster.kubectl('get gadgets --field-selector=spec.mode=fast -o name'), '');
    const other = await cluster.tryKubectl('get gadgets --field-selector=spec.size=5');
    assert.match(other.stderr, /field label not supported: spec\.size/);
  });

  test('says that rules in CEL are not checked', async () => {
    const again = await cluster.tryKubectl('replace -f -', DEFINITION);
    assert.match(again.stderr, /Warning: the sandbox has no CEL: .* of v1 at \.status are kept/);
  });

  test('goes with its objects', async () => {
    await cluster.kubectl('delete crd gadgets.example.com');
    assert.match(
      (await cluster.tryKubectl('get gadgets')).stderr,
      /the server could not find the requested resource/,
    );
    await cluster.kubectl('create -f -', DEFINITION);
    assert.equal(await cluster.kubectl('get gadgets -o name'), '');
  });
});
