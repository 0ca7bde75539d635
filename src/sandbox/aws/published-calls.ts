/** Calls as they arrive, for whoever in this process subscribes: `node:diagnostics_channel`, not part of the AWS API. */
import { channel } from 'node:diagnostics_channel';
import type { Account } from './account.ts';
import type { Tags } from './details.ts';
import type { JournalEntry } from './journal.ts';

/** What subscribers of {@link AWS_CALLS} get. */
export type PublishedCall = JournalEntry & {
  /** Tags of a resource by its ARN, or of a security group by its id, before the call; undefined when there is none. */
  tagsOf(id: string): Tags | undefined;
};

/** Name of the channel. */
export const AWS_CALLS = 'alb-ingress-sandbox.aws-calls';

const calls = channel(AWS_CALLS);

export const publishCall = (entry: JournalEntry, account: Account): void => {
  if (!calls.hasSubscribers) return;
  const tagsOf = (id: string): Tags | undefined =>
    account.elbTags.get(id) ??
    account.certificateDetails.get(id)?.tags ??
    (account.network.securityGroups.has(id) ? (account.network.tags.get(id) ?? {}) : undefined);
  calls.publish({ ...entry, tagsOf } satisfies PublishedCall);
};
