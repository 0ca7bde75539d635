import { isAddress, parseCidr } from './cidr.ts';
import { csvSet, type Item } from './list-parsers.ts';

const CIDRS: Item = {
  plural: 'CIDR blocks (IPv4 or IPv6)',
  expected: 'an IPv4 or IPv6 block like 10.0.0.0/8 or 2001:db8::/32',
  read: (item) => parseCidr(item)?.text,
  remark: (item, canonical) =>
    item.toLowerCase() === canonical
      ? undefined
      : { expected: `is read as ${canonical}, which is what AWS makes of it`, value: item },
  suggest: (item) => (isAddress(item) ? `${item}${item.includes(':') ? '/128' : '/32'}` : undefined),
};

/** Address ranges as a set in canonical spelling: EC2 clears host bits by itself, so keeping them would look like drift. */
export const cidrList = csvSet(CIDRS);
