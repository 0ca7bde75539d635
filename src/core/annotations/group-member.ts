import type { SettingProblem } from './problem.ts';
import type { Reading } from './read.ts';
import type { AnnotationName } from './table.ts';

/** One member of an IngressGroup and what it says. */
export type GroupMember = { readonly id: string } & Pick<Reading, 'stated' | 'invalid'>;

/** Two members want different things; the earlier one has it. */
export type Conflict = {
  readonly annotation: AnnotationName;
  /** The key of a map or the port, where the conflict is about one of several. */
  readonly at?: string;
  readonly winner: string;
  readonly loser: string;
  /** As text, cut at 80 characters. */
  readonly values: { readonly winner: string; readonly loser: string };
};

/** What members are to be told of what only shows over the whole group. */
export type Told = readonly { readonly member: string; readonly problem: SettingProblem }[];
