import type { Fault } from './parser.ts';
import { type PairCheck, stringMap } from './string-map.ts';

/** AWS takes 50 tags per resource. A target group has seven of ours: whose it is, what it is for, and what was stated. */
export const MOST_TAGS = 43;

/** Prefixes of AWS and of the tags that say who owns a resource: a user's value there would break ownership. */
const RESERVED = [
  'aws:',
  'elbv2.k8s.aws/',
  'ingress.k8s.aws/',
  'service.k8s.aws/',
  'gateway.k8s.aws',
  'alb.ingress.kubernetes.io/',
];

const TEXT = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;

const checkTag: PairCheck = (key, value) => {
  const fault = tagFault(key, value);
  return fault ? { fault } : { value };
};

const tagFault = (key: string, value: string): Fault | undefined => {
  const reserved = RESERVED.find((prefix) => key.toLowerCase().startsWith(prefix));
  if (reserved)
    return { expected: `a tag key that does not begin with ${reserved}, which is reserved`, value: key };
  if (key.length > 128 || !TEXT.test(key))
    return { expected: 'a tag key of at most 128 letters, digits, spaces and _ . : / = + - @', value: key };
  if (value.length > 256 || !TEXT.test(value))
    return {
      expected: 'a tag value of at most 256 letters, digits, spaces and _ . : / = + - @',
      at: key,
      value,
    };
  return undefined;
};

/** AWS resource tags, with the limits of the ELBv2 API (keys 1..128, values 0..256 characters). */
export const awsTags = stringMap('tags', checkTag, (map) => {
  const count = Object.keys(map).length;
  return count > MOST_TAGS ? [{ expected: `at most ${MOST_TAGS} tags, got ${count}` }] : [];
});
