/** Server certificates of IAM, which listeners take besides those of ACM. */

import type * as Sdk from '@aws-sdk/client-iam';
import {
  DeleteConflictException$,
  DeleteServerCertificate$,
  EntityAlreadyExistsException$,
  GetServerCertificate$,
  KeyPairMismatchException$,
  LimitExceededException$,
  ListServerCertificates$,
  MalformedCertificateException$,
  NoSuchEntityException$,
  UploadServerCertificate$,
} from '@aws-sdk/client-iam';
import type { Account } from '../account.ts';
import { nextId } from '../account.ts';
import { checkKey, domainsOf, readCertificate } from '../acm/parse-certificate.ts';
import type { ServerCertificateDetails } from '../details.ts';
import { listing } from '../listing.ts';
import type { InputOf, Operations } from '../wire/operation.ts';
import { isRefusal, refuse } from '../wire/refusal.ts';

/** A new account may have so many. */
const MOST = 20;

export const iamOperations = (account: Account): Operations<typeof Sdk> => ({
  UploadServerCertificate: { schema: UploadServerCertificate$, handle: (input) => upload(account, input) },
  GetServerCertificate: {
    schema: GetServerCertificate$,
    handle: ({ ServerCertificateName: name }) => {
      const details = certificateNamed(account, name);
      const stored = account.serving.certificates.get(details.arn);
      return {
        ServerCertificate: {
          ServerCertificateMetadata: metadata(details),
          CertificateBody: stored?.certificate ?? '',
          ...(stored?.chain === undefined ? {} : { CertificateChain: stored.chain }),
          Tags: Object.entries(details.tags).map(([Key, Value]) => ({ Key, Value })),
        },
      };
    },
  },
  ListServerCertificates: {
    schema: ListServerCertificates$,
    handle: ({ PathPrefix = '/', MaxItems = 100, Marker }) => {
      const chosen = [...account.serverCertificates.values()].filter(({ path }) =>
        path.startsWith(PathPrefix),
      );
      const { items, next } = listing(
        chosen,
        ({ name }) => name,
        MaxItems,
        Marker,
        () => refuse('ValidationError', `Invalid Marker: '${Marker}' is not one this API returned`),
      );
      return {
        ServerCertificateMetadataList: items.map(metadata),
        IsTruncated: next !== undefined,
        ...(next === undefined ? {} : { Marker: next }),
      };
    },
  },
  DeleteServerCertificate: {
    schema: DeleteServerCertificate$,
    handle: ({ ServerCertificateName: name }) => {
      const { arn } = certificateNamed(account, name);
      const inUse = [...account.serving.listeners.values()].some(
        ({ Certificates, extraCertificates }) =>
          Certificates?.some(({ CertificateArn }) => CertificateArn === arn) ||
          extraCertificates.includes(arn),
      );
      if (inUse)
        throw refuse(
          DeleteConflictException$,
          `Certificate: ${nameId(account, name)} is currently in use. Please remove it first before deleting it from IAM.`,
        );
      account.serverCertificates.delete(name);
      account.serving.certificates.delete(arn);
      return {};
    },
  },
});

const nameId = (account: Account, name: string): string => account.serverCertificates.get(name)?.id ?? name;

const certificateNamed = (account: Account, name: string): ServerCertificateDetails => {
  const found = account.serverCertificates.get(name);
  if (found === undefined)
    throw refuse(NoSuchEntityException$, `The Server Certificate with name ${name} cannot be found.`, 404);
  return found;
};

const metadata = ({ name, id, arn, path, uploadedAt, expires }: ServerCertificateDetails) => ({
  ServerCertificateName: name,
  ServerCertificateId: id,
  Arn: arn,
  Path: path,
  UploadDate: uploadedAt,
  Expiration: expires,
});

const upload = (account: Account, input: InputOf<typeof Sdk, 'UploadServerCertificate'>) => {
  const { ServerCertificateName: name, Path: path = '/', CertificateChain: chain } = input;
  const parsed = inIamWords(() => readCertificate(input.CertificateBody), MalformedCertificateException$);
  inIamWords(() => checkKey(input.PrivateKey, parsed), KeyPairMismatchException$);
  if (account.serverCertificates.has(name))
    throw refuse(
      EntityAlreadyExistsException$,
      `The Server Certificate with name ${name} already exists.`,
      409,
    );
  if (account.serverCertificates.size >= MOST)
    throw refuse(
      LimitExceededException$,
      `Cannot exceed quota for ServerCertificatesPerAccount: ${MOST}`,
      409,
    );
  const details: ServerCertificateDetails = {
    name,
    id: `ASCA${nextId(account, `server-certificate/${name}`, 17).toUpperCase()}`,
    arn: `arn:aws:iam::${account.id}:server-certificate${path}${name}`,
    path,
    uploadedAt: new Date(account.clock.now()),
    expires: new Date(parsed.validTo),
    tags: Object.fromEntries((input.Tags ?? []).map(({ Key, Value }) => [Key, Value])),
  };
  account.serverCertificates.set(name, details);
  account.serving.certificates.set(details.arn, {
    arn: details.arn,
    certificate: input.CertificateBody,
    privateKey: input.PrivateKey,
    chain,
    domains: domainsOf(parsed),
  });
  return { ServerCertificateMetadata: metadata(details), Tags: input.Tags ?? [] };
};

/** The checks are ACM's; IAM says the same with other codes. */
const inIamWords = <T>(check: () => T, code: Parameters<typeof refuse>[0]): T => {
  try {
    return check();
  } catch (thrown) {
    throw isRefusal(thrown) ? refuse(code, thrown.message) : thrown;
  }
};
