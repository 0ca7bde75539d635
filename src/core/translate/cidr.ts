/** Whether an address lies in a CIDR block of its family; false for anything that is not one. */
export const inCidr = (address: string, cidr: string): boolean => {
  const [network = '', bits = ''] = cidr.split('/');
  const [a, n] = [toNumber(address), toNumber(network)];
  const length = /^\d+$/.test(bits) ? Number(bits) : Number.NaN;
  if (!a || !n || a.bits !== n.bits || !(length <= a.bits)) return false;
  const rest = BigInt(a.bits - length);
  return a.value >> rest === n.value >> rest;
};

type Address = { readonly value: bigint; readonly bits: 32 | 128 };

const toNumber = (address: string): Address | undefined =>
  address.includes(':') ? ofGroups(address) : ofBytes(address);

const ofBytes = (address: string): Address | undefined => {
  const parts = address.split('.');
  const isByte = (part: string): boolean => /^\d{1,3}$/.test(part) && Number(part) <= 255;
  if (parts.length !== 4 || !parts.every(isByte)) return undefined;
  return { value: parts.reduce((sum, part) => sum * 256n + BigInt(part), 0n), bits: 32 };
};

/** Eight groups of hex digits, of which `::` leaves out a run of zeros (RFC 4291). */
const ofGroups = (address: string): Address | undefined => {
  const [head = '', tail, ...more] = address.split('::');
  const groupsOf = (text: string): readonly string[] => (text === '' ? [] : text.split(':'));
  const [before, after] = [groupsOf(head), groupsOf(tail ?? '')];
  const missing = 8 - before.length - after.length;
  if (more.length > 0 || (tail === undefined ? missing !== 0 : missing < 1)) return undefined;
  const groups = [...before, ...Array.from({ length: missing }, () => '0'), ...after];
  if (!groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return undefined;
  return { value: groups.reduce((sum, group) => sum * 65_536n + BigInt(`0x${group}`), 0n), bits: 128 };
};
