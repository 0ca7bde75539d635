/** Certificates that are served and end soon. */
import { PREFIX } from '../annotations/table.ts';
import { isCertificateKey } from '../model/certificate.ts';
import { millisecondsOf } from '../model/moment.ts';
import type { ListenersInput } from './listeners-input.ts';
import type { Member } from './member.ts';

/** ACM renews what it issued 60 days before its end (AWS documentation): what comes this near was forgotten. */
export const tellExpiring = (
  references: readonly string[],
  member: Member,
  { context, own, report }: ListenersInput,
): void => {
  const { asOf, certificates } = context.facts;
  const { expiryWarning } = context.defaults;
  if (asOf === undefined || expiryWarning === 0) return;
  for (const reference of references) {
    const made = isCertificateKey(reference) ? own.wanted.get(reference)?.resource.spec : undefined;
    const known = made ?? certificates?.find(({ arn }) => arn === reference);
    if (known?.notAfter === undefined) continue;
    const left = millisecondsOf(known.notAfter) - asOf;
    if (left > expiryWarning * 1000) continue;
    const [field, source] =
      made?.secret === undefined
        ? [`${PREFIX}certificate-arn`, reference]
        : ['spec.tls', `Secret ${made.secret}`];
    const when = `${left > 0 ? 'ends' : 'ended'} on ${known.notAfter.slice(0, 10)}`;
    report(
      'CertificateExpiring',
      member.id,
      `${field}: the certificate for ${known.domains.join(', ')} (${source}) ${when}, and nothing has renewed it`,
    );
  }
};
