import type { Transform } from '../model/rule.ts';
import { acceptUnless, type Parser, refuse } from './parser.ts';
import { isRe2, WITHOUT } from './regex.ts';
import { type Findings, fault, join, listOf, parseJson, record, string, word } from './shape.ts';

/** JSON of the transforms of one rule, in the shape that LBC documents. */
export const transforms: Parser<readonly Transform[]> = {
  type: 'JSON list of transforms',
  schema: { pattern: '^\\s*\\[' },
  parse: (raw) => {
    const json = parseJson(raw);
    if (json === undefined)
      return refuse(
        'JSON like [{"type":"url-rewrite","urlRewriteConfig":{"rewrites":[{"regex":"^/api/(.*)$","replace":"/$1"}]}}]',
      );
    const findings: Findings = { faults: [], remarks: [] };
    const entries = LIST(json, '', findings) ?? [];
    const read = entries
      .map((entry, index) => transformOf(entry, `[${index}]`, findings))
      .filter((one) => one !== undefined);
    for (const { type } of read)
      if (read.filter((other) => other.type === type).length > 1 && findings.faults.length === 0)
        fault(findings, '', `one transform of type ${type}, which is all that a rule takes`);
    return acceptUnless(findings.faults, () => read.toSorted(byType), findings.remarks);
  },
};

/** They act on different parts of a request: their order means nothing. */
const byType = (a: Transform, b: Transform): number => (a.type < b.type ? -1 : 1);

/** AWS: at most this many characters in an expression and in its replacement. */
const LONGEST = 1024;

/** AWS takes exactly one rewrite in a transform. */
const CONFIG = record({
  rewrites: listOf(
    record({
      regex: string(
        `a regular expression of 1 to ${LONGEST} characters ${WITHOUT}`,
        (value) => value !== '' && value.length <= LONGEST && isRe2(value),
      ),
      replace: string(`text of at most ${LONGEST} characters`, (value) => value.length <= LONGEST),
    }),
    1,
    1,
  ),
});

const LIST = listOf(
  record({
    type: word('url-rewrite', 'host-header-rewrite'),
    urlRewriteConfig: CONFIG,
    hostHeaderRewriteConfig: CONFIG,
  }),
  0,
  2,
);

const CONFIGS = {
  'url-rewrite': 'urlRewriteConfig',
  'host-header-rewrite': 'hostHeaderRewriteConfig',
} as const;

type Entry = NonNullable<ReturnType<typeof LIST>>[number];

const transformOf = (entry: Entry, at: string, findings: Findings): Transform | undefined => {
  const { type } = entry;
  if (type === undefined)
    return fault(findings, join(at, 'type'), `one of ${Object.keys(CONFIGS).join(', ')}`);
  const name = CONFIGS[type];
  for (const other of Object.values(CONFIGS))
    if (other !== name && entry[other] !== undefined)
      findings.remarks.push({
        at: join(at, other),
        expected: `has no effect: a transform of type ${type} does not use it`,
      });
  if (entry[name] === undefined) return fault(findings, join(at, name), `a ${name}, because type is ${type}`);
  const rewrite = entry[name].rewrites?.[0];
  const place = join(at, `${name}.rewrites`);
  if (rewrite === undefined) return fault(findings, place, 'one rewrite');
  const { regex, replace } = rewrite;
  if (regex === undefined) return fault(findings, `${place}[0].regex`, 'a regular expression');
  if (replace === undefined)
    return fault(findings, `${place}[0].replace`, 'the text that takes the place of what matches');
  return { type, regex, replace };
};
