/** `alb-ingress plan`: what `run` would do, from the same functions, without doing it. */
import { connectAws } from '../aws/aws.ts';
import { heirsOf } from '../core/adopt/heir.ts';
import { snapshotFromObjects } from '../core/kube/from-objects.ts';
import { NOTHING } from '../core/model/actual.ts';
import { assumedFacts, withNodePorts } from '../core/model/assumed-facts.ts';
import { type PlannedStack, planStack } from '../core/plan/plan-stack.ts';
import { namesToLookUp } from '../core/plan/record-names.ts';
import { renderPlan } from '../core/plan/render.ts';
import { stacksOf } from '../core/translate/stacks.ts';
import { connectKube } from '../kubernetes/kube.ts';
import { systemClock } from './clock.ts';
import { readDefaults } from './defaults.ts';
import { jsonLog } from './log.ts';
import { readManifests } from './manifests.ts';
import { type Options, readOptions, UsageError } from './options.ts';
import { recordAccessOf, recordRulesOf } from './record-options.ts';
import { CONTROLLER_NAME } from './run.ts';

type Planned = { readonly stack: string } & PlannedStack;

export const plan = async (argv: readonly string[]): Promise<number> => {
  const options = readOptions('plan', argv, process.env);
  const output = options.text('output');
  if (output !== 'text' && output !== 'json')
    throw new UsageError(`--output: expected text or json, got ${JSON.stringify(output)}`);
  const files = options.list('filename');
  const planned = files.length > 0 ? planManifests(files, options) : await planLive(options);
  process.stdout.write(output === 'json' ? asJson(planned) : asText(planned));
  return planned.some(({ problems }) => problems.some((problem) => problem.code !== 'UnknownAnnotation'))
    ? 1
    : 0;
};

const scopeOf = (options: Options) => ({
  ingressClass: options.required('ingress-class'),
  namespaces: options.list('watch-namespace'),
  defaults: readDefaults(options),
});

const gracesOf = (options: Options) => ({
  loadBalancer: options.seconds('load-balancer-grace'),
  targetGroup: options.seconds('target-group-grace'),
});

const planManifests = (files: readonly string[], options: Options): readonly Planned[] => {
  const snapshot = withNodePorts(snapshotFromObjects(readManifests(files)));
  const facts = assumedFacts(snapshot, options.text('aws-region') ?? 'us-west-1');
  const scope = scopeOf(options);
  const cluster = options.text('cluster-name') ?? 'cluster';
  return [...stacksOf(snapshot, scope)].map(([stack, ingresses]) => ({
    stack,
    ...planStack(
      {
        stack,
        ingresses,
        snapshot,
        facts,
        actual: NOTHING,
        cluster,
        scope,
        dns: !options.truth('disable-route53'),
        recordRules: recordRulesOf(options),
      },
      gracesOf(options),
    ),
  }));
};

const planLive = async (options: Options): Promise<readonly Planned[]> => {
  const log = jsonLog(options.level() === 'info' ? 'warn' : options.level());
  const cluster = options.required('cluster-name');
  const dns = !options.truth('disable-route53');
  const vpc = options.text('aws-vpc-id');
  const kubeconfig = options.text('kubeconfig');
  const aws = connectAws({
    region: options.required('aws-region'),
    clusterName: cluster,
    ...(vpc && { vpcId: vpc }),
    budget: 'aws',
    route53: dns ? 'on' : 'off',
    ...recordAccessOf(options),
    log,
  });
  const scope = scopeOf(options);
  const kube = connectKube({
    ...(kubeconfig && { kubeconfig }),
    namespaces: scope.namespaces,
    clock: systemClock,
    log,
    controllerName: CONTROLLER_NAME,
  });
  try {
    await kube.start(() => undefined);
    const snapshot = kube.snapshot();
    const [facts, found] = await Promise.all([aws.facts(0), aws.inventory()]);
    const stacks = new Map([
      ...found.map((stack): [string, readonly string[]] => [stack, []]),
      ...stacksOf(snapshot, scope),
    ]);
    const planned: Planned[] = [];
    for (const [stack, ingresses] of [...stacks].sort(([a], [b]) => (a < b ? -1 : 1))) {
      const recordRules = recordRulesOf(options);
      const input = { stack, ingresses, snapshot, facts, cluster, scope, dns, recordRules };
      const observed = await aws.observe(stack, heirsOf(ingresses, snapshot));
      const first = planStack({ ...input, actual: observed }, gracesOf(options));
      const unknown = namesToLookUp(first.desired, observed);
      const actual = unknown.length > 0 ? await aws.lookUpNames(observed, stack, unknown) : observed;
      planned.push({ stack, ...planStack({ ...input, actual }, gracesOf(options)) });
    }
    return planned;
  } finally {
    await kube.stop();
  }
};

const asText = (planned: readonly Planned[]): string => {
  if (planned.length === 0) return 'no Ingress of this class\n';
  return planned
    .map(({ stack, plan: made, problems }) => {
      const said = problems
        .map((problem) => `? ${problem.code} on ${problem.ingress}\n    ${problem.message}\n`)
        .join('');
      return `${stack}\n${renderPlan(made)}${said}`;
    })
    .join('\n');
};

const asJson = (planned: readonly Planned[]): string =>
  `${JSON.stringify(
    planned.map(({ stack, plan: made, problems }) => ({
      stack,
      operations: made.operations,
      holds: made.holds,
      problems,
    })),
    null,
    2,
  )}\n`;
