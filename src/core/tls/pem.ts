/** PEM (RFC 7468): labelled base64 blocks in a text. */
import { fromBase64 } from '../kube/base64.ts';

export type PemBlock = {
  /** `CERTIFICATE`, `PRIVATE KEY`… */
  readonly label: string;
  readonly bytes: Uint8Array;
  /** The block alone, with a line feed at its end. */
  readonly text: string;
};

/** What lies between the lines has no five hyphens itself, so the work grows with the text, whatever somebody writes. */
const BLOCK = /-----BEGIN ([A-Z0-9 ]+)-----\s([^-]*(?:-(?!----)[^-]*)*)-----END \1-----/g;

export const pemBlocks = (text: string): readonly PemBlock[] =>
  [...text.matchAll(BLOCK)].map(([whole, label = '', body = '']) => ({
    label,
    bytes: fromBase64(body),
    text: `${whole}\n`,
  }));

/** Text of base64 that holds one byte per character, as PEM does. */
export const textFromBase64 = (base64: string): string =>
  [...fromBase64(base64)].map((byte) => String.fromCharCode(byte)).join('');
