import type { DnsRecord } from './lookup.ts';
import { recordData } from './record-data.ts';
import { TYPE_NUMBERS, typeName } from './record-types.ts';
import { readName, writeName } from './wire-name.ts';

/** A question as it came in. */
export type Query = {
  readonly id: number;
  readonly recursionDesired: boolean;
  readonly opcode: number;
  /** In Route 53's form. */
  readonly name: string;
  readonly type: string;
  readonly internet: boolean;
  /** The question's own bytes: the answer repeats them, upper and lower case included. */
  readonly question: Buffer;
  readonly edns: { readonly payload: number; readonly version: number } | undefined;
};

export type Reply = {
  readonly code: keyof typeof CODES;
  readonly authoritative: boolean;
  readonly answers: readonly DnsRecord[];
  readonly authority: readonly DnsRecord[];
};

const CODES = {
  NOERROR: 0,
  FORMERR: 1,
  SERVFAIL: 2,
  NXDOMAIN: 3,
  NOTIMP: 4,
  REFUSED: 5,
  BADVERS: 16,
} as const;

const HEADER = 12;
const OPT = 41;
/** Fits every path without fragmentation (DNS flag day 2020). */
const OWN_PAYLOAD = 1232;

/**
 * Reads a message. Undefined when it is not a question, and nothing must be answered; an id alone when it is one that
 * cannot be read (FORMERR).
 */
export const readQuery = (message: Buffer): Query | { readonly malformed: number } | undefined => {
  if (message.length < HEADER || message.readUInt8(2) >= 0x80) return undefined;
  const id = message.readUInt16BE(0);
  try {
    if (message.readUInt16BE(4) !== 1) return { malformed: id };
    const { name, end } = readName(message, HEADER);
    return {
      id,
      opcode: (message.readUInt8(2) >> 3) & 0xf,
      recursionDesired: (message.readUInt8(2) & 1) === 1,
      name,
      type: typeName(message.readUInt16BE(end)),
      internet: message.readUInt16BE(end + 2) === 1,
      question: message.subarray(HEADER, end + 4),
      edns: readEdns(message, end + 4),
    };
  } catch (error) {
    if (error instanceof RangeError) return { malformed: id };
    throw error;
  }
};

/** Looks for the OPT record among whatever follows the question. */
const readEdns = (message: Buffer, start: number): Query['edns'] => {
  const records = message.readUInt16BE(6) + message.readUInt16BE(8) + message.readUInt16BE(10);
  let at = start;
  for (let index = 0; index < records; index++) {
    const { end } = readName(message, at);
    if (message.readUInt16BE(end) === OPT) {
      return { payload: message.readUInt16BE(end + 2), version: message.readUInt8(end + 5) };
    }
    at = end + 10 + message.readUInt16BE(end + 8);
  }
  return undefined;
};

/** Writes the reply, cut down to its question with the TC flag when it is longer than `limit` bytes. */
export const writeReply = (query: Query, reply: Reply, limit: number): Buffer => {
  const whole = write(query, reply, false);
  return whole.length <= limit ? whole : write(query, { ...reply, answers: [], authority: [] }, true);
};

/** The only answer to a message that has no readable question. */
export const writeMalformed = (id: number): Buffer => {
  const header = Buffer.alloc(HEADER);
  header.writeUInt16BE(id, 0);
  header.writeUInt8(0x80, 2);
  header.writeUInt8(CODES.FORMERR, 3);
  return header;
};

/** How long a UDP answer to this question may be. */
export const udpLimit = (query: Query): number => Math.max(512, Math.min(query.edns?.payload ?? 512, 4096));

const write = (query: Query, reply: Reply, truncated: boolean): Buffer => {
  const code = CODES[reply.code];
  const header = Buffer.alloc(HEADER);
  header.writeUInt16BE(query.id, 0);
  const flags = 0x80 | (query.opcode << 3) | (reply.authoritative ? 4 : 0) | (truncated ? 2 : 0);
  header.writeUInt8(flags | (query.recursionDesired ? 1 : 0), 2);
  header.writeUInt8(code & 0xf, 3);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(reply.answers.length, 6);
  header.writeUInt16BE(reply.authority.length, 8);
  header.writeUInt16BE(query.edns === undefined ? 0 : 1, 10);
  const records = [...reply.answers, ...reply.authority].map((record) => writeRecord(record, query.name));
  const edns = query.edns === undefined ? [] : [ednsRecord(code)];
  return Buffer.concat([header, query.question, ...records, ...edns]);
};

/** The owner name is written as a pointer to the question when it is the same. */
const writeRecord = (record: DnsRecord, asked: string): Buffer => {
  const name = record.name === asked ? Buffer.from([0xc0, HEADER]) : writeName(record.name);
  const data = recordData(record.type, record.value);
  const fixed = Buffer.alloc(10);
  fixed.writeUInt16BE(TYPE_NUMBERS.get(record.type) ?? 0, 0);
  fixed.writeUInt16BE(1, 2);
  fixed.writeUInt32BE(record.ttl, 4);
  fixed.writeUInt16BE(data.length, 8);
  return Buffer.concat([name, fixed, data]);
};

const ednsRecord = (code: number): Buffer => {
  const record = Buffer.alloc(11);
  record.writeUInt16BE(OPT, 1);
  record.writeUInt16BE(OWN_PAYLOAD, 3);
  record.writeUInt8(code >> 4, 5);
  return record;
};
