/** Every flag, once: parser, help and `docs/reference/flags.md` are made from this table. */
import { CONTROLLER_FLAGS } from './controller.ts';
import { DNS_FLAGS } from './dns.ts';
import { INGRESS_FLAGS } from './ingress.ts';
import { PLAN_FLAGS } from './plan.ts';
import type { FlagRow } from './row.ts';
import { SANDBOX_FLAGS } from './sandbox.ts';

export const FLAGS = {
  ...CONTROLLER_FLAGS,
  ...INGRESS_FLAGS,
  ...DNS_FLAGS,
  ...PLAN_FLAGS,
  ...SANDBOX_FLAGS,
} as const satisfies Record<string, FlagRow>;

export type FlagName = keyof typeof FLAGS;

/** Flags that take one of several words, and the words. */
export type WordFlag = {
  [Name in FlagName]: (typeof FLAGS)[Name] extends { readonly words: readonly string[] } ? Name : never;
}[FlagName];
export type WordOf<Name extends WordFlag> = (typeof FLAGS)[Name]['words'][number];

/** What stands for the value of a flag in help and reference. */
export const placeholderOf = ({ placeholder, words }: FlagRow): string =>
  placeholder ?? words?.join('|') ?? 'VALUE';
