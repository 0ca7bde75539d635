/** What is told about a rule of AWS in the reference page of the sandbox. */
import type { PROBES } from './sandbox-aws-probes.ts';

/**
 * Where a rule is known from: `docs` AWS's documentation, `model` AWS's service model or SDK, `seen` errors that users
 * of AWS quote in public, `run` observed by running clients and emulators, `clients` what AWS's own clients count on,
 * `memory` nothing better: such a rule can be set otherwise.
 */
type Source = 'docs' | 'model' | 'seen' | 'run' | 'clients' | 'memory';

type Area = keyof typeof PROBES;

/** Probes are named by their rows; a text instead of a list says why a rule is not enforced. */
export type Rule = readonly [
  rule: string,
  code: string,
  source: Source,
  enforced: readonly string[] | string,
];

export type Section = {
  readonly title: string;
  readonly areas: readonly Area[];
  readonly rules: readonly Rule[];
};
