/** One Ingress of a stack, its annotations read. */

import { portsOf } from '../annotations/default-ports.ts';
import type { ListenPort } from '../annotations/listen-ports.ts';
import { problemText, type SettingProblem } from '../annotations/problem.ts';
import { type Reading, readSettings } from '../annotations/read.ts';
import { PREFIX } from '../annotations/table.ts';
import { impose } from '../ingress-class/impose.ts';
import { NO_POLICY, type Policy } from '../ingress-class/policy.ts';
import { type ClassSettings, NO_CLASS_SETTINGS } from '../ingress-class/read-params.ts';
import { type Ingress, objectId } from '../kube/objects.ts';
import type { Problem, ProblemCode } from '../problems/table.ts';
import { type Defaults, withFlags } from './defaults.ts';

export type Member = {
  /** `namespace/name`. */
  readonly id: string;
  readonly ingress: Ingress;
  readonly reading: Reading;
  /** `group.order`. */
  readonly order: number;
  readonly ports: readonly ListenPort[];
  /** It has been programmed before (its finalizer says so): what it has must not be lost by a mistake. */
  readonly established: boolean;
  /** Nothing new may be read from it until its annotations are right again. */
  readonly frozen: boolean;
  readonly problems: readonly Problem[];
  /** What its class allows. */
  readonly policy: Policy;
};

/** What is known of an Ingress from outside its annotations. */
export type Standing = {
  /** It has been programmed before. */
  readonly established: boolean;
  /** Freezes it whatever its annotations say. */
  readonly frozenWhy?: Problem;
  /** What its class says, and allows. */
  readonly own: ClassSettings;
  readonly policy: Policy;
};

/** An Ingress without parameters or policy. */
export const PLAIN: Standing = { established: false, own: NO_CLASS_SETTINGS, policy: NO_POLICY };

/** Annotations that concern single paths only: a mistake there stops those paths, not the Ingress. */
const ONE_PATH = /^(actions|conditions|transforms)\./;

/** One that has moved to another group and is kept here until that one serves it: it has no say any more. */
export const readMoved = (ingress: Ingress, defaults: Defaults): Member => ({
  ...readMember(ingress, { ...PLAIN, established: true }, defaults),
  frozen: true,
  problems: [],
});

/** Reads one Ingress of a stack. */
export const readMember = (
  ingress: Ingress,
  { established, frozenWhy, own, policy }: Standing,
  defaults: Defaults,
): Member => {
  const id = objectId(ingress.metadata);
  const annotated = readSettings(ingress.metadata.annotations, 'ingress');
  const reading = withFlags(impose(annotated, own), defaults);
  // A group name that cannot be used is why belonging is unclear; once is enough.
  const said = frozenWhy?.code === 'InvalidAnnotation' ? `${PREFIX}group.name` : undefined;
  const found = reading.problems.filter((problem) => problem.annotation !== said);
  const problems = found.map(
    (problem): Problem => ({
      code: codeOf(problem),
      ingress: id,
      message: problem.guards
        ? `${problemText(problem)} It would restrict who gets in, so the Ingress is not programmed with it: correct or remove it, or keep this Ingress with another controller.`
        : problemText(problem),
    }),
  );
  const guarded = reading.problems.some((problem) => problem.guards);
  const broken = [...reading.invalid].some((name) => !ONE_PATH.test(name));
  return {
    id,
    ingress,
    reading,
    order: reading.settings['group.order'],
    ports: portsOf(reading.stated),
    established,
    frozen: frozenWhy !== undefined || guarded || broken,
    problems: [
      ...(frozenWhy ? [frozenWhy] : []),
      ...own.faults.map((message): Problem => ({ code: 'ClassUnusable', ingress: id, message })),
      ...problems,
    ],
    policy,
  };
};

const codeOf = ({ severity, guards, reason }: SettingProblem): ProblemCode => {
  if (reason === 'overruled') return 'SetByClass';
  return severity === 'error' || guards ? 'InvalidAnnotation' : 'UnknownAnnotation';
};

/** The older Ingress wins a conflict; the name decides between twins. */
export const byAge = (a: Member, b: Member): number => {
  const age = (member: Member): string => member.ingress.metadata.creationTimestamp ?? '';
  return age(a) < age(b) ? -1 : age(a) > age(b) ? 1 : a.id < b.id ? -1 : 1;
};
