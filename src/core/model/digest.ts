/** Short fingerprints. Names in AWS depend on them, so their exact form is part of the product. */
import { md5 } from '@noble/hashes/legacy.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';

/** First `digits` hex digits of SHA-256 over the parts, concatenated without a separator (LBC's way). */
export const sha256Hex = (parts: readonly string[], digits: number): string =>
  bytesToHex(sha256(utf8ToBytes(parts.join('')))).slice(0, digits);

/** First `digits` hex digits of MD5 over the parts, concatenated without a separator (the 2017 controller's way). */
export const md5Hex = (parts: readonly string[], digits: number): string =>
  bytesToHex(md5(utf8ToBytes(parts.join('')))).slice(0, digits);

/** Text that is equal for equal plain data, whatever the order of object keys. `undefined` members do not count. */
export const canonical = (value: unknown): string => {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, member]) => `${JSON.stringify(name)}:${canonical(member)}`);
  return `{${members.join(',')}}`;
};
