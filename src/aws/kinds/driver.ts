/** What each kind of resource knows how to do. Errors of AWS are thrown; `perform` turns them into attempts. */
import type { Actual } from '../../core/model/actual.ts';
import type { Key, Kind } from '../../core/model/key.ts';
import type { Resource, Specs } from '../../core/model/resource.ts';
import type { Attempt } from '../../core/ports.ts';
import type { Account } from '../account.ts';
import type { ClientLookup } from '../client-credentials.ts';
import { MissingReference } from '../errors.ts';

export type Site = {
  readonly account: Account;
  readonly actual: Actual;
  /** The ARN, `sg-` id or record behind a key; throws {@link MissingReference} when the key is not known in AWS. */
  readonly id: (key: Key) => string;
  /** The values of an OpenID Connect client, from the Secret that holds them now. */
  readonly clientOf: ClientLookup;
};

export type Update<K extends Kind> = {
  readonly want: Resource<K>;
  /** As the scan found it. */
  readonly have: Specs[K];
  /**
   * Whether a field is among the plan's changes. What is not stays untouched. Tags come first: they make an adopted
   * resource ours for whoever looks next, and the recommended IAM policy lets us change only what carries them. Last
   * only where the note of a stated setting goes (`forgets`).
   */
  readonly changes: (field: keyof Specs[K] & string) => boolean;
};

export type Driver<K extends Kind> = {
  readonly create: (resource: Resource<K>, site: Site) => Promise<Attempt>;
  readonly update: (update: Update<K>, site: Site) => Promise<Attempt>;
  readonly remove: (resource: Resource<K>, site: Site) => Promise<Attempt>;
};

export const siteOf = (account: Account, actual: Actual, clientOf: ClientLookup): Site => ({
  account,
  actual,
  clientOf,
  id: (key) => {
    const id = actual.ids.get(key);
    if (id === undefined)
      throw new MissingReference(`${key} is not known in AWS; it has to be looked up again`);
    return id;
  },
});

/** Something else has the name a create needs. */
export const nameTaken = (what: string, why: string): Attempt => ({
  status: 'failed',
  code: 'NameTaken',
  message: `${what} exists already and ${why}; rename or remove it`,
  retry: false,
});

/** The id of something that may be gone already, when its removal is asked for. */
export const idIfKnown = (site: Site, key: Key): string | undefined => site.actual.ids.get(key);
