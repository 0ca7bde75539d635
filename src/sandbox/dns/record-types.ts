/** The record types Route 53 knows, by their number on the wire. */
export const TYPE_NUMBERS: ReadonlyMap<string, number> = new Map([
  ['A', 1],
  ['NS', 2],
  ['CNAME', 5],
  ['SOA', 6],
  ['PTR', 12],
  ['MX', 15],
  ['TXT', 16],
  ['AAAA', 28],
  ['SRV', 33],
  ['NAPTR', 35],
  ['DS', 43],
  ['SSHFP', 44],
  ['TLSA', 52],
  ['SVCB', 64],
  ['HTTPS', 65],
  ['SPF', 99],
  ['CAA', 257],
]);

const NAMES: ReadonlyMap<number, string> = new Map([...TYPE_NUMBERS].map(([name, number]) => [number, name]));

/** Name of a type; `TYPE` and the number for one that no zone can hold. */
export const typeName = (number: number): string => NAMES.get(number) ?? `TYPE${number}`;
