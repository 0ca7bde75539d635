/** Revocation lists of trust stores. Their bytes come from S3 objects, like those of the trust stores themselves. */

import type * as Sdk from '@aws-sdk/client-elastic-load-balancing-v2';
import {
  AddTrustStoreRevocations$,
  DescribeTrustStoreRevocations$,
  GetTrustStoreRevocationContent$,
  InvalidRevocationContentException$,
  RemoveTrustStoreRevocations$,
  RevocationContentNotFoundException$,
  RevocationIdNotFoundException$,
  TooManyTrustStoreRevocationEntriesException$,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { nextId } from '../account.ts';
import type { StoredRevocation, StoredTrustStore } from '../state.ts';
import type { Operations } from '../wire/operation.ts';
import { refuse } from '../wire/refusal.ts';
import type { Elb } from './find.ts';
import { trustStoreAt } from './find.ts';
import { page } from './page.ts';
import { revokedEntries } from './revoked-entries.ts';

export const revocationOperations = (elb: Elb): Operations<typeof Sdk> => ({
  AddTrustStoreRevocations: {
    schema: AddTrustStoreRevocations$,
    handle: ({ TrustStoreArn, RevocationContents = [] }) => {
      const store = trustStoreAt(elb, TrustStoreArn);
      const lists = RevocationContents.map(({ S3Bucket = '', S3Key = '' }) => readList(elb, S3Bucket, S3Key));
      checkNumbers(elb, store, lists);
      const added = lists.map(({ crl, entries }) => {
        const id = Number.parseInt(nextId(elb.account, `${TrustStoreArn}/revocation`, 8), 16);
        return { id, entries, crl };
      });
      for (const one of added) store.revocations.set(String(one.id), one);
      recount(store);
      return { TrustStoreRevocations: added.map((one) => describe(store, one)) };
    },
  },
  RemoveTrustStoreRevocations: {
    schema: RemoveTrustStoreRevocations$,
    handle: ({ TrustStoreArn, RevocationIds }) => {
      const store = trustStoreAt(elb, TrustStoreArn);
      for (const id of RevocationIds) revocationAt(store, id);
      for (const id of RevocationIds) store.revocations.delete(String(id));
      recount(store);
      return {};
    },
  },
  DescribeTrustStoreRevocations: {
    schema: DescribeTrustStoreRevocations$,
    handle: (input) => {
      const store = trustStoreAt(elb, input.TrustStoreArn);
      const chosen =
        input.RevocationIds === undefined
          ? [...store.revocations.values()]
          : input.RevocationIds.map((id) => revocationAt(store, id));
      const { items, ...next } = page(chosen, ({ id }) => String(id).padStart(12, '0'), input);
      return { TrustStoreRevocations: items.map((one) => describe(store, one)), ...next };
    },
  },
  GetTrustStoreRevocationContent: {
    schema: GetTrustStoreRevocationContent$,
    handle: ({ TrustStoreArn, RevocationId }, caller) => {
      const { id } = revocationAt(trustStoreAt(elb, TrustStoreArn), RevocationId);
      return {
        Location: caller.locationOf(`trust-stores/${encodeURIComponent(TrustStoreArn)}/revocations/${id}`),
      };
    },
  },
});

const describe = ({ TrustStoreArn }: StoredTrustStore, { id, entries }: StoredRevocation) => ({
  TrustStoreArn,
  RevocationId: id,
  RevocationType: 'CRL' as const,
  NumberOfRevokedEntries: entries,
});

const revocationAt = (store: StoredTrustStore, id: number): StoredRevocation => {
  const found = store.revocations.get(String(id));
  if (found === undefined)
    throw refuse(
      RevocationIdNotFoundException$,
      `Revocation ID '${id}' not found in trust store '${store.TrustStoreArn}'`,
    );
  return found;
};

const readList = ({ account }: Elb, bucket: string, key: string) => {
  const crl = account.objects.get(`${bucket}/${key}`);
  if (crl === undefined)
    throw refuse(
      RevocationContentNotFoundException$,
      `The revocation file '${key}' is not found in bucket '${bucket}'; put it there through the control endpoint of the sandbox`,
    );
  const entries = revokedEntries(crl);
  if (entries === undefined)
    throw refuse(
      InvalidRevocationContentException$,
      `The revocation file '${key}' is not a PEM-encoded certificate revocation list`,
    );
  return { crl, entries };
};

const recount = (store: StoredTrustStore): void => {
  store.TotalRevokedEntries = [...store.revocations.values()].reduce((sum, { entries }) => sum + entries, 0);
};

const checkNumbers = (
  { account: { facts } }: Elb,
  store: StoredTrustStore,
  lists: readonly { readonly entries: number }[],
): void => {
  const entries = lists.reduce((sum, list) => sum + list.entries, store.TotalRevokedEntries ?? 0);
  const tooMany =
    store.revocations.size + lists.length > facts.revocationFilesPerTrustStore ||
    entries > facts.revocationEntriesPerTrustStore;
  if (tooMany)
    throw refuse(
      TooManyTrustStoreRevocationEntriesException$,
      `A trust store can have at most '${facts.revocationFilesPerTrustStore}' revocation files with '${facts.revocationEntriesPerTrustStore}' entries`,
    );
};
