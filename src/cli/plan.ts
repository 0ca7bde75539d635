/** `alb-ingress plan`: what `run` would do, from the same functions, without doing it. */

import { connectAws } from '../aws/aws.ts';
import { look } from '../controller/look.ts';
import { snapshotFromObjects } from '../core/kube/from-objects.ts';
import { NOTHING } from '../core/model/actual.ts';
import { assumedFacts, withClass, withNodePorts } from '../core/model/assumed-facts.ts';
import { type Explanation, explain, renderExplanation } from '../core/plan/explain.ts';
import { type PlannedStack, planStack } from '../core/plan/plan-stack.ts';
import { renderPlan } from '../core/plan/render.ts';
import type { ProblemCode } from '../core/problems/table.ts';
import { NO_DEFAULTS } from '../core/translate/defaults.ts';
import { mayJudge, stacksOf } from '../core/translate/stacks.ts';
import { namedSecrets } from '../core/translate/wanted-secrets.ts';
import { connectKube } from '../kubernetes/kube.ts';
import { clusterNameIn, clusterNameOf } from './cluster-name.ts';
import { awsOptionsOf, kubeOptionsOf, settingsOf } from './connections.ts';
import { jsonLog } from './log.ts';
import type { Manifest } from './manifest.ts';
import { readManifests } from './manifests.ts';
import { type Options, readOptions } from './options.ts';

/** What is told, and no mistake. */
const HARMLESS: ReadonlySet<ProblemCode> = new Set([
  'UnknownAnnotation',
  'SetByClass',
  'CertificatePending',
  'CertificateExpiring',
]);

type Planned = { readonly stack: string; readonly why: Explanation } & PlannedStack;

export const plan = async (argv: readonly string[]): Promise<number> => {
  const options = readOptions('plan', argv, process.env);
  const output = options.word('output');
  const files = options.list('filename');
  const manifests = files.length > 0 ? readManifests(files) : undefined;
  const planned = manifests ? planManifests(manifests, options) : await planLive(options);
  const withWhy = options.truth('explain');
  const none = `no Ingress of this class${manifests ? ` among ${kindsIn(manifests)}` : ''}\n`;
  process.stdout.write(output === 'json' ? asJson(planned, withWhy) : asText(planned, withWhy, none));
  return planned.some(({ problems }) => problems.some(({ code }) => !HARMLESS.has(code))) ? 1 : 0;
};

const planManifests = (manifests: readonly Manifest[], options: Options): readonly Planned[] => {
  const written = snapshotFromObjects(manifests);
  const snapshot = withClass(withNodePorts(written), options.required('ingress-class'));
  const facts = assumedFacts(snapshot, options.text('aws-region') ?? 'us-west-1');
  const { graces, ...settings } = settingsOf(options, clusterNameIn(options) ?? 'cluster');
  const { cluster } = settings;
  const { subnetsOfOthers } = settings.scope.defaults ?? NO_DEFAULTS;
  return [...stacksOf(snapshot, settings.scope)].map(([stack, ingresses]) => {
    const planned = planStack({ ...settings, stack, ingresses, snapshot, facts, actual: NOTHING }, graces);
    return { stack, ...planned, why: explain({ planned, actual: NOTHING, facts, cluster, subnetsOfOthers }) };
  });
};

const planLive = async (options: Options): Promise<readonly Planned[]> => {
  const level = options.word('log-level');
  const log = jsonLog(level === 'info' ? 'warn' : level);
  const settings = { ...settingsOf(options, clusterNameOf(options)), auditSeconds: ONE_RUN };
  const aws = connectAws(awsOptionsOf(options, log));
  const kube = connectKube({ ...kubeOptionsOf(options, log), firstTries: 3 });
  try {
    await kube.start(() => undefined);
    await kube.lookAtSecrets(namedSecrets(kube.snapshot(), settings.scope));
    const snapshot = kube.snapshot();
    const found = (await aws.inventory()).filter((stack) => mayJudge(stack, settings.scope));
    const stacks = new Map([
      ...found.map((stack): [string, readonly string[]] => [stack, []]),
      ...stacksOf(snapshot, settings.scope),
    ]);
    const planned: Planned[] = [];
    for (const [stack, ingresses] of [...stacks].sort(([a], [b]) => (a < b ? -1 : 1))) {
      const seen = await look({ stack, ingresses, snapshot, settings, aws, known: undefined });
      const { cluster, scope } = settings;
      const { subnetsOfOthers } = scope.defaults ?? NO_DEFAULTS;
      planned.push({ stack, ...seen.planned, why: explain({ ...seen, cluster, subnetsOfOthers }) });
    }
    return planned;
  } finally {
    await kube.stop();
  }
};

/** Seconds facts may be old: as long as printing a plan may take. */
const ONE_RUN = 3600;

/** `2 Service, 1 Deployment`: a mistyped kind shows. */
const kindsIn = (manifests: readonly Manifest[]): string => {
  const count = new Map<string, number>();
  for (const { kind } of manifests) count.set(kind, (count.get(kind) ?? 0) + 1);
  return [...count].map(([kind, times]) => `${times} ${kind}`).join(', ') || '0 objects';
};

const asText = (planned: readonly Planned[], withWhy: boolean, none: string): string => {
  if (planned.length === 0) return none;
  return planned
    .map(({ stack, plan: made, problems, why }) => {
      const said = problems
        .map((problem) => `? ${problem.code} on ${problem.ingress}\n    ${problem.message}\n`)
        .join('');
      return `${stack}\n${renderPlan(made)}${said}${withWhy ? renderExplanation(why) : ''}`;
    })
    .join('\n');
};

const asJson = (planned: readonly Planned[], withWhy: boolean): string =>
  `${JSON.stringify(
    planned.map(({ stack, plan: made, problems, why }) => ({
      stack,
      operations: made.operations,
      holds: made.holds,
      problems,
      ...(withWhy && { why }),
    })),
    null,
    2,
  )}\n`;
