import { NOT_SUPPORTED_YET } from './known-elsewhere.ts';
import type { Row } from './row.ts';
import { ANNOTATIONS, PREFIX } from './table.ts';

/** The reference page of all annotations, as Markdown. Generated, so that it cannot differ from what is read. */
export const annotationsPage = (): string =>
  [
    '# Annotations',
    '',
    `<!-- Generated from the annotation table. Change the table, then run \`npm run gen\`. -->`,
    '',
    `All names begin with \`${PREFIX}\`. A value that cannot be read is reported on the object and changes nothing:`,
    'what is served stays as it is until the value is corrected. A default is never put in its place. An annotation',
    'on a Service concerns its target groups, and who reaches them, and wins over the same one on the Ingress.',
    '',
    'How the members of a group agree:',
    '',
    ...Object.entries(MERGES).map(([name, words]) => `- **${name}**: ${words}`),
    '',
    '| Name | On | Type | Default | In a group | Since |',
    '| --- | --- | --- | --- | --- | --- |',
    ...ROWS.map(([name, row]) =>
      line([link(name), places(row), row.parser.type, initial(row), row.merge, since(row)]),
    ),
    '',
    ...ROWS.flatMap(([name, row]) => section(name, row)),
    '## Known to other controllers, not supported',
    '',
    'These are reported on the object and have no effect. Those in bold restrict who gets in.',
    '',
    ...Object.entries(NOT_SUPPORTED_YET).map(([name, { guards, never }]) => {
      const shown = guards ? `**\`${name}\`**` : `\`${name}\``;
      return `- ${shown} ${never ?? 'is not supported yet'}`;
    }),
    '',
  ].join('\n');

const ROWS: readonly (readonly [string, Row])[] = Object.entries(ANNOTATIONS);

const MERGES: Readonly<Record<Row['merge'], string>> = {
  exclusive: 'one value for the group. The earliest member that states it wins; the others are told.',
  'per-key': 'the same, for each key of the map.',
  union: 'the values of all members together.',
  'per-port': 'one value for each listener port. The earliest member on that port wins; the others are told.',
  'per-ingress': 'concerns the Ingress alone.',
};

const section = (name: string, row: Row): readonly string[] => [
  `## ${name}`,
  '',
  row.doc,
  '',
  `- Type: ${row.parser.type}`,
  ...(row.parser.details ?? []).map((detail) => `  - ${detail}`),
  `- Default: ${initial(row)}`,
  `- Example: ${code(row.example)}`,
  `- Refused, for example: ${code(row.invalid)}`,
  ...(row.aliases ? [`- Older spellings, still read: ${row.aliases.map(code).join(', ')}`] : []),
  `- Ends in: ${row.feeds.map(code).join(', ')}`,
  '',
];

const initial = ({ initial: text, otherwise }: Row): string => {
  if (text !== undefined) return text === '' ? 'none' : code(text);
  return otherwise ?? 'none';
};

const places = ({ on }: Row): string =>
  on.map((place) => (place === 'ingress' ? 'Ingress' : 'Service')).join(', ');

const SINCE = {
  2017: '2017 controller',
  LBC: 'AWS Load Balancer Controller',
  here: 'this controller',
} as const;

const since = (row: Row): string => SINCE[row.since];

/** GitHub drops everything but letters, digits, hyphens and spaces from a heading to make its anchor. */
const link = (name: string): string => `[\`${name}\`](#${name.toLowerCase().replaceAll(/[^a-z0-9 -]/g, '')})`;

const code = (text: string): string => `\`${text}\``;

const line = (cells: readonly string[]): string =>
  `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
