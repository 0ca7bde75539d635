/** Values of Secrets: base64 of bytes that should be UTF-8. */
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';

const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** What is no base64 digit is passed over. */
export const fromBase64 = (text: string): Uint8Array => {
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

/** The text behind a value; undefined when it is not UTF-8. */
export const decodeText = (value: string): string | undefined => {
  try {
    return decodeURIComponent(bytesToHex(fromBase64(value)).replaceAll(/../g, '%$&'));
  } catch {
    return undefined;
  }
};

/** What the API server makes of a text in `stringData`. */
export const encodeText = (text: string): string => {
  const bytes = utf8ToBytes(text);
  let encoded = '';
  for (let index = 0; index < bytes.length; index += 3) {
    const [a = 0, b = 0, c = 0] = bytes.slice(index, index + 3);
    const number = a * 65_536 + b * 256 + c;
    const digits = [18, 12, 6, 0].map((bit) => DIGITS[Math.floor(number / 2 ** bit) % 64]).join('');
    const missing = Math.max(0, index + 3 - bytes.length);
    encoded += digits.slice(0, 4 - missing) + '='.repeat(missing);
  }
  return encoded;
};
