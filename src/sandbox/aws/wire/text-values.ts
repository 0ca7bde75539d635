/** Simple values as text, the way the Query and XML protocols write them; and as JSON 1.1 writes them. */
import type { NormalizedSchema } from '@smithy/core/schema';
import { refuse } from './refusal.ts';

export type TextCodec = {
  readonly parse: (text: string, path: string) => unknown;
  readonly print: (value: unknown) => string;
};

/** The request cannot be read as the operation's input; each protocol gives it the code AWS uses there. */
export const MALFORMED = 'sandbox#Malformed';

export const malformed = (path: string, expected: string, text: string) =>
  refuse(MALFORMED, `Invalid value '${text.slice(0, 200)}' for ${path}: ${expected} is expected`);

const number: TextCodec = {
  parse: (text, path) => {
    const value = Number(text);
    if (text.trim() === '' || Number.isNaN(value)) throw malformed(path, 'a number', text);
    return value;
  },
  print: String,
};

const boolean: TextCodec = {
  parse: (text, path) => {
    if (/^true$/i.test(text)) return true;
    if (/^false$/i.test(text)) return false;
    throw malformed(path, 'true or false', text);
  },
  print: String,
};

const string: TextCodec = { parse: (text) => text, print: String };

const blob: TextCodec = {
  parse: (text) => new Uint8Array(Buffer.from(text, 'base64')),
  print: (value) => Buffer.from(value as Uint8Array).toString('base64'),
};

const dateTime: TextCodec = {
  parse: (text, path) => {
    const date = /^-?\d+(\.\d+)?$/.test(text) ? new Date(Number(text) * 1000) : new Date(text);
    if (Number.isNaN(date.getTime())) throw malformed(path, 'a timestamp', text);
    return date;
  },
  print: (value) => (value as Date).toISOString().replace('.000Z', 'Z'),
};

/** The codec of a simple schema, or undefined when the schema is a structure, list, map or unit. */
export const textCodec = (schema: NormalizedSchema): TextCodec | undefined => {
  if (schema.isTimestampSchema()) return dateTime;
  if (schema.isBlobSchema()) return blob;
  if (schema.isBooleanSchema()) return boolean;
  if (schema.isNumericSchema() || schema.isBigIntegerSchema() || schema.isBigDecimalSchema()) return number;
  if (schema.isStructSchema() || schema.isListSchema() || schema.isMapSchema() || schema.isUnitSchema())
    return undefined;
  return string;
};
