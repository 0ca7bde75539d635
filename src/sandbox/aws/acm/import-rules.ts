/** What ACM asks of a certificate that is imported, and of one that takes the place of another (AWS documentation). */
import type { X509Certificate } from 'node:crypto';
import { LimitExceededException$, ValidationException$ } from '@aws-sdk/client-acm';
import type { Account } from '../account.ts';
import { nextUuid } from '../uuid.ts';
import { refuse } from '../wire/refusal.ts';
import { domainsOf, keyAlgorithm, readCertificate } from './parse-certificate.ts';

const YEAR = 365 * 86_400_000;

const invalid = (message: string) => refuse(ValidationException$, message);

/** Certificates live in real time, whatever the speed of the sandbox. */
export const checkTime = (parsed: X509Certificate): void => {
  if (new Date(parsed.validTo).getTime() < Date.now())
    throw invalid(`The certificate has expired on ${parsed.validTo}.`);
  if (new Date(parsed.validFrom).getTime() > Date.now())
    throw invalid(`The certificate is not valid before ${parsed.validFrom}.`);
};

export const checkAlgorithm = (parsed: X509Certificate): void => {
  const known = ['RSA_1024', 'RSA_2048', 'RSA_3072', 'RSA_4096'];
  const algorithm = keyAlgorithm(parsed);
  if (algorithm === undefined || (algorithm.startsWith('RSA') && !known.includes(algorithm)))
    throw invalid(
      `The key algorithm of the certificate is not supported: ${algorithm ?? parsed.publicKey.asymmetricKeyType}.`,
    );
};

/** Names may come and go but not all of them; the key stays of its kind, and no purpose of the key is lost. */
export const checkSuccession = (account: Account, arn: string, parsed: X509Certificate): void => {
  const stored = account.serving.certificates.get(arn);
  if (stored === undefined) return;
  const before = readCertificate(stored.certificate);
  if (keyAlgorithm(before) !== keyAlgorithm(parsed))
    throw invalid(
      `The certificate has a key of type ${keyAlgorithm(parsed)}; the one it would replace has ${keyAlgorithm(before)}.`,
    );
  if (!domainsOf(before).some((name) => domainsOf(parsed).includes(name)))
    throw invalid('The certificate has no domain name of the one that it would replace.');
  const lost = (before.keyUsage ?? []).filter((purpose) => !(parsed.keyUsage ?? []).includes(purpose));
  if (lost.length > 0)
    throw invalid(
      `The certificate lacks extended key usages of the one it would replace: ${lost.join(', ')}.`,
    );
};

/** Certificates of the account, and imports of the last 365 days; counts one more. */
export const countImport = (account: Account, again: boolean): void => {
  const { facts, certificateImports, serving, certificateRequests } = account;
  const now = account.clock.now();
  const imported = [...serving.certificates.keys()].filter(
    (arn) => arn.includes(':acm:') && !certificateRequests.has(arn),
  );
  if (!again && imported.length >= facts.importedCertificates)
    throw refuse(
      LimitExceededException$,
      `You have reached the maximum number of imported certificates: ${facts.importedCertificates}.`,
    );
  for (const [id, at] of certificateImports) if (at.getTime() < now - YEAR) certificateImports.delete(id);
  if (again && !facts.reimportsCount) return;
  if (certificateImports.size >= facts.certificateImportsPerYear)
    throw refuse(
      LimitExceededException$,
      `You have reached the maximum number of certificates imported in the last 365 days: ${facts.certificateImportsPerYear}.`,
    );
  certificateImports.set(nextUuid(account, 'certificate-import'), new Date(now));
};
