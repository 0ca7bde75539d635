/** Trust stores: the CA certificates that client certificates are verified with. Their bytes come from S3 objects. */

import { X509Certificate } from 'node:crypto';
import type * as Sdk from '@aws-sdk/client-elastic-load-balancing-v2';
import type { TrustStore } from '@aws-sdk/client-elastic-load-balancing-v2';
import {
  CaCertificatesBundleNotFoundException$,
  CreateTrustStore$,
  DeleteAssociationSameAccountException$,
  DeleteSharedTrustStoreAssociation$,
  DeleteTrustStore$,
  DescribeTrustStoreAssociations$,
  DescribeTrustStores$,
  DuplicateTrustStoreNameException$,
  GetTrustStoreCaCertificatesBundle$,
  InvalidCaCertificatesBundleException$,
  ModifyTrustStore$,
  TooManyTrustStoresException$,
  TrustStoreAssociationNotFoundException$,
  TrustStoreInUseException$,
  TrustStoreNotFoundException$,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Account } from '../account.ts';
import { arn, nextId } from '../account.ts';
import type { StoredTrustStore } from '../state.ts';
import type { InputOf, Operations } from '../wire/operation.ts';
import { refuse } from '../wire/refusal.ts';
import type { Elb } from './find.ts';
import { trustStoreAt } from './find.ts';
import { invalid } from './invalid.ts';
import { page } from './page.ts';
import { newTags } from './tags.ts';

export const trustStoreOperations = (elb: Elb): Operations<typeof Sdk> => ({
  CreateTrustStore: {
    schema: CreateTrustStore$,
    handle: (input) => ({ TrustStores: [describe(create(elb, input))] }),
  },
  ModifyTrustStore: {
    schema: ModifyTrustStore$,
    handle: (input) => {
      const store = trustStoreAt(elb, input.TrustStoreArn);
      const bundle = readBundle(
        elb.account,
        input.CaCertificatesBundleS3Bucket,
        input.CaCertificatesBundleS3Key,
      );
      Object.assign(store, bundle);
      return { TrustStores: [describe(store)] };
    },
  },
  DescribeTrustStores: { schema: DescribeTrustStores$, handle: (input) => describeAll(elb, input) },
  DeleteTrustStore: {
    schema: DeleteTrustStore$,
    handle: ({ TrustStoreArn }) => {
      const store = trustStoreAt(elb, TrustStoreArn);
      const users = usersOf(elb, store);
      if (users.length > 0)
        throw refuse(
          TrustStoreInUseException$,
          `Trust store '${TrustStoreArn}' is currently in use by listeners: ${users.join(', ')}`,
        );
      elb.account.serving.trustStores.delete(TrustStoreArn);
      elb.account.elbTags.delete(TrustStoreArn);
      return {};
    },
  },
  GetTrustStoreCaCertificatesBundle: {
    schema: GetTrustStoreCaCertificatesBundle$,
    handle: ({ TrustStoreArn }, caller) => {
      trustStoreAt(elb, TrustStoreArn);
      return { Location: caller.locationOf(`trust-stores/${encodeURIComponent(TrustStoreArn)}/bundle`) };
    },
  },
  DescribeTrustStoreAssociations: {
    schema: DescribeTrustStoreAssociations$,
    handle: (input) => {
      const users = usersOf(elb, trustStoreAt(elb, input.TrustStoreArn));
      const { items, ...next } = page(users, (user) => user, input);
      return { TrustStoreAssociations: items.map((ResourceArn) => ({ ResourceArn })), ...next };
    },
  },
  DeleteSharedTrustStoreAssociation: {
    schema: DeleteSharedTrustStoreAssociation$,
    handle: ({ TrustStoreArn, ResourceArn }) => {
      if (usersOf(elb, trustStoreAt(elb, TrustStoreArn)).includes(ResourceArn))
        throw refuse(
          DeleteAssociationSameAccountException$,
          `The association of '${ResourceArn}' is within account '${elb.account.id}': modify its listener`,
        );
      throw refuse(
        TrustStoreAssociationNotFoundException$,
        `Trust store '${TrustStoreArn}' has no association with '${ResourceArn}'`,
      );
    },
  },
});

const describe = ({ bundle: _, revocations: __, ...store }: StoredTrustStore): TrustStore => store;

/** Load balancers whose listeners verify clients with a trust store. */
const usersOf = ({ account }: Elb, { TrustStoreArn }: StoredTrustStore): string[] => [
  ...new Set(
    [...account.serving.listeners.values()]
      .filter(({ MutualAuthentication: mode }) => mode?.TrustStoreArn === TrustStoreArn)
      .map(({ LoadBalancerArn }) => LoadBalancerArn),
  ),
];

/** The CA certificates of an object, checked. */
const readBundle = (account: Account, bucket: string, key: string) => {
  const bundle = account.objects.get(`${bucket}/${key}`);
  if (bundle === undefined)
    throw refuse(
      CaCertificatesBundleNotFoundException$,
      `The CA certificates bundle '${key}' is not found in bucket '${bucket}'; put it there through the control endpoint of the sandbox`,
    );
  const certificates = bundle.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g) ?? [];
  const most = account.facts.certificatesPerTrustStore;
  const problem =
    certificates.length === 0
      ? 'contains no PEM-encoded certificate'
      : certificates.length > most
        ? `contains '${certificates.length}' certificates, '${most}' are possible`
        : certificates.every(isAuthority)
          ? undefined
          : 'contains a certificate that cannot be read or is not a CA certificate';
  if (problem !== undefined)
    throw refuse(InvalidCaCertificatesBundleException$, `The CA certificates bundle '${key}' ${problem}`);
  return { bundle, NumberOfCaCertificates: certificates.length };
};

const isAuthority = (pem: string): boolean => {
  try {
    return new X509Certificate(pem).ca;
  } catch {
    return false;
  }
};

const create = (elb: Elb, input: InputOf<typeof Sdk, 'CreateTrustStore'>): StoredTrustStore => {
  const { account } = elb;
  const { trustStores } = account.serving;
  if ([...trustStores.values()].some(({ Name }) => Name === input.Name))
    throw refuse(
      DuplicateTrustStoreNameException$,
      `A trust store with the same name '${input.Name}' exists`,
    );
  const most = account.facts.trustStoresPerRegion;
  if (trustStores.size >= most)
    throw refuse(TooManyTrustStoresException$, `The maximum number of trust stores, '${most}', is reached`);
  const bundle = readBundle(account, input.CaCertificatesBundleS3Bucket, input.CaCertificatesBundleS3Key);
  const tags = newTags(account, input.Tags);
  const store: StoredTrustStore = {
    Name: input.Name,
    TrustStoreArn: arn(
      account,
      'elasticloadbalancing',
      `truststore/${input.Name}/${nextId(account, `truststore/${input.Name}`, 16)}`,
    ),
    Status: 'ACTIVE',
    TotalRevokedEntries: 0,
    ...bundle,
    revocations: new Map(),
  };
  trustStores.set(store.TrustStoreArn, store);
  account.elbTags.set(store.TrustStoreArn, tags);
  return store;
};

const describeAll = (elb: Elb, input: InputOf<typeof Sdk, 'DescribeTrustStores'>) => {
  const { TrustStoreArns: arns, Names: names } = input;
  if (arns !== undefined && names !== undefined)
    throw invalid('Trust store ARNs and names cannot be given together');
  const chosen = [...elb.account.serving.trustStores.values()].filter(
    ({ TrustStoreArn, Name }) => (arns?.includes(TrustStoreArn) ?? true) && (names?.includes(Name) ?? true),
  );
  if (chosen.length < new Set(arns ?? names ?? []).size)
    throw refuse(TrustStoreNotFoundException$, 'One or more trust stores not found');
  const { items, ...next } = page(chosen, ({ TrustStoreArn }) => TrustStoreArn, input);
  return { TrustStores: items.map(describe), ...next };
};
