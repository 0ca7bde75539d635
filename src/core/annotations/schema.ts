import { NOT_SUPPORTED_YET } from './known-elsewhere.ts';
import type { Row } from './row.ts';
import { ANNOTATIONS, PREFIX } from './table.ts';

/** What an editor needs to know about the `annotations` of an Ingress or Service. */
export type AnnotationsSchema = {
  readonly $schema: string;
  readonly title: string;
  readonly type: 'object';
  readonly properties: Readonly<Record<string, PropertySchema>>;
  readonly patternProperties: Readonly<Record<string, PropertySchema>>;
  readonly propertyNames: unknown;
};

type PropertySchema = {
  readonly type: 'string';
  readonly description: string;
  readonly deprecated?: true;
  readonly default?: string;
  readonly examples?: readonly string[];
  readonly enum?: readonly string[];
  readonly pattern?: string;
};

/**
 * A JSON schema (draft 2020-12) of `metadata.annotations`. It lets every value through that the parsers read and
 * refuses names under our prefix that nobody knows; annotations of others are free.
 */
export const annotationsSchema = (): AnnotationsSchema => {
  const known = PROPERTIES.filter(([name]) => !name.endsWith('*'));
  const families = PROPERTIES.filter(([name]) => name.endsWith('*'));
  const patterns = families.map(([name, schema]) => [familyPattern(name), schema] as const);
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Annotations of an Ingress or Service read by the ALB Ingress Controller',
    type: 'object',
    properties: Object.fromEntries(known.map(([name, schema]) => [`${PREFIX}${name}`, schema])),
    patternProperties: Object.fromEntries(patterns),
    propertyNames: {
      anyOf: [
        { not: { pattern: `^${literal(PREFIX)}` } },
        { enum: known.map(([name]) => `${PREFIX}${name}`) },
        ...patterns.map(([pattern]) => ({ pattern })),
      ],
    },
  };
};

const propertyOf = (row: Row): PropertySchema => ({
  type: 'string',
  description: row.doc,
  ...(row.initial ? { default: row.initial } : {}),
  examples: [row.example],
  ...row.parser.schema,
});

const deprecated = (description: string): PropertySchema => ({
  type: 'string',
  description,
  deprecated: true,
});

const PROPERTIES: readonly (readonly [string, PropertySchema])[] = [
  ...Object.entries(ANNOTATIONS).flatMap(([name, row]: [string, Row]) => [
    [name, propertyOf(row)] as const,
    ...(row.aliases ?? []).map((alias) => [alias, deprecated(`Old name of ${name}.`)] as const),
  ]),
  ...Object.keys(NOT_SUPPORTED_YET).map(
    (name) => [name, deprecated('Not supported yet: has no effect.')] as const,
  ),
];

/** For use inside a pattern; our names hold no other special character than the dot. */
const literal = (text: string): string => text.replaceAll('.', '\\.');

const familyPattern = (name: string): string => `^${literal(PREFIX)}${literal(name.slice(0, -1))}.+$`;
