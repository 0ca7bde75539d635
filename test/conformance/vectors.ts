/** Third-party data: inputs, and what LBC v3.5 makes of them. They lie beside the repository, and need not be there. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../../../shared/conformance');
const PAGE = join(import.meta.dirname, '../../docs/reference/compatibility.md');

export const areThere = existsSync(ROOT);

// biome-ignore lint/suspicious/noExplicitAny: data of others, read member by member
export type Json = any;

export type Case = {
  readonly name: string;
  readonly input: Json;
  readonly expected?: Json;
  readonly expectedError?: string | true;
};

/** Words that stand for AWS's in the data. Ours checks them, so they get a form that AWS could give them. */
const PLACEHOLDERS: readonly (readonly [RegExp, string])[] = [
  [/\btg-arn\b/g, 'arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/blue/0123456789abcdef'],
  [/\bmy-ip-pool/g, 'ipv4pool-coip-0a1b2c3d'],
  [/\bmy-another-pool/g, 'ipv4pool-coip-0e'],
  [/\battrKey1\b/g, 'routing.http.response.strict_transport_security.header_value'],
  [/\battrKey2\b/g, 'routing.http.response.content_security_policy.header_value'],
  [/\beip-(\d+)\b/g, 'eipalloc-0$1'],
  [/(\/ipam-ipv4-pool-id":)"(\w+)"/g, '$1"ipam-pool-$2"'],
];

export const table = (name: string): { readonly match?: string; readonly cases: readonly Case[] } =>
  JSON.parse(
    PLACEHOLDERS.reduce(
      (text, [theirs, ours]) => text.replaceAll(theirs, ours),
      readFileSync(join(ROOT, `tables/${name}.json`), 'utf8'),
    ),
  );

export const stacks = (): readonly (readonly [string, Json])[] =>
  readdirSync(join(ROOT, 'ingress'))
    .sort()
    .map((file) => [
      file.replace('.json', ''),
      JSON.parse(readFileSync(join(ROOT, 'ingress', file), 'utf8')),
    ]);

export type Standing = 'better' | 'missing';

/** Rows of the compatibility page: cases that differ on purpose, and cases whose feature is not there yet. */
export const explained: ReadonlyMap<string, Standing> = new Map(
  [...readFileSync(PAGE, 'utf8').matchAll(/^\| `([^`]+)` \| (better|missing) \|/gm)].map((match) => [
    match[1] ?? '',
    match[2] as Standing,
  ]),
);

/** Names of all tables. */
export const tableNames = (): readonly string[] =>
  readdirSync(join(ROOT, 'tables'))
    .map((file) => file.replace('.json', ''))
    .sort();

/** Rows of the compatibility page about tables that have no counterpart; a star stands for any ending. */
export const uncompared: readonly string[] = [
  ...readFileSync(PAGE, 'utf8').matchAll(/^\| `([\w-]+\*?)` \| (?!better|missing)/gm),
].map((match) => match[1] ?? '');

/** The same data without order of members, and with nothing, empty lists and empty maps the same. */
export const plain = (value: Json): Json => {
  if (Array.isArray(value)) return value.length === 0 ? undefined : value.map(plain);
  if (typeof value !== 'object' || value === null) return value === null ? undefined : value;
  const members = Object.entries(value)
    .map(([name, member]) => [name, plain(member)] as const)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return members.length === 0 ? undefined : Object.fromEntries(members);
};
