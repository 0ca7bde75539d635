/** An address range in canonical spelling, host bits cleared: `10.0.0.0/8`, `2001:db8::/32`. */
export type Cidr = { readonly version: 4 | 6; readonly text: string };

/** Reads an IPv4 or IPv6 range; undefined when the text is not one. A single address needs its `/32` or `/128`. */
export const parseCidr = (raw: string): Cidr | undefined => {
  const [address = '', bits, ...rest] = raw.split('/');
  if (bits === undefined || rest.length > 0 || !/^(0|[1-9]\d{0,2})$/.test(bits)) return undefined;
  const version = address.includes(':') ? 6 : 4;
  const words = version === 4 ? ipv4Bytes(address) : ipv6Groups(address);
  const size = version === 4 ? 8 : 16;
  if (words === undefined || Number(bits) > words.length * size) return undefined;
  const network = words.map((word, index) => word & mask(Number(bits) - index * size, size));
  return { version, text: `${version === 4 ? network.join('.') : ipv6Text(network)}/${bits}` };
};

/** Whether the text is an IPv4 or IPv6 address without a prefix length. */
export const isAddress = (raw: string): boolean =>
  ipv4Bytes(raw) !== undefined || ipv6Groups(raw) !== undefined;

const mask = (bits: number, size: number): number => {
  const kept = Math.min(Math.max(bits, 0), size);
  return (2 ** size - 1) ^ (2 ** (size - kept) - 1);
};

const ipv4Bytes = (raw: string): readonly number[] | undefined => {
  const parts = raw.split('.');
  const fits =
    parts.length === 4 && parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256);
  return fits ? parts.map(Number) : undefined;
};

const ipv6Groups = (raw: string): readonly number[] | undefined => {
  const halves = raw.split('::');
  if (halves.length > 2) return undefined;
  const [head, tail] = halves.map(groupsOf);
  if (head === undefined) return undefined;
  if (halves.length === 1) return head.length === 8 ? head : undefined;
  if (tail === undefined || head.length + tail.length > 7) return undefined;
  return [...head, ...Array<number>(8 - head.length - tail.length).fill(0), ...tail];
};

/** Colon-separated groups; the last may be an IPv4 address, which stands for two groups. */
const groupsOf = (raw: string): readonly number[] | undefined => {
  if (raw === '') return [];
  const groups: number[] = [];
  const parts = raw.split(':');
  for (const [index, part] of parts.entries()) {
    const embedded = index === parts.length - 1 ? ipv4Bytes(part) : undefined;
    if (embedded) {
      const [a = 0, b = 0, c = 0, d = 0] = embedded;
      groups.push(a * 256 + b, c * 256 + d);
    } else if (/^[0-9a-f]{1,4}$/i.test(part)) groups.push(Number.parseInt(part, 16));
    else return undefined;
  }
  return groups;
};

/** The longest run of two or more zero groups (the first of equals) becomes `::`, as RFC 5952 has it. */
const ipv6Text = (groups: readonly number[]): string => {
  let run = { start: 0, length: 1 };
  for (let start = 0; start < groups.length; start++) {
    let length = 0;
    while (groups[start + length] === 0) length++;
    if (length > run.length) run = { start, length };
  }
  const hex = (part: readonly number[]) => part.map((group) => group.toString(16)).join(':');
  if (run.length < 2) return hex(groups);
  return `${hex(groups.slice(0, run.start))}::${hex(groups.slice(run.start + run.length))}`;
};
