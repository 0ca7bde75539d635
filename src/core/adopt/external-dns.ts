/**
 * external-dns keeps its ownership in TXT records: at first one of the record's own name, later one for each type
 * (`cname-www`, then `a-www`, `aaaa-www`), with a prefix or suffix if its owner wants one. Read, so that its records
 * can be left alone or, with consent, taken over; never written. Encrypted ones cannot be read.
 */

/** The flags of external-dns that decide where its TXT records are. */
export type ExternalDnsNames = {
  /** `--txt-prefix`; may contain `%{record_type}`, and dots. */
  readonly prefix: string;
  /** `--txt-suffix`; likewise, and only one of the two. */
  readonly suffix: string;
  /** `--txt-wildcard-replacement`: stands for a leading `*`. */
  readonly wildcard: string;
};

export const PLAIN_NAMES: ExternalDnsNames = { prefix: '', suffix: '', wildcard: '' };

export type ExternalDnsOwner = {
  /** Its `--txt-owner-id`. */
  readonly owner: string;
  /** The Ingress (`namespace/name`) the record was made for; undefined: made for something else, or it does not say. */
  readonly ingress: string | undefined;
};

const TYPES = ['a', 'aaaa', 'cname'] as const;
const TYPE = '%{record_type}';

/** Every name at which external-dns may say whose the records of `name` are: the oldest form first. */
export const externalDnsNames = (name: string, names: ExternalDnsNames): readonly string[] => {
  const dot = name.indexOf('.');
  const first = dot < 0 ? name : name.slice(0, dot);
  const rest = dot < 0 ? '' : name.slice(dot);
  const label = first === '*' && names.wildcard !== '' ? names.wildcard : first;
  const typed = names.prefix.includes(TYPE) || names.suffix.includes(TYPE);
  const affixed = (type: string, text: string): string =>
    `${names.prefix.replace(TYPE, type)}${text}${names.suffix.replace(TYPE, type)}${rest}`.toLowerCase();
  const oldest = affixed('', label);
  return [...new Set([oldest, ...TYPES.map((type) => affixed(type, typed ? label : `${type}-${label}`))])];
};

/** Reads the value of a TXT record; undefined when external-dns did not write it. */
export const parseExternalDns = (value: string): ExternalDnsOwner | undefined => {
  const text = value.replace(/^"|"$/g, '');
  const pairs = new Map(
    text.split(',').map((pair): [string, string] => {
      const equals = pair.indexOf('=');
      return equals < 0 ? [pair, ''] : [pair.slice(0, equals), pair.slice(equals + 1)];
    }),
  );
  if (pairs.get('heritage') !== 'external-dns') return undefined;
  const resource = /^ingress\/([^/]+\/[^/]+)$/.exec(pairs.get('external-dns/resource') ?? '');
  return { owner: pairs.get('external-dns/owner') ?? '', ingress: resource?.[1] };
};
