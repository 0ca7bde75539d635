/** Credentials of OpenID Connect clients on their way to AWS: looked up when they are needed, and kept out of texts. */
import { clientIn } from '../core/kube/client-secret.ts';
import { clientVersion } from '../core/model/guard.ts';
import type { Attempt } from '../core/ports.ts';
import type { Account } from './account.ts';

/** `version` as in `clientVersion` of the core. */
type ClientValues = { readonly id: string; readonly secret: string; readonly version: string };

/** The values in a Secret (`namespace/name`) as they are now; undefined when they cannot be had. */
export type ClientLookup = (secret: string) => ClientValues | undefined;

type Handed = {
  readonly clientOf: ClientLookup;
  /** An attempt without the secrets that were handed out: AWS quotes what it refuses. */
  readonly withoutSecrets: (attempt: Attempt) => Attempt;
};

/** A lookup that remembers what it handed out, for one operation. */
export const handOut = ({ secretAt }: Pick<Account, 'secretAt'>): Handed => {
  const secrets = new Set<string>();
  return {
    clientOf: (name) => {
      const seen = secretAt(name);
      const found = seen && clientIn(seen);
      if (!found || 'wrong' in found) return undefined;
      secrets.add(found.secret);
      return { ...found, version: clientVersion(seen.metadata.uid, found.id, found.secret) };
    },
    withoutSecrets: (attempt) => {
      if (attempt.status !== 'failed') return attempt;
      const message = [...secrets].reduce(
        (text, secret) => text.replaceAll(secret, '(hidden)'),
        attempt.message,
      );
      return { ...attempt, message };
    },
  };
};
