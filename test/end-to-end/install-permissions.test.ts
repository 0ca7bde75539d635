/** The roles of the chart name exactly what the code asks of the Kubernetes API: nothing missing, nothing unused. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { parseAllDocuments } from 'yaml';
import { KINDS } from '../../src/kubernetes/kinds.ts';
import { cannotRun, helm, removeHomes } from '../contract/kubectl.ts';

const ROOT = join(import.meta.dirname, '../..');
const CHART = join(ROOT, 'helm/alb-ingress-controller');

type Rule = {
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
  readonly resourceNames?: readonly string[];
};
type Role = {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly rules: readonly Rule[];
};

/** `verb resource` of every request in the code; the general ones are made for each kind that is watched. */
const asked = (): readonly string[] => {
  const folder = join(ROOT, 'src/kubernetes');
  const code = readdirSync(folder)
    .map((name) => readFileSync(join(folder, name), 'utf8'))
    .join('\n');
  const pairs = [...code.matchAll(/verb: '(\w+)',\s*resource: (?:'([\w/]+)'|kind)/g)].flatMap(
    ([, verb, resource]) =>
      resource === undefined ? Object.keys(KINDS).map((kind) => `${verb} ${kind}`) : [`${verb} ${resource}`],
  );
  const written = ['ingresses/status', 'targetgroupbindings', 'targetgroupbindings/status'];
  return [...new Set([...pairs, ...written.map((it) => `patch ${it}`)])].sort();
};

const roles = async (values: readonly string[]): Promise<readonly Role[]> => {
  const given = ['-f', join(CHART, 'ci/1-least-values.yaml'), ...values];
  const { code, stdout, stderr } = await helm('', ['template', 'alb', CHART, ...given]);
  assert.equal(code, 0, stderr);
  return parseAllDocuments(stdout)
    .map((it) => it.toJS() as Role | null)
    .filter((it): it is Role => it !== null && /Role$/.test(it.kind));
};

const granted = (rules: readonly Rule[]): readonly string[] =>
  rules.flatMap(({ resources, verbs }) =>
    resources.flatMap((resource) => verbs.map((verb) => `${verb} ${resource}`)),
  );

describe('permissions', { skip: cannotRun() }, () => {
  after(removeHomes);

  test('the chart grants what the code asks for, once each', async () => {
    const all = (await roles([])).flatMap(({ rules }) => granted(rules));
    assert.deepEqual(all.toSorted(), asked());
  });

  test('nothing but the making of the Lease is wider than the one object', async () => {
    const rules = (await roles([]))
      .flatMap((role) => role.rules)
      .filter(({ resources }) => resources.includes('leases'));
    for (const { verbs, resourceNames } of rules) if (!resourceNames) assert.deepEqual(verbs, ['create']);
  });

  test('Secrets can be limited to names, or left out', async () => {
    const ofSecrets = async (values: readonly string[]) =>
      (await roles(values)).flatMap((it) => it.rules).filter((it) => it.resources.includes('secrets'));
    const [limited] = await ofSecrets(['--set', 'rbac.secrets.names={login}']);
    assert.deepEqual(limited?.resourceNames, ['login']);
    assert.deepEqual(await ofSecrets(['--set', 'rbac.secrets.enabled=false']), []);
  });

  for (const [value, resources] of [
    ['pods', ['pods', 'pods/status']],
    ['targetGroupBindings', ['targetgroupbindings', 'targetgroupbindings/status']],
    ['ingressStacks', ['ingressstacks', 'ingressstacks/status']],
  ] as const)
    test(`without rbac.${value} nothing but that is missing`, async () => {
      const of = async (values: readonly string[]) =>
        (await roles(values)).flatMap(({ rules }) => granted(rules));
      const rest = await of(['--set', `rbac.${value}.enabled=false`]);
      const missing = (await of([])).filter((one) => !rest.includes(one));
      assert.deepEqual([...new Set(missing.map((one) => one.replace(/^\w+ /, '')))], resources);
    });

  test('in one namespace, only what belongs to none is granted in the whole cluster', async () => {
    const given = ['--set', 'scope.singleNamespace=true', '--namespace', 'edge'];
    const { stdout } = await helm('', [
      'template',
      'alb',
      CHART,
      '-f',
      join(CHART, 'ci/1-least-values.yaml'),
      ...given,
    ]);
    const bindings = parseAllDocuments(stdout)
      .map(
        (it) =>
          it.toJS() as { kind: string; metadata: { namespace?: string }; roleRef: { name: string } } | null,
      )
      .filter((it) => it?.kind.endsWith('RoleBinding'));
    assert.deepEqual(
      bindings.map((it) => `${it?.kind} ${it?.metadata.namespace ?? '-'} ${it?.roleRef.name}`).sort(),
      [
        'ClusterRoleBinding - alb-alb-ingress-controller',
        'RoleBinding edge alb-alb-ingress-controller-ingresses',
        'RoleBinding edge alb-alb-ingress-controller-leader',
        'RoleBinding edge alb-alb-ingress-controller-secrets',
      ],
    );
  });
});
