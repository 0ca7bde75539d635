/** The certificates of an HTTPS listener. */
import type { GroupListener } from '../annotations/merge-listeners.ts';
import { PREFIX } from '../annotations/table.ts';
import type { Facts } from '../model/facts.ts';
import type { ListenerSpec } from '../model/resource.ts';
import type { ListenersInput } from './listeners.ts';

const FIELD = `${PREFIX}certificate-arn`;

/**
 * The default certificate first; undefined when there is none to use. One that cannot be used is left out and its
 * owner told, unless the listener has it already; the other Ingresses of a group get theirs all the same.
 */
export const certificatesOf = (
  listener: GroupListener,
  have: ListenerSpec | undefined,
  input: ListenersInput,
): readonly string[] | undefined => {
  const { accepted, settings, context, report } = input;
  const kept = have?.protocol === 'HTTPS' ? have.certificates : undefined;
  if (settings.isUnknown('certificate-arn') && kept) return kept;
  const [first = ''] = listener.members;
  if (listener.certificates.length === 0) {
    const expected = 'expected at least one ARN';
    report(
      'CertificateUnusable',
      first,
      `${FIELD}: the HTTPS listener on port ${listener.port} has no certificate; ${expected}`,
    );
    return kept;
  }
  const usable = listener.certificates.filter((arn) => {
    const why = whyUnusable(arn, context.facts);
    if (why === undefined) return true;
    const owner = accepted.find(
      ({ id, reading }) => listener.members.includes(id) && reading.stated['certificate-arn']?.includes(arn),
    );
    const expected = `expected an issued certificate of ${context.facts.region}`;
    report('CertificateUnusable', owner?.id ?? first, `${FIELD}: certificate ${arn} ${why}; ${expected}`);
    return kept?.includes(arn) ?? false;
  });
  return usable.length > 0 ? usable : kept;
};

/** IAM server certificates are not in ACM, and ACM may not tell us of its own; AWS checks those itself. */
const whyUnusable = (arn: string, facts: Facts): string | undefined => {
  if (!arn.includes(':acm:') || !facts.certificates) return undefined;
  const found = facts.certificates.find((certificate) => certificate.arn === arn);
  if (!found) return 'does not exist in ACM';
  return found.status === 'ISSUED' ? undefined : `has the status ${found.status}`;
};
