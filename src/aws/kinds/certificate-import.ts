/** Puts the content of a Secret into ACM. The plan holds its digest only; the key goes from here to AWS and nowhere else. */
import { ImportCertificateCommand } from '@aws-sdk/client-acm';
import type { CertificateSpec } from '../../core/model/certificate.ts';
import type { Key } from '../../core/model/key.ts';
import type { Attempt } from '../../core/ports.ts';
import { readTlsSecret } from '../../core/tls/tls-secret.ts';
import { means } from '../errors.ts';
import { toSdkTags } from '../tags.ts';
import type { Site } from './driver.ts';

/** `into`: the ARN it is imported into; ACM takes tags only with a new one. */
export const importCertificate = async (
  key: Key<'certificate'>,
  spec: CertificateSpec,
  into: string | undefined,
  { account }: Site,
): Promise<Attempt> => {
  const secret = account.secretAt(spec.secret ?? '');
  const read = secret && readTlsSecret(secret, undefined);
  if (!read || 'wrong' in read || read.content !== spec.content)
    return { status: 'wait', seconds: 1, why: `Secret ${spec.secret} has changed since it was looked at` };
  const { imports } = account;
  const from = stackAndSecret(key);
  if (!imports.may(from))
    return {
      status: 'failed',
      code: 'TooManyImports',
      message: `Secret ${spec.secret} has been imported ${imports.most} times within a day, and ACM limits imports over a year; see what changes it so often`,
      retry: false,
    };
  try {
    const { CertificateArn = '' } = await account.clients.acm.send(
      new ImportCertificateCommand({
        Certificate: Buffer.from(read.certificate),
        PrivateKey: Buffer.from(read.privateKey),
        ...(read.chain && { CertificateChain: Buffer.from(read.chain) }),
        ...(into === undefined ? { Tags: toSdkTags(spec.tags) } : { CertificateArn: into }),
      }),
    );
    imports.count(from);
    return { status: 'done', id: CertificateArn };
  } catch (thrown) {
    if (means(thrown, 'transient')) imports.count(from, read.content);
    throw thrown;
  }
};

/** What the key says without its digest of names, which change when somebody rewrites a Secret with others. */
const stackAndSecret = (key: Key<'certificate'>): string => key.slice(0, key.lastIndexOf('-'));
