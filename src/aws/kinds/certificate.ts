/** Certificates in ACM: asked for and validated by DNS records, or imported from Secrets. */
import {
  type CertificateDetail,
  DeleteCertificateCommand,
  DescribeCertificateCommand,
  RequestCertificateCommand,
} from '@aws-sdk/client-acm';
import type { CertificateSpec } from '../../core/model/certificate.ts';
import { sha256Hex } from '../../core/model/digest.ts';
import { CONTENT_TAG } from '../../core/model/names.ts';
import type { Resource } from '../../core/model/resource.ts';
import type { Tags } from '../../core/model/tags.ts';
import type { Attempt } from '../../core/ports.ts';
import { toSdkTags, writeAcmTags } from '../tags.ts';
import { importCertificate } from './certificate-import.ts';
import { type Driver, idIfKnown, type Site, type Update } from './driver.ts';
import { removeIfThere } from './remove-if-there.ts';
import { ensureValidationRecords, removeValidationRecords } from './validation-records.ts';

/** As ACM describes it. */
export const certificateSpec = (found: CertificateDetail, tags: Tags): CertificateSpec => {
  const imported = found.Type === 'IMPORTED';
  const waitsFor = (found.DomainValidationOptions ?? []).flatMap(({ ResourceRecord, ValidationStatus }) =>
    ResourceRecord && ValidationStatus !== 'SUCCESS'
      ? [`${ResourceRecord.Name} CNAME ${ResourceRecord.Value}`]
      : [],
  );
  return {
    origin: imported ? 'imported' : 'requested',
    domains: domainsOf(found),
    ...(imported && found.KeyAlgorithm && { keyAlgorithm: found.KeyAlgorithm }),
    ...(found.CertificateAuthorityArn && { authority: found.CertificateAuthorityArn }),
    ...(imported && tags[CONTENT_TAG] && { content: tags[CONTENT_TAG] }),
    issued: found.Status === 'ISSUED',
    ...(waitsFor.length > 0 && { waitsFor: [...new Set(waitsFor)] }),
    ...(isHopeless(found) && { failure: found.FailureReason ?? found.Status ?? 'unknown' }),
    ...(found.NotAfter && { notAfter: found.NotAfter.toISOString() }),
    tags,
  };
};

/** The common name first. */
const domainsOf = ({ DomainName, SubjectAlternativeNames }: CertificateDetail): readonly string[] =>
  [...new Set([DomainName ?? '', ...(SubjectAlternativeNames ?? [])])].filter((name) => name !== '');

/** What ACM will never issue, or takes back. One whose validation timed out is asked for anew, see `assemble`. */
const isHopeless = ({ Status }: CertificateDetail): boolean => Status === 'FAILED' || Status === 'REVOKED';

const create = async ({ key, spec }: Resource<'certificate'>, site: Site): Promise<Attempt> => {
  const made =
    spec.origin === 'imported' ? importCertificate(key, spec, undefined, site) : request(key, spec, site);
  const attempt = await made;
  if (attempt.status === 'done' && attempt.id) site.account.madeCertificates.set(attempt.id, spec.tags);
  return attempt;
};

/** Milliseconds. */
const TOKEN_LIFE = 900_000;

const request = async (
  key: Resource<'certificate'>['key'],
  spec: CertificateSpec,
  site: Site,
): Promise<Attempt> => {
  const [DomainName, ...SubjectAlternativeNames] = spec.domains;
  const { CertificateArn = '' } = await site.account.clients.acm.send(
    new RequestCertificateCommand({
      DomainName,
      ...(SubjectAlternativeNames.length > 0 && { SubjectAlternativeNames }),
      ...(spec.authority ? { CertificateAuthorityArn: spec.authority } : { ValidationMethod: 'DNS' }),
      // Asked again within an hour, ACM answers with the certificate it has made: right after a lost answer, wrong when
      // that one was deleted since. A second one, if it comes to that, is found by its tags and cleared away.
      IdempotencyToken: sha256Hex(
        [site.account.cluster, key, String(Math.floor(Date.now() / TOKEN_LIFE))],
        32,
      ),
      Tags: toSdkTags(spec.tags),
    }),
  );
  return { status: 'done', id: CertificateArn };
};

const describe = async (CertificateArn: string, { account }: Site): Promise<CertificateDetail> => {
  const { Certificate } = await account.clients.acm.send(new DescribeCertificateCommand({ CertificateArn }));
  return Certificate ?? {};
};

const update = async ({ want, have, changes }: Update<'certificate'>, site: Site): Promise<Attempt> => {
  const id = site.id(want.key);
  if (changes('content')) {
    const imported = await importCertificate(want.key, want.spec, id, site);
    if (imported.status !== 'done') return imported;
  }
  // The digest among the tags comes last: what was not imported must not look as if it had been.
  if (changes('tags')) await writeAcmTags(site.account.clients, id, want.spec.tags, have.tags);
  return changes('issued') ? bringToIssue(id, want.spec, site) : { status: 'done', id };
};

/** Sees that the records stand which ACM looks for, then waits without holding anybody up. */
const bringToIssue = async (id: string, spec: CertificateSpec, site: Site): Promise<Attempt> => {
  const found = await describe(id, site);
  if (found.Status === 'ISSUED') return { status: 'done', id };
  if (isHopeless(found))
    return {
      status: 'failed',
      code: `Certificate${found.Status === 'REVOKED' ? 'Revoked' : 'NotIssued'}`,
      message: `ACM does not issue the certificate for ${spec.domains.join(', ')}: ${found.FailureReason ?? found.Status}; correct the cause, then delete ${id}, and it is asked for again`,
      retry: false,
    };
  const refused = await ensureValidationRecords(found, spec, site);
  return refused ?? { status: 'wait', seconds: pauseFor(found), why: `ACM has not issued ${id} yet` };
};

/** The longer it has taken, the rarer a look: after a minute every 6 s, after an hour every 5 minutes. */
const pauseFor = ({ CreatedAt }: CertificateDetail): number => {
  const age = CreatedAt ? (Date.now() - CreatedAt.getTime()) / 1000 : 0;
  return Math.min(300, Math.max(2, Math.ceil(age / 10)));
};

/** A listener that was just deleted may hold it for a while. */
const remove = async ({ key, spec }: Resource<'certificate'>, site: Site): Promise<Attempt> => {
  const { clients, madeCertificates } = site.account;
  const attempt = await removeIfThere(
    key,
    site,
    async (CertificateArn) => {
      if (spec.origin === 'requested' && spec.authority === undefined) {
        const waits = await removeValidationRecords(await describe(CertificateArn, site), site);
        if (waits) return waits;
      }
      await clients.acm.send(new DeleteCertificateCommand({ CertificateArn }));
      return undefined;
    },
    { inUse: `${key} is still in use` },
  );
  const id = idIfKnown(site, key);
  if (attempt.status === 'done' && id !== undefined) madeCertificates.delete(id);
  return attempt;
};

export const certificate: Driver<'certificate'> = { create, update, remove };
