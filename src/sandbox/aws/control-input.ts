/** Reads what the control endpoint is told; everything that does not fit is an error that says what was expected. */
import type { Facts } from './facts.ts';
import { FACTS } from './facts.ts';
import type { Fault } from './faults.ts';
import { FAULT_KINDS } from './faults.ts';
import type { LagKind } from './lag.ts';
import { LAG_KINDS } from './lag.ts';
import type { Bucket, ThrottlingProfile } from './throttling.ts';

/** A JSON object. */
export type Command = Readonly<Record<string, unknown>>;

export const readCommand = (text: string): Command => {
  let value: unknown;
  try {
    value = JSON.parse(text === '' ? '{}' : text);
  } catch {
    throw new Error('The body must be a JSON object; it is no JSON.');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Error('The body must be a JSON object.');
  return value as Command;
};

type Kind = 'string' | 'number' | 'boolean';

const members = (what: string, command: Command, known: Readonly<Record<string, Kind>>): void => {
  for (const [name, value] of Object.entries(command)) {
    const kind = known[name];
    if (kind === undefined)
      throw new Error(`'${name}' is no member of ${what}; known are ${Object.keys(known).join(', ')}.`);
    if (typeof value !== kind || Number.isNaN(value))
      throw new Error(`'${name}' of ${what} must be a ${kind}, not ${JSON.stringify(value)}.`);
  }
};

const FAULT_MEMBERS: Readonly<Record<keyof Fault, Kind>> = {
  kind: 'string',
  service: 'string',
  operation: 'string',
  count: 'number',
  skip: 'number',
  probability: 'number',
  seed: 'number',
  latency: 'number',
  code: 'string',
  status: 'number',
  message: 'string',
};

export const readFault = (command: Command): Fault => {
  members('a fault', command, FAULT_MEMBERS);
  const fault = command as Fault;
  if (!FAULT_KINDS.includes(fault.kind))
    throw new Error(`'kind' of a fault must be one of ${FAULT_KINDS.join(', ')}, not ${fault.kind}.`);
  const { probability, status, latency, kind } = fault;
  if (probability !== undefined && !(probability >= 0 && probability <= 1))
    throw new Error(`'probability' of a fault must be between 0 and 1, not ${probability}.`);
  if (status !== undefined && !(status >= 400 && status <= 599))
    throw new Error(`'status' of a fault must be between 400 and 599, not ${status}.`);
  if (latency !== undefined && !(latency >= 0 && latency <= 600_000))
    throw new Error(`'latency' of a fault must be between 0 and 600000 milliseconds, not ${latency}.`);
  if (kind === 'error' && fault.code === undefined)
    throw new Error("A fault of kind 'error' needs a 'code'.");
  if (kind === 'slow' && latency === undefined) throw new Error("A fault of kind 'slow' needs a 'latency'.");
  return fault;
};

export const readLag = (command: Command): Readonly<Partial<Record<LagKind, number>>> => {
  const known = Object.fromEntries(LAG_KINDS.map((kind) => [kind, 'number' as const]));
  members('the lag', command, known);
  for (const [kind, seconds] of Object.entries(command))
    if (!(Number(seconds) >= 0)) throw new Error(`The lag of '${kind}' must be 0 or more seconds.`);
  return command as Readonly<Partial<Record<LagKind, number>>>;
};

const BUCKET_MEMBERS: Readonly<Record<Exclude<keyof Bucket, 'operations'>, Kind>> = {
  service: 'string',
  burst: 'number',
  perSecond: 'number',
  also: 'boolean',
  each: 'boolean',
  unfiltered: 'boolean',
  perChange: 'boolean',
};

const readBucket = (value: unknown): Bucket => {
  if (typeof value !== 'object' || value === null) throw new Error('A bucket must be an object.');
  const { operations, ...rest } = value as Command;
  members('a bucket', rest, BUCKET_MEMBERS);
  const missing = ['service', 'burst', 'perSecond'].find((name) => !(name in rest));
  if (missing !== undefined) throw new Error(`A bucket needs '${missing}'.`);
  if (!Array.isArray(operations) || !operations.every((name) => typeof name === 'string'))
    throw new Error("'operations' of a bucket must be a list of names, with * at the end or the start.");
  return value as Bucket;
};

const PROFILES: readonly ThrottlingProfile[] = ['off', 'aws', 'aws-current', 'custom'];

export const readThrottling = (
  command: Command,
): { readonly profile: ThrottlingProfile; readonly buckets: readonly Bucket[] } => {
  const { profile, buckets, ...others } = command;
  members('the throttling', others, {});
  const known = PROFILES.find((one) => one === profile);
  if (known === undefined)
    throw new Error(`'profile' must be one of ${PROFILES.join(', ')}, not ${JSON.stringify(profile)}.`);
  if ((known === 'custom') !== Array.isArray(buckets))
    throw new Error("'buckets' must be given with the profile 'custom', and only then.");
  return { profile: known, buckets: Array.isArray(buckets) ? buckets.map(readBucket) : [] };
};

export const readFacts = (command: Command): Partial<Facts> => {
  const known = Object.fromEntries(
    Object.entries(FACTS).map(([name, value]) => [name, typeof value as Kind]),
  );
  members('the facts', command, known);
  return command as Partial<Facts>;
};

/** One number of a command. */
export const readNumber = (command: Command, name: string): number => {
  members('the command', command, { [name]: 'number' });
  const value = command[name];
  if (typeof value !== 'number') throw new Error(`The command needs '${name}', a number.`);
  return value;
};
