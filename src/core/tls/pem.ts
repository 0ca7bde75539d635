/** PEM (RFC 7468): labelled base64 blocks in a text. */
export type PemBlock = {
  /** `CERTIFICATE`, `PRIVATE KEY`… */
  readonly label: string;
  readonly bytes: Uint8Array;
  /** The block alone, with a line feed at its end. */
  readonly text: string;
};

const BLOCK = /-----BEGIN ([A-Z0-9 ]+)-----\s([\s\S]*?)-----END \1-----/g;

export const pemBlocks = (text: string): readonly PemBlock[] =>
  [...text.matchAll(BLOCK)].map(([whole, label = '', body = '']) => ({
    label,
    bytes: fromBase64(body),
    text: `${whole}\n`,
  }));

const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** What is no base64 digit is passed over. */
const fromBase64 = (text: string): Uint8Array => {
  const digits = [...text].map((it) => DIGITS.indexOf(it)).filter((it) => it >= 0);
  const bytes = new Uint8Array(Math.floor((digits.length * 6) / 8));
  let [bits, held, at] = [0, 0, 0];
  for (const digit of digits) {
    held = ((held << 6) | digit) & 0xffff;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes[at++] = (held >> bits) & 0xff;
  }
  return bytes;
};

/** Text of base64 that holds one byte per character, as PEM does. */
export const textFromBase64 = (base64: string): string =>
  [...fromBase64(base64)].map((byte) => String.fromCharCode(byte)).join('');
