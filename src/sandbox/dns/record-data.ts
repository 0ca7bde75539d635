import { isIPv4, isIPv6 } from 'node:net';
import { writeName } from './wire-name.ts';

/**
 * The wire form of a record's value as Route 53 holds it. Throws an error naming type and value when the value is
 * malformed or the type is not supported.
 */
export const recordData = (type: string, value: string): Buffer => {
  const write = WRITERS[type];
  if (write === undefined)
    throw new Error(`records of type ${type} are not supported by the sandbox's DNS server`);
  const data = write(value.trim());
  if (data === undefined) throw new Error(`'${value}' is not a value of type ${type}`);
  return data;
};

type Writer = (value: string) => Buffer | undefined;

const nameOnly: Writer = (value) => (/\s/.test(value) ? undefined : writeName(value));

const WRITERS: Readonly<Record<string, Writer>> = {
  A: (value) => (isIPv4(value) ? Buffer.from(value.split('.').map(Number)) : undefined),
  AAAA: (value) => (isIPv6(value) ? ipv6Bytes(value) : undefined),
  CNAME: nameOnly,
  NS: nameOnly,
  PTR: nameOnly,
  MX: (value) => numbersThenName(value, 1),
  SRV: (value) => numbersThenName(value, 3),
  TXT: (value) => characterStrings(value),
  SPF: (value) => characterStrings(value),
  SOA: (value) => {
    const [primary, mailbox, ...rest] = value.split(/\s+/);
    const numbers = rest.map(Number);
    if (primary === undefined || mailbox === undefined || numbers.length !== 5 || !numbers.every(isUint32))
      return undefined;
    return Buffer.concat([writeName(primary), writeName(mailbox), ...numbers.map(uint32)]);
  },
  CAA: (value) => {
    const [, flags, tag, quoted] = /^(\d{1,3})\s+([a-z0-9]+)\s+(".*")$/i.exec(value) ?? [];
    const text = quotedStrings(quoted ?? '')?.[0];
    if (tag === undefined || text === undefined) return undefined;
    return Buffer.concat([Buffer.from([Number(flags), tag.length]), Buffer.from(tag), text]);
  },
};

const isUint32 = (value: number): boolean => Number.isInteger(value) && value >= 0 && value <= 0xffffffff;

const uint32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};

/** MX and SRV: sixteen-bit numbers, then a name. */
const numbersThenName = (value: string, count: number): Buffer | undefined => {
  const parts = value.split(/\s+/);
  const numbers = parts.slice(0, count).map(Number);
  const name = parts[count];
  const fit = numbers.every((number) => Number.isInteger(number) && number >= 0 && number <= 0xffff);
  if (name === undefined || parts.length !== count + 1 || !fit) return undefined;
  return Buffer.concat([
    ...numbers.map((number) => Buffer.from([number >> 8, number & 0xff])),
    writeName(name),
  ]);
};

const characterStrings: Writer = (value) => {
  const strings = quotedStrings(value);
  if (strings === undefined || strings.length === 0 || strings.some((text) => text.length > 255))
    return undefined;
  return Buffer.concat(strings.flatMap((text) => [Buffer.from([text.length]), text]));
};

/** `"a" "b"` with `\"`, `\\` and octal escapes; a value without quotes is one string, as dig would take it. */
const quotedStrings = (value: string): readonly Buffer[] | undefined => {
  if (!value.startsWith('"')) return [Buffer.from(value)];
  const found = value.match(/"((?:[^"\\]|\\.)*)"/g);
  if (found === null || value.replace(/"((?:[^"\\]|\\.)*)"/g, '').trim() !== '') return undefined;
  return found.map((text) => Buffer.from(unescaped(text.slice(1, -1)), 'latin1'));
};

/** To one character per byte, so that octal escapes and UTF-8 text come out alike. */
const unescaped = (text: string): string =>
  Buffer.from(text, 'utf8')
    .toString('latin1')
    .replace(/\\([0-7]{3}|.)/g, (_, escaped: string) =>
      escaped.length === 3 ? String.fromCharCode(Number.parseInt(escaped, 8)) : escaped,
    );

const ipv6Bytes = (text: string): Buffer => {
  const bytes = Buffer.alloc(16);
  const [head = '', tail] = inHexadecimal(text).split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  left.forEach((group, index) => {
    bytes.writeUInt16BE(Number.parseInt(group, 16), index * 2);
  });
  right.forEach((group, index) => {
    bytes.writeUInt16BE(Number.parseInt(group, 16), 16 - (right.length - index) * 2);
  });
  return bytes;
};

/** Rewrites a dotted tail such as `::ffff:127.0.0.1`. */
const inHexadecimal = (text: string): string =>
  text.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, a, b, c, d) =>
    [Number(a) * 256 + Number(b), Number(c) * 256 + Number(d)].map((group) => group.toString(16)).join(':'),
  );
