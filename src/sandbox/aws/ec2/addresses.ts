/** IP addresses and CIDR blocks, as far as AWS's checks need them. */
import { BlockList, isIP, isIPv4, isIPv6 } from 'node:net';

/** Whether an address lies in a block such as `10.0.0.0/8`; false when either cannot be read. */
export const inCidr = (address: string, cidr: string): boolean => {
  const block = parseCidr(cidr);
  const family = isIP(address);
  if (block === undefined || family === 0 || block.family !== (family === 4 ? 'ipv4' : 'ipv6')) return false;
  const list = new BlockList();
  list.addSubnet(block.address, block.prefix, block.family);
  return list.check(address, block.family);
};

type Cidr = { readonly address: string; readonly prefix: number; readonly family: 'ipv4' | 'ipv6' };

export const parseCidr = (cidr: string): Cidr | undefined => {
  const [address = '', prefixText = '', ...rest] = cidr.split('/');
  const prefix = /^\d{1,3}$/.test(prefixText) ? Number(prefixText) : Number.NaN;
  if (rest.length > 0) return undefined;
  if (isIPv4(address) && prefix <= 32) return { address, prefix, family: 'ipv4' };
  if (isIPv6(address) && prefix <= 128) return { address, prefix, family: 'ipv6' };
  return undefined;
};

/** An IPv4 block with the host bits cleared, as EC2 stores it; undefined when it cannot be read. */
export const canonicalIpv4Cidr = (cidr: string): string | undefined => {
  const block = parseCidr(cidr);
  if (block?.family !== 'ipv4') return undefined;
  const mask = block.prefix === 0 ? 0 : (0xffffffff << (32 - block.prefix)) >>> 0;
  return `${textOf((numberOf(block.address) & mask) >>> 0)}/${block.prefix}`;
};

/** An IPv6 block with the host bits cleared, in its shortest spelling, as EC2 stores it; undefined when it is none. */
export const canonicalIpv6Cidr = (cidr: string): string | undefined => {
  const block = parseCidr(cidr);
  if (block?.family !== 'ipv6') return undefined;
  const groups = groupsOf(block.address).map((group, index) => {
    const kept = Math.min(Math.max(block.prefix - index * 16, 0), 16);
    return group & (0xffff << (16 - kept)) & 0xffff;
  });
  const text = new URL(`http://[${groups.map((group) => group.toString(16)).join(':')}]`).hostname;
  return `${text.slice(1, -1)}/${block.prefix}`;
};

/** The eight groups of an IPv6 address; URLs spell it in a form without dotted numbers. */
const groupsOf = (ipv6: string): number[] => {
  const [head = '', tail] = new URL(`http://[${ipv6}]`).hostname.slice(1, -1).split('::');
  const numbers = (text: string) =>
    text === '' ? [] : text.split(':').map((part) => Number.parseInt(part, 16));
  const [first, last] = [numbers(head), numbers(tail ?? '')];
  return [...first, ...new Array<number>(8 - first.length - last.length).fill(0), ...last];
};

/** The address `offset` places after a block's first. */
export const addressIn = (cidr: string, offset: number): string => {
  const block = parseCidr(cidr);
  return block === undefined ? cidr : textOf((numberOf(block.address) + offset) >>> 0);
};

/** First and last address of an IPv4 block as numbers; undefined when it cannot be read. */
export const blockRange = (cidr: string): readonly [first: number, last: number] | undefined => {
  const canonical = canonicalIpv4Cidr(cidr);
  const block = canonical === undefined ? undefined : parseCidr(canonical);
  if (block === undefined) return undefined;
  const first = numberOf(block.address);
  return [first, first + 2 ** (32 - block.prefix) - 1];
};

/** Whether two IPv4 blocks have an address in common. */
export const blocksOverlap = (one: string, other: string): boolean => {
  const [a, b] = [blockRange(one), blockRange(other)];
  return a !== undefined && b !== undefined && a[0] <= b[1] && b[0] <= a[1];
};

const numberOf = (ipv4: string): number => ipv4.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
const textOf = (value: number): string => [24, 16, 8, 0].map((shift) => (value >>> shift) & 255).join('.');
