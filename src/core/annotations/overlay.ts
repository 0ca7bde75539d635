import { problemOf, type SettingProblem } from './problem.ts';
import type { Reading } from './read.ts';
import type { Place, Row } from './row.ts';
import {
  type AlwaysSet,
  ANNOTATIONS,
  type AnnotationName,
  PREFIX,
  type SettingOf,
  type Settings,
} from './table.ts';

/** Rows that a Service may carry too, about who gets in. */
export type LoginName = Extract<AnnotationName, `auth-${string}`>;

/** Rows that a Service may carry too: those of its target groups. */
export type TargetGroupName = {
  [N in AnnotationName]: 'service' extends (typeof ANNOTATIONS)[N]['on'][number] ? N : never;
}[Exclude<AnnotationName, LoginName>];

/** Defaults that follow from another setting. */
type Derived = 'healthcheck-protocol' | 'healthcheck-path' | 'success-codes';

export type TargetGroupSettings = {
  readonly [N in TargetGroupName & (AlwaysSet | Derived)]: SettingOf<N>;
};

/** What holds for the target groups of one Service behind one Ingress. */
export type Overlay = {
  /** A value for each row; for a name in `invalid` it is not the setting. */
  readonly settings: TargetGroupSettings;
  readonly invalid: ReadonlySet<TargetGroupName>;
  /** Whether the Ingress, its class or the Service states it. */
  readonly isStated: (name: TargetGroupName) => boolean;
  /** Only what shows when both are seen together; the readings have their own problems. */
  readonly problems: readonly { readonly on: Place; readonly problem: SettingProblem }[];
};

/**
 * The settings of target groups: what the Service states wins over what the Ingress states, whole values at a time,
 * except for tags, which are joined by key; what the class of the Ingress says is above both. Then the defaults, then the checks of AWS that need several settings.
 */
export const overlay = (service: Reading | undefined, ingress: Reading): Overlay => {
  const source = (name: TargetGroupName): Place | undefined => {
    if (name === 'target-type' && ingress.imposed?.[name] !== undefined) return 'ingress';
    if (service && (service.stated[name] !== undefined || service.invalid.has(name))) return 'service';
    return ingress.stated[name] !== undefined || ingress.invalid.has(name) ? 'ingress' : undefined;
  };
  const reading = (name: TargetGroupName): Reading | undefined =>
    source(name) === 'service' ? service : ingress;
  const invalid = new Set(NAMES.filter((name) => reading(name)?.invalid.has(name)));
  if (ingress.invalid.has('tags')) invalid.add('tags');
  const { imposed } = ingress;
  const tags = { ...ingress.settings.tags, ...service?.settings.tags, ...imposed?.tags };
  const type = imposed?.['target-type'];
  const settings = derive({
    ...ingress.settings,
    ...service?.stated,
    tags,
    ...(type && { 'target-type': type }),
  });
  for (const [from, to] of FOLLOWS) if (invalid.has(from) && source(to) === undefined) invalid.add(to);
  const problems = CHECKS.flatMap((check) => {
    if (check.of.some((name) => invalid.has(name))) return [];
    const name = check.of.find((candidate) => source(candidate) !== undefined);
    const expected = name && check.fault(settings, name);
    if (name === undefined || expected === undefined) return [];
    const value = check.show(settings, name);
    const problem = problemOf(`${PREFIX}${name}`, value, { expected }, 'error', 'combination');
    return [{ names: check.of, on: source(name) ?? 'ingress', problem }];
  });
  for (const { names } of problems)
    for (const name of names) if (source(name) !== undefined) invalid.add(name);
  return {
    settings,
    invalid,
    isStated: (name) => source(name) !== undefined,
    problems: problems.map(({ on, problem }) => ({ on, problem })),
  };
};

const ROWS: Readonly<Record<AnnotationName, Row>> = ANNOTATIONS;

const isTargetGroupName = (name: AnnotationName): name is TargetGroupName =>
  ROWS[name].on.includes('service') && !name.startsWith('auth-');

const NAMES = (Object.keys(ANNOTATIONS) as readonly AnnotationName[]).filter(isTargetGroupName);

/** The second is read off the first when nobody states it. */
const FOLLOWS: readonly (readonly [TargetGroupName, Derived])[] = [
  ['backend-protocol', 'healthcheck-protocol'],
  ['backend-protocol-version', 'healthcheck-path'],
  ['backend-protocol-version', 'success-codes'],
];

const derive = (all: Settings): TargetGroupSettings => {
  const grpc = all['backend-protocol-version'] === 'GRPC';
  return {
    'target-type': all['target-type'],
    'multi-cluster-target-group': all['multi-cluster-target-group'],
    'target-node-labels': all['target-node-labels'],
    'target-group-attributes': all['target-group-attributes'],
    tags: all.tags,
    'backend-protocol': all['backend-protocol'],
    'backend-protocol-version': all['backend-protocol-version'],
    'healthcheck-protocol': all['healthcheck-protocol'] ?? all['backend-protocol'],
    'healthcheck-port': all['healthcheck-port'],
    'healthcheck-path': all['healthcheck-path'] ?? (grpc ? '/AWS.ALB/healthcheck' : '/'),
    'healthcheck-from-readiness-probe': all['healthcheck-from-readiness-probe'],
    'healthcheck-interval-seconds': all['healthcheck-interval-seconds'],
    'healthcheck-timeout-seconds': all['healthcheck-timeout-seconds'],
    'healthy-threshold-count': all['healthy-threshold-count'],
    'unhealthy-threshold-count': all['unhealthy-threshold-count'],
    'success-codes': all['success-codes'] ?? (grpc ? { text: '12', grpc } : { text: '200', grpc }),
  };
};

/** A rule of AWS over several settings. The problem is put on the first of them that somebody states. */
type Check = {
  readonly of: readonly TargetGroupName[];
  /** What was expected of the setting `name`, or undefined when all is well. */
  readonly fault: (settings: TargetGroupSettings, name: TargetGroupName) => string | undefined;
  readonly show: (settings: TargetGroupSettings, name: TargetGroupName) => string;
};

const CHECKS: readonly Check[] = [
  {
    of: ['healthcheck-timeout-seconds', 'healthcheck-interval-seconds'],
    fault: (settings, name) => {
      const { 'healthcheck-timeout-seconds': timeout, 'healthcheck-interval-seconds': interval } = settings;
      if (timeout < interval) return undefined;
      return name === 'healthcheck-timeout-seconds'
        ? `less than healthcheck-interval-seconds, which is ${interval}`
        : `more than healthcheck-timeout-seconds, which is ${timeout}`;
    },
    show: (settings, name) => String(settings[name]),
  },
  {
    of: ['success-codes', 'backend-protocol-version'],
    fault: (settings) => {
      const version = settings['backend-protocol-version'];
      if (settings['success-codes'].grpc === (version === 'GRPC')) return undefined;
      const codes = version === 'GRPC' ? 'gRPC codes from 0 to 99' : 'HTTP codes from 200 to 499';
      return `${codes}, because backend-protocol-version is ${version}`;
    },
    show: (settings) => settings['success-codes'].text,
  },
];

/** Why AWS would refuse to forward from such a listener to these targets: HTTP2 and GRPC are for HTTPS listeners. */
export const listenerRefusal = (
  protocol: 'HTTP' | 'HTTPS',
  version: TargetGroupSettings['backend-protocol-version'],
): string | undefined =>
  protocol === 'HTTP' && version !== 'HTTP1'
    ? `backend-protocol-version ${version} needs an HTTPS listener; an HTTP listener takes HTTP1 only`
    : undefined;
