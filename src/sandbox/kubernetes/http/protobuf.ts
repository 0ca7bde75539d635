import { badRequest } from '../api/errors.ts';
import { isJsonObject, type JsonObject } from '../object.ts';
import type { Field, Scalar, Shape, StructShape } from '../schema/shape.ts';

/** What a protobuf body says it is. */
export type Envelope = { readonly apiVersion: string; readonly kind: string; readonly raw: Uint8Array };

/** Opens a body of type application/vnd.kubernetes.protobuf: `k8s`, a zero byte, then a runtime.Unknown message. */
export const openEnvelope = (body: Buffer): Envelope => {
  if (body.length < 4 || body.toString('latin1', 0, 4) !== 'k8s\0')
    throw badRequest(
      'provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]',
    );
  const parts = new Map(readMessage(body.subarray(4)).map(({ number, bytes }) => [number, bytes]));
  const type = new Map(readMessage(parts.get(1) ?? EMPTY).map(({ number, bytes }) => [number, bytes]));
  return {
    apiVersion: text(type.get(1) ?? EMPTY),
    kind: text(type.get(2) ?? EMPTY),
    raw: parts.get(2) ?? EMPTY,
  };
};

/** Reads a message as the JSON it stands for. Unknown field numbers are skipped, as protobuf demands. */
export const decodeMessage = (raw: Uint8Array, shape: StructShape): JsonObject => {
  const result: JsonObject = {};
  fill(result, raw, layoutOf(shape));
  return result;
};

const EMPTY = new Uint8Array();

/** Fields by number; a nested layout is a message whose fields JSON has inline. */
type Layout = Map<number, Field | Layout>;
const layouts = new WeakMap<StructShape, Layout>();

const layoutOf = (shape: StructShape): Layout => {
  const known = layouts.get(shape);
  if (known !== undefined) return known;
  const layout: Layout = new Map();
  for (const field of shape.fields.values()) {
    const [outer, inner] = field.numbers;
    if (outer === undefined) continue;
    if (inner === undefined) layout.set(outer, field);
    else {
      const nested = layout.get(outer);
      if (nested instanceof Map) nested.set(inner, field);
      else layout.set(outer, new Map([[inner, field]]));
    }
  }
  layouts.set(shape, layout);
  return layout;
};

const fill = (target: JsonObject, raw: Uint8Array, layout: Layout): void => {
  for (const entry of readMessage(raw)) {
    const field = layout.get(entry.number);
    if (field instanceof Map) fill(target, entry.bytes, field);
    else if (field !== undefined) setField(target, field, entry);
  }
};

const setField = (target: JsonObject, field: Field, entry: Entry): void => {
  const { name, shape } = field;
  if (shape.kind === 'list') {
    const list = target[name];
    const items = packed(shape.of, entry).map((one) => decodeValue(one, shape.of));
    target[name] = [...(Array.isArray(list) ? list : []), ...items];
  } else if (shape.kind === 'map') {
    const parts = new Map(readMessage(entry.bytes).map((one) => [one.number, one]));
    const key = text(parts.get(1)?.bytes ?? EMPTY);
    const have = target[name];
    target[name] = {
      ...(isJsonObject(have) ? have : {}),
      [key]: decodeValue(parts.get(2) ?? NOTHING, shape.of),
    };
  } else {
    const value = decodeValue(entry, shape);
    const zero = value === '' || value === 0 || value === false;
    if (value !== undefined && (!zero || field.zeroCounts)) target[name] = value;
  }
};

const decodeValue = (entry: Entry, shape: Shape): unknown => {
  if (shape.kind === 'struct') return decodeMessage(entry.bytes, shape);
  if (shape.kind === 'scalar') return SCALARS[shape.scalar](entry);
  if (shape.kind === 'any') return embeddedJson(entry.bytes);
  throw badRequest('protobuf: lists of lists and maps of lists are not used by Kubernetes');
};

/** RawExtension, JSON and FieldsV1 all hold JSON text in field 1. */
const embeddedJson = (bytes: Uint8Array): unknown => {
  const raw = readMessage(bytes).find(({ number }) => number === 1)?.bytes;
  if (raw === undefined || raw.length === 0) return undefined;
  try {
    return JSON.parse(text(raw));
  } catch {
    throw badRequest('protobuf: an embedded object is not JSON');
  }
};

const SCALARS: Readonly<Record<Scalar, (entry: Entry) => unknown>> = {
  string: ({ bytes }) => text(bytes),
  bytes: ({ bytes }) => Buffer.from(bytes).toString('base64'),
  int32: ({ value }) => Number(BigInt.asIntN(32, value)),
  int64: ({ value }) => Number(BigInt.asIntN(64, value)),
  double: ({ bytes }) => new DataView(bytes.buffer, bytes.byteOffset, bytes.length).getFloat64(0, true),
  boolean: ({ value }) => value !== 0n,
  time: ({ bytes }) => time(bytes)?.replace(/\.\d+Z$/, 'Z'),
  microTime: ({ bytes }) => time(bytes),
  quantity: ({ bytes }) => text(readMessage(bytes).find(({ number }) => number === 1)?.bytes ?? EMPTY),
  intOrString: ({ bytes }) => {
    const parts = new Map(readMessage(bytes).map((one) => [one.number, one]));
    const isText = (parts.get(1)?.value ?? 0n) === 1n;
    return isText ? text(parts.get(3)?.bytes ?? EMPTY) : Number(BigInt.asIntN(32, parts.get(2)?.value ?? 0n));
  },
};

/** An empty message is Go's zero time, which JSON leaves out. */
const time = (bytes: Uint8Array): string | undefined => {
  const parts = new Map(readMessage(bytes).map((one) => [one.number, Number(BigInt.asIntN(64, one.value))]));
  const seconds = parts.get(1);
  if (seconds === undefined || seconds <= 0) return undefined;
  const micros = String(Math.floor((parts.get(2) ?? 0) / 1000)).padStart(6, '0');
  return `${new Date(seconds * 1000).toISOString().slice(0, 19)}.${micros}Z`;
};

type Entry = { readonly number: number; readonly value: bigint; readonly bytes: Uint8Array };
const NOTHING: Entry = { number: 0, value: 0n, bytes: EMPTY };

const packed = (shape: Shape, entry: Entry): readonly Entry[] => {
  const whole =
    shape.kind === 'scalar' &&
    (shape.scalar === 'int32' || shape.scalar === 'int64' || shape.scalar === 'boolean');
  if (!whole || entry.bytes.length === 0) return [entry];
  const reader = { bytes: entry.bytes, at: 0 };
  const result: Entry[] = [];
  while (reader.at < reader.bytes.length) result.push({ ...entry, value: varint(reader) });
  return result;
};

type Reader = { readonly bytes: Uint8Array; at: number };

const readMessage = (bytes: Uint8Array): readonly Entry[] => {
  const reader: Reader = { bytes, at: 0 };
  const result: Entry[] = [];
  while (reader.at < bytes.length) {
    const tag = Number(varint(reader));
    result.push({ number: tag >>> 3, ...readValue(reader, tag & 7) });
  }
  return result;
};

const readValue = (reader: Reader, wire: number): { value: bigint; bytes: Uint8Array } => {
  if (wire === 0) return { value: varint(reader), bytes: EMPTY };
  const length = wire === 1 ? 8 : wire === 5 ? 4 : wire === 2 ? Number(varint(reader)) : -1;
  const end = reader.at + length;
  if (length < 0 || end > reader.bytes.length)
    throw badRequest('protobuf: the message is cut off or malformed');
  const bytes = reader.bytes.subarray(reader.at, end);
  reader.at = end;
  return { value: 0n, bytes };
};

const varint = (reader: Reader): bigint => {
  let value = 0n;
  for (let shift = 0n; shift < 70n; shift += 7n) {
    const byte = reader.bytes[reader.at];
    if (byte === undefined) throw badRequest('protobuf: the message is cut off');
    reader.at += 1;
    value |= BigInt(byte & 127) << shift;
    if (byte < 128) return value;
  }
  throw badRequest('protobuf: a number is too long');
};

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8');
