import { textOf } from '../text-of.ts';
import type { DnsAnswer, DnsRecord, Lookup, View } from './lookup.ts';
import { type Query, type Reply, readQuery, udpLimit, writeMalformed, writeReply } from './message.ts';

/**
 * The answer to one DNS message: undefined when none is due. Over UDP it is cut to what the client takes. What the
 * sandbox cannot answer is SERVFAIL and goes to `log` with the reason.
 */
export const answerQuery = (
  message: Buffer,
  transport: 'udp' | 'tcp',
  source: { readonly lookup: Lookup; readonly view: View; readonly log: (message: string) => void },
): Buffer | undefined => {
  const query = readQuery(message);
  if (query === undefined) return undefined;
  if ('malformed' in query) return writeMalformed(query.malformed);
  const limit = transport === 'udp' ? udpLimit(query) : 0xffff;
  try {
    return writeReply(query, replyTo(query, source), limit);
  } catch (error) {
    source.log(`SERVFAIL for ${query.name} ${query.type}: ${textOf(error)}`);
    return writeReply(query, refusal('SERVFAIL'), limit);
  }
};

const refusal = (code: Reply['code']): Reply => ({ code, authoritative: false, answers: [], authority: [] });

const replyTo = (query: Query, source: Parameters<typeof answerQuery>[2]): Reply => {
  if (query.opcode !== 0) return refusal('NOTIMP');
  if ((query.edns?.version ?? 0) > 0) return refusal('BADVERS');
  if (!query.internet) return refusal('REFUSED');
  const answer = source.lookup(query.name, query.type, source.view);
  if (answer.status === 'failed') throw new Error(answer.why);
  return fromAnswer(answer);
};

const fromAnswer = (answer: Exclude<DnsAnswer, { readonly status: 'failed' }>): Reply => {
  switch (answer.status) {
    case 'answer':
      return { code: 'NOERROR', authoritative: true, answers: answer.records, authority: [] };
    case 'refused':
      return refusal('REFUSED');
    default: {
      const code = answer.status === 'nxdomain' ? 'NXDOMAIN' : 'NOERROR';
      const authority = answer.authority === undefined ? [] : [negative(answer.authority)];
      return { code, authoritative: true, answers: answer.records, authority };
    }
  }
};

/** A SOA that says how long the absence may be remembered: its own TTL or its minimum, the shorter (RFC 2308). */
const negative = (soa: DnsRecord): DnsRecord => {
  const minimum = Number(soa.value.trim().split(/\s+/).at(-1));
  return { ...soa, ttl: Math.min(soa.ttl, Number.isInteger(minimum) ? minimum : soa.ttl) };
};
