/** Changes that propagate: PENDING first, INSYNC after a while. */

import type * as Sdk from '@aws-sdk/client-route-53';
import { GetChange$, NoSuchChange$ } from '@aws-sdk/client-route-53';
import type { Account, RecordChange } from '../account.ts';
import { nextId } from '../account.ts';
import { schedule } from '../schedule.ts';
import type { Operations } from '../wire/operation.ts';
import { refuse } from '../wire/refusal.ts';

export const changeOperations = (account: Account): Operations<typeof Sdk> => ({
  GetChange: {
    schema: GetChange$,
    handle: ({ Id }) => {
      const change = account.changes.get(Id.replace(/^\/change\//, ''));
      if (change === undefined)
        throw refuse(NoSuchChange$, `A change with the id '${Id}' was not found`, 404);
      return { ChangeInfo: describeChange(change) };
    },
  },
});

/** Older changes are forgotten, as nobody asks for them; AWS keeps its own for longer. */
const REMEMBERED = 5000;

/** Records that something changed now. */
export const newChange = (account: Account, comment?: string): RecordChange => {
  const id = `C0${nextId(account, 'change', 18).toUpperCase()}`;
  const now = account.clock.now();
  const change: RecordChange = {
    id,
    status: 'PENDING',
    submittedAt: new Date(now),
    ...(comment === undefined ? {} : { comment }),
  };
  account.changes.set(id, change);
  for (const old of account.changes.keys()) {
    if (account.changes.size <= REMEMBERED) break;
    account.changes.delete(old);
  }
  schedule(account, `in-sync/${id}`, {
    kind: 'in-sync',
    change: id,
    at: now + account.facts.recordPendingSeconds * 1000,
  });
  return change;
};

export const describeChange = ({ id, status, submittedAt, comment }: RecordChange) => ({
  Id: `/change/${id}`,
  Status: status,
  SubmittedAt: submittedAt,
  ...(comment === undefined ? {} : { Comment: comment }),
});
