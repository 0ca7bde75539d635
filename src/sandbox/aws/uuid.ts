/** Identifiers in the shape of a UUID. */
import type { Account } from './account.ts';
import { nextId } from './account.ts';

/** The same for the same name used as often before, unlike a real one: two runs that make the same things agree. */
export const nextUuid = (account: Account, name: string): string => {
  const hex = nextId(account, name, 32);
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
};
