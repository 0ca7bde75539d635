/**
 * YAML in, plan out. A folder is a case: `input.yaml` is what one would `kubectl apply`, `account.yaml` (optional)
 * overrides what the account holds (`account-before.yaml` what it held then), `flags.yaml` (optional) holds flags, `foreign.yaml` (optional) what of others stands at names, `before.yaml` (optional) is what was applied earlier, `plan.txt` is what comes out, and what is wrong stands below it.
 * `UPDATE_GOLDEN=1` rewrites the plans; read the diff before committing it.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, parseAllDocuments } from 'yaml';
import { type AnyObject, snapshotFromObjects } from '../../src/core/kube/from-objects.ts';
import { type Actual, NOTHING } from '../../src/core/model/actual.ts';
import { assumedFacts } from '../../src/core/model/assumed-facts.ts';
import type { Facts } from '../../src/core/model/facts.ts';
import { type PlannedStack, planStack } from '../../src/core/plan/plan-stack.ts';
import { renderPlan } from '../../src/core/plan/render.ts';
import { afterPlan } from '../../src/core/plan/simulate.ts';
import {
  type DefaultFlags,
  type Defaults,
  defaultsOf,
  NO_DEFAULTS,
} from '../../src/core/translate/defaults.ts';
import { finalizerOf } from '../../src/core/translate/membership.ts';
import { stacksOf } from '../../src/core/translate/stacks.ts';
import { NO_FLAGS } from './no-flags.ts';

const SCOPE = { ingressClass: 'alb', namespaces: [] };
const GRACES = { loadBalancer: 90, targetGroup: 300 };

const objectsIn = (file: string): readonly AnyObject[] =>
  parseAllDocuments(readFileSync(file, 'utf8'))
    .map((document) => document.toJS() as AnyObject)
    .filter((object) => object !== null);

export type Reports = readonly ({ readonly stack: string } & PlannedStack)[];

type Finalizers = readonly (readonly [ingress: string, finalizer: string])[];
const NONE: Finalizers = [];

/** Puts on what the controller would have put on. */
const withFinalizers = (object: AnyObject, finalizers: Finalizers): AnyObject => {
  const id = `${object.metadata?.namespace ?? 'default'}/${object.metadata?.name}`;
  const ours = finalizers.flatMap(([ingress, finalizer]) => (ingress === id ? [finalizer] : []));
  const marked = { ...object, metadata: { ...object.metadata, finalizers: ours } };
  return object.kind === 'Ingress' ? marked : object;
};

const flagsFrom = (given: Partial<DefaultFlags>): Defaults => {
  const defaults = defaultsOf({ ...NO_FLAGS, ...given });
  if ('wrong' in defaults) throw new Error(defaults.wrong);
  return defaults;
};

/**
 * Plans every stack, after what `before.yaml` (when there is one) made of the account. `edit`: what becomes of each object
 * of `input.yaml` first.
 */
export const planCase = (folder: string, edit: (object: AnyObject) => AnyObject = (it) => it): Reports => {
  const overridesIn = (name: string): Partial<Facts> =>
    existsSync(join(folder, name)) ? parse(readFileSync(join(folder, name), 'utf8')) : {};
  const account = overridesIn('account.yaml');
  const flags = join(folder, 'flags.yaml');
  const defaults = existsSync(flags) ? flagsFrom(parse(readFileSync(flags, 'utf8'))) : NO_DEFAULTS;
  const scope = { ...SCOPE, defaults };
  const names = join(folder, 'foreign.yaml');
  const foreign: Actual['foreign'] = existsSync(names) ? parse(readFileSync(names, 'utf8')) : [];
  // A zone does not go because nobody names it any more.
  const zonesBefore = existsSync(join(folder, 'before.yaml'))
    ? (assumedFacts(snapshotFromObjects(objectsIn(join(folder, 'before.yaml'))), 'eu-west-1').zones ?? [])
    : [];
  const plan = (file: string, actuals: ReadonlyMap<string, typeof NOTHING>, finalizers = NONE) => {
    const objects = objectsIn(join(folder, file))
      .map((object) => (file === 'input.yaml' ? edit(object) : object))
      .map((object) => withFinalizers(object, finalizers));
    const snapshot = snapshotFromObjects(objects);
    const earlier = file === 'before.yaml' ? overridesIn('account-before.yaml') : {};
    const assumed = assumedFacts(snapshot, 'eu-west-1');
    const zones = new Map([...zonesBefore, ...(assumed.zones ?? [])].map((zone) => [zone.id, zone]));
    const facts = { ...assumed, zones: [...zones.values()], ...account, ...earlier };
    const stacks = new Map([
      ...[...actuals.keys()].map((stack) => [stack, []] as const),
      ...stacksOf(snapshot, scope),
    ]);
    return [...stacks].map(([stack, ingresses]) => {
      const others = foreign.filter((it) => it.stack !== stack);
      const actual = actuals.get(stack) ?? { ...NOTHING, foreign: others };
      return {
        stack,
        actual,
        ...planStack({ stack, ingresses, snapshot, facts, actual, cluster: 'dev', scope, dns: true }, GRACES),
      };
    });
  };
  const before = existsSync(join(folder, 'before.yaml')) ? plan('before.yaml', new Map()) : [];
  const actuals = new Map(
    before.map(({ stack, actual, plan: made }) => [stack, afterPlan(actual, made.operations)]),
  );
  const finalizers = before.flatMap(({ stack, desired }) =>
    desired.accepted.map((member) => [member.id, finalizerOf(stack)] as const),
  );
  return plan('input.yaml', actuals, finalizers);
};

/** What `plan.txt` holds. */
export const textOf = (reports: Reports): string =>
  reports
    .map(({ stack, plan: made, problems }) => {
      const said = problems
        .map((problem) => `? ${problem.code} on ${problem.ingress}: ${problem.message}\n`)
        .join('');
      return `# ${stack}\n${renderPlan(made)}${said}`;
    })
    .join('\n');
