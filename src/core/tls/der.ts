/** DER, the binary form of certificates and keys (ITU-T X.690): as much of it as is needed to read them. */
import { bytesToHex } from '@noble/hashes/utils.js';

export type Der = { readonly tag: number; readonly content: Uint8Array; readonly whole: Uint8Array };

export const SEQUENCE = 0x30;
export const INTEGER = 0x02;
export const BIT_STRING = 0x03;
export const OCTET_STRING = 0x04;
export const OBJECT_ID = 0x06;

/** The elements that follow each other in some bytes, up to the first that cannot be read. */
export const elements = (bytes: Uint8Array): readonly Der[] => {
  const found: Der[] = [];
  for (let at = 0; at < bytes.length; ) {
    const element = elementAt(bytes, at);
    if (!element) break;
    found.push(element);
    at += element.whole.length;
  }
  return found;
};

/** The parts of the single SEQUENCE that some bytes are. */
export const partsOf = (bytes: Uint8Array | undefined): readonly Der[] => {
  const [only] = elements(bytes ?? new Uint8Array());
  return only?.tag === SEQUENCE ? elements(only.content) : [];
};

const elementAt = (bytes: Uint8Array, at: number): Der | undefined => {
  const [tag, first = 0] = bytes.subarray(at, at + 2);
  const digits = first < 0x80 ? 0 : first & 0x7f;
  if (tag === undefined || at + 2 + digits > bytes.length || digits > 4) return undefined;
  const long = bytes.subarray(at + 2, at + 2 + digits).reduce((sum, byte) => sum * 256 + byte, 0);
  const start = at + 2 + digits;
  const end = start + (digits === 0 ? first : long);
  return end > bytes.length
    ? undefined
    : { tag, content: bytes.subarray(start, end), whole: bytes.subarray(at, end) };
};

export const hexOf = (it: Der | undefined): string => (it ? bytesToHex(it.content) : '');

/** A number without the zero that keeps it positive, as hex. */
export const numberHex = (it: Der | undefined): string => hexOf(it).replace(/^(00)+/, '');
