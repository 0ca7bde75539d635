/** Command line and environment → options. A bad value is an error that says what was expected, never a default. */

import { parseArgs } from 'node:util';
import { textOf } from '../core/text-of.ts';
import { IGNORED_FLAGS } from './flags/ignored.ts';
import type { Command, FlagRow } from './flags/row.ts';
import { FLAGS, type FlagName, type WordFlag, type WordOf } from './flags/table.ts';

export type Options = {
  readonly text: (name: FlagName) => string | undefined;
  readonly required: (name: FlagName) => string;
  readonly list: (name: FlagName) => readonly string[];
  readonly truth: (name: FlagName) => boolean;
  /** Seconds. */
  readonly seconds: (name: FlagName) => number;
  readonly port: (name: FlagName) => number;
  /** One of the words of the flag, in whatever case it was written. */
  readonly word: <Name extends WordFlag>(name: Name) => WordOf<Name>;
  /** Lines to log once: flags that were accepted without effect. */
  readonly remarks: readonly string[];
};

/** Something the user must change on the command line. */
export class UsageError extends Error {}

const rows: Readonly<Record<string, FlagRow>> = FLAGS;

/** Reads `argv` (after the command) and `env` for a command. Throws {@link UsageError}. */
export const readOptions = (
  command: Command,
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Options => {
  const { values, remarks } = readArgv(command, argv);
  const text = (name: FlagName): string | undefined => {
    const row = rows[name];
    return (
      values.get(name)?.at(-1) ??
      (row?.env && env[row.env] ? env[row.env] : undefined) ??
      (name === 'aws-region' ? env.AWS_DEFAULT_REGION : undefined) ??
      row?.initial
    );
  };
  const required = (name: FlagName): string => {
    const value = text(name);
    if (value) return value;
    const source = rows[name]?.env;
    throw new UsageError(`--${name} is required${source ? `; give the flag or set ${source}` : ''}`);
  };
  const options: Options = {
    text,
    required,
    list: (name) =>
      [...(values.get(name) ?? [text(name) ?? ''])]
        .flatMap((value) => value.split(','))
        .map((value) => value.trim())
        .filter((value) => value !== ''),
    truth: (name) => readTruth(name, text(name)),
    seconds: (name) => readDuration(name, required(name)),
    port: (name) => readPort(name, required(name)),
    word: <Name extends WordFlag>(name: Name) => readWord(name, required(name)) as WordOf<Name>,
    remarks,
  };
  for (const [name, row] of Object.entries(rows) as [FlagName, FlagRow][])
    if (row.commands.includes(command)) CHECKS[row.type]?.(name, text(name));
  return options;
};

const readArgv = (
  command: Command,
  argv: readonly string[],
): { readonly values: ReadonlyMap<string, readonly string[]>; readonly remarks: readonly string[] } => {
  const options: Record<string, { type: 'string'; short?: string; multiple: true }> = {};
  const canonical = new Map<string, string>();
  for (const [name, row] of Object.entries(rows)) {
    const type = 'string';
    const short = row.aliases?.find((alias) => alias.length === 1);
    options[name] = { type, multiple: true, ...(short && { short }) };
    for (const alias of row.aliases?.filter((it) => it.length > 1) ?? []) {
      options[alias] = { type, multiple: true };
      canonical.set(alias, name);
    }
  }
  for (const name of Object.keys(IGNORED_FLAGS)) options[name] = { type: 'string', multiple: true };
  // Switches are text to the parser, so that `--x=false` can be said; alone they mean true.
  const isTruth = (arg: string): boolean =>
    arg.startsWith('--') && rows[canonical.get(arg.slice(2)) ?? arg.slice(2)]?.type === 'truth';
  // Some of the flags without effect are switches elsewhere, and some take a value: the next argument tells.
  const isAlone = (arg: string, index: number): boolean =>
    IGNORED_FLAGS[arg.slice(2)] !== undefined && (argv[index + 1] ?? '-').startsWith('-');
  const parsed = parse(
    command,
    argv.map((arg, index) => (isTruth(arg) || isAlone(arg, index) ? `${arg}=true` : arg)),
    options,
  );
  const values = new Map<string, readonly string[]>();
  const remarks: string[] = [];
  for (const [given, value] of Object.entries(parsed)) {
    const name = canonical.get(given) ?? given;
    const ignored = IGNORED_FLAGS[given];
    if (ignored) remarks.push(`--${given} has no effect: ${ignored}`);
    else if (!rows[name]?.commands.includes(command))
      throw new UsageError(`--${given} is no flag of ${command}; see alb-ingress ${command} --help`);
    else
      values.set(name, [
        ...(values.get(name) ?? []),
        ...(Array.isArray(value) ? value : [value]).map(String),
      ]);
  }
  return { values, remarks };
};

const parse = (
  command: Command,
  argv: readonly string[],
  options: Record<string, { type: 'string'; multiple: true }>,
): Readonly<Record<string, unknown>> => {
  const { values, positionals } = parsed(command, argv, options);
  const [stray] = positionals;
  if (stray === undefined) return values;
  const file = FILE_FLAG[command];
  const meant = file === undefined ? '' : `; files are named with ${file}`;
  throw new UsageError(`${command} takes flags only, got ${JSON.stringify(stray)}${meant}`);
};

const FILE_FLAG: Readonly<Partial<Record<Command, string>>> = { plan: '-f', sandbox: '--apply' };

const parsed = (
  command: Command,
  argv: readonly string[],
  options: Record<string, { type: 'string'; multiple: true }>,
): { readonly values: Readonly<Record<string, unknown>>; readonly positionals: readonly string[] } => {
  try {
    return parseArgs({ args: [...argv], options, allowPositionals: true, strict: true });
  } catch (error) {
    const [said] = textOf(error).split('. ');
    throw new UsageError(`${said}; see alb-ingress ${command} --help`);
  }
};

const readTruth = (name: string, value: string | undefined): boolean => {
  if (value === undefined || /^(false|0|no)$/i.test(value)) return false;
  if (/^(true|1|yes)$/i.test(value)) return true;
  throw new UsageError(`--${name}: expected true or false, got ${JSON.stringify(value)}`);
};

const readWord = (name: string, value: string): string => {
  const { words = [] } = rows[name] ?? {};
  const word = words.find((it) => it === value.toLowerCase());
  if (word !== undefined) return word;
  throw new UsageError(`--${name}: expected ${words.join(', ')}, got ${JSON.stringify(value)}`);
};

const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600 };

/** Go's notation, as Kubernetes users write it: `90s`, `10m`, `1h30m`; a plain number is seconds. */
const readDuration = (name: string, value: string): number => {
  if (/^\d+$/.test(value)) return Number(value);
  if (!/^(\d+(\.\d+)?[smh])+$/.test(value))
    throw new UsageError(
      `--${name}: expected a duration like 90s, 10m or 1h30m, got ${JSON.stringify(value)}`,
    );
  return [...value.matchAll(/(\d+(?:\.\d+)?)([smh])/g)].reduce(
    (sum, [, number, unit]) => sum + Number(number) * (UNITS[unit ?? 's'] ?? 1),
    0,
  );
};

const readPort = (name: string, value: string): number => {
  const port = Number(value);
  if (/^\d+$/.test(value) && port <= 65_535) return port;
  throw new UsageError(`--${name}: expected a port from 0 to 65535, got ${JSON.stringify(value)}`);
};

/** Readers of a type that can be wrong: a bad value ends the program at its start, used or not. */
const CHECKS: Readonly<
  Partial<Record<FlagRow['type'], (name: string, value: string | undefined) => unknown>>
> = {
  truth: readTruth,
  word: (name, value) => value !== undefined && readWord(name, value),
  duration: (name, value) => value !== undefined && readDuration(name, value),
  port: (name, value) => value !== undefined && readPort(name, value),
};
