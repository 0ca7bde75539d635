import { acceptUnless, type Fault, type Parser, refuse } from './parser.ts';

/** What one item of a comma-separated list must be. */
export type Item = {
  /** Plural, for the reference page: `subnet ids or Name tags`. */
  readonly plural: string;
  /** Completes "expected …" for one item. */
  readonly expected: string;
  /** The item in canonical spelling, or undefined when it is not acceptable. */
  readonly read: (item: string) => string | undefined;
  /** Said about an accepted item, e.g. that it was spelt in an odd way. */
  readonly remark?: (item: string, canonical: string) => Fault | undefined;
  /** A better spelling for a refused item. */
  readonly suggest?: (item: string) => string | undefined;
};

/** Comma-separated items in the order written, repeats dropped. `least` 0 lets an empty text state "none". */
export const list = (item: Item, least: 0 | 1): Parser<readonly string[]> => ({
  type: `comma-separated ${item.plural}`,
  parse: (raw) => readItems(raw, item, least),
});

/** The same as a set: repeats and order mean nothing, the value is sorted. */
export const csvSet = (item: Item): Parser<readonly string[]> => ({
  type: `set of comma-separated ${item.plural}`,
  parse: (raw) => {
    const read = readItems(raw, item, 1);
    return read.ok ? { ...read, value: read.value.toSorted() } : read;
  },
});

const readItems = (raw: string, item: Item, least: 0 | 1) => {
  const faults: Fault[] = [];
  const remarks: Fault[] = [];
  const values = new Set<string>();
  for (const written of splitList(raw)) {
    const value = item.read(written);
    if (value === undefined) {
      faults.push(itemFault(written, item));
      continue;
    }
    values.add(value);
    const remark = item.remark?.(written, value);
    if (remark) remarks.push(remark);
  }
  if (faults.length === 0 && values.size < least) return refuse(`at least one of: ${item.plural}`);
  return acceptUnless(faults, () => [...values], remarks);
};

const itemFault = (written: string, item: Item): Fault => {
  const better = item.suggest?.(written);
  return { expected: item.expected, value: written, ...(better === undefined ? {} : { didYouMean: better }) };
};

/** Items between commas, trimmed, without the empty ones. */
const splitList = (raw: string): readonly string[] =>
  raw
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');

/** An EC2 id with the given prefix, or the value of a `Name` tag (EC2: at most 256 characters). */
export const idOrName = (prefix: 'subnet' | 'sg', plural: string): Item => ({
  plural,
  expected: `an id like ${prefix}-0123456789abcdef0 or the value of a Name tag`,
  read: (item) => {
    const badId = item.startsWith(`${prefix}-`) && !/^[a-z]+-[A-Za-z0-9-]+$/.test(item);
    return badId || item.length > 256 ? undefined : item;
  },
});

/** ACM certificates and IAM server certificates, as HTTPS listeners take them; the first is the default one. */
export const certificateArns: Item = {
  plural: 'certificate ARNs',
  expected:
    'the ARN of an ACM certificate (arn:aws:acm:REGION:ACCOUNT:certificate/ID) or of an IAM server certificate (arn:aws:iam::ACCOUNT:server-certificate/NAME)',
  read: (item) => (CERTIFICATE_ARN.test(item) ? item : undefined),
};

const CERTIFICATE_ARN =
  /^arn:aws[a-z-]*:(acm:[a-z0-9-]+:\d+:certificate\/[A-Za-z0-9-]+|iam::\d+:server-certificate\/[\w+=,.@/-]+)$/;

/** Managed prefix lists of the Region. */
export const prefixLists: Item = {
  plural: 'prefix list ids',
  expected: 'the id of a prefix list, pl-0123456789abcdef0',
  read: (item) => (/^pl-[0-9a-z]+$/.test(item) ? item : undefined),
};
