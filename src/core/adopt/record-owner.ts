/** Route 53 records carry no tags: one TXT record beside a name says whose its alias is. */

export type RecordOwner = {
  readonly cluster: string;
  readonly stack: string;
  /** During a cut-over: since when the shares are what they are, in milliseconds since the epoch. */
  readonly cutoverSince?: number;
};

const LABEL = '_alb-ingress';

/**
 * Name of the TXT record that owns `name`. A label below the name, so that an apex stays inside its zone and a
 * TXT of the user's (SPF, say) at the name itself is never in the way.
 */
export const ownerRecordName = (name: string): string =>
  name.startsWith('*.') ? `${LABEL}._any.${name.slice(2)}` : `${LABEL}.${name}`;

/** The name that an ownership TXT record speaks for, or undefined when it is no such record's name. */
export const ownedName = (txtName: string): string | undefined => {
  if (txtName.startsWith(`${LABEL}._any.`)) return `*.${txtName.slice(LABEL.length + 6)}`;
  return txtName.startsWith(`${LABEL}.`) ? txtName.slice(LABEL.length + 1) : undefined;
};

/** A TXT record holds strings of at most 255 characters (RFC 1035); names of Ingresses alone may have 253. */
const STRING = /.{1,255}/g;

/** Value of the TXT record, with the quotation marks Route 53 wants. The time is in whole seconds. */
export const ownerRecordValue = ({ cluster, stack, cutoverSince }: RecordOwner): string => {
  const since = cutoverSince === undefined ? '' : `,cutover-since=${Math.floor(cutoverSince / 1000)}`;
  const text = `heritage=alb-ingress,cluster=${cluster},stack=${stack}${since}`;
  return (text.match(STRING) ?? []).map((part) => `"${part}"`).join(' ');
};

/** Value of the TXT record beside a record by which ACM validates a domain: it belongs to no stack. */
export const validationMark = (cluster: string): string =>
  `"heritage=alb-ingress,cluster=${cluster},certificates"`;

/** Reads a TXT value; undefined when it is not ours to read. */
export const parseOwnerRecord = (value: string): RecordOwner | undefined => {
  const [, cluster, stack, since] =
    /^"heritage=alb-ingress,cluster=([^,"]+),stack=([^,"]+?)(?:,cutover-since=(\d{1,12}))?"$/.exec(
      value.replaceAll('" "', ''),
    ) ?? [];
  return cluster && stack
    ? { cluster, stack, ...(since !== undefined && { cutoverSince: Number(since) * 1000 }) }
    : undefined;
};
