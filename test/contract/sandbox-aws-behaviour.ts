/** Makes docs/reference/sandbox-behaviour.md: `npm run gen:sandbox`. A test compares the page with what this would write. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { emptyAccount } from '../../src/sandbox/aws/account.ts';
import { makeClock } from '../../src/sandbox/aws/clock.ts';
import { CONTROL_ROUTES } from '../../src/sandbox/aws/control-routes.ts';
import { makeLinks } from '../../src/sandbox/aws/elbv2/links.ts';
import { FACTS } from '../../src/sandbox/aws/facts.ts';
import { LAG_KINDS } from '../../src/sandbox/aws/lag.ts';
import { SERVICES } from '../../src/sandbox/aws/services.ts';
import { THROTTLING } from '../../src/sandbox/aws/throttling.ts';
import { motoResults } from './sandbox-aws-moto-results.ts';
import { PROBES } from './sandbox-aws-probes.ts';
import type { Rule, Section } from './sandbox-aws-rule.ts';
import { SECTIONS } from './sandbox-aws-rules.ts';

export const PAGE = join(import.meta.dirname, '../../docs/reference/sandbox-behaviour.md');

export const behaviourPage = async (): Promise<string> =>
  `${[
    HEAD,
    await servicesPart(),
    ...SECTIONS.map(rulesPart),
    factsPart(),
    throttlingPart(),
    controlPart(),
    comparisonPart(),
  ].join('\n\n')}\n`;

const HEAD = `<!-- Made from the tables of the tests by \`npm run gen:sandbox\`. Do not edit. -->

# How the sandbox's AWS behaves

The embedded AWS API refuses what AWS refuses, with AWS's codes. Each rule below says where it is known from and which
probes enforce it; a probe is a test of that name in \`test/contract/sandbox-aws-probes.test.ts\`. No rule was checked
against live AWS.

Known from: \`docs\` AWS's documentation · \`model\` AWS's service model or SDK · \`seen\` errors that users of AWS quote in
public · \`run\` observed by running clients and emulators · \`clients\` what AWS's own clients count on · \`memory\` nothing
better; texts and codes of such rules may differ from AWS's.

## Accounts and Regions

Any access key and secret are taken; requests are not checked against their signature, only the credential scope is read.
An access key of twelve digits is the id of an account of its own, credentials of a role lead to the role's account, and
every other key is of account 123456789012. Each account has a state of its own in each Region of AWS, made with the same fixtures when it is first asked for. Route 53,
IAM, Shield and STS are global: an account's are those of the sandbox's own Region, whatever Region a request is signed
for. The data plane and DNS serve account 123456789012 in the sandbox's own Region. A request signed for a Region that
does not exist is refused with \`SignatureDoesNotMatch\`.`;

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.map(cell).join(' | ')} |`).join('\n');

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

const servicesPart = async (): Promise<string> => {
  const account = emptyAccount({
    id: '123456789012',
    region: 'us-west-1',
    facts: { ...FACTS },
    clock: makeClock(1),
  });
  const elb = { account, links: makeLinks(account) };
  const services = await Promise.all(SERVICES.map((door) => Promise.resolve(door.open(elb))));
  const rows = services.map(({ signingName, operations }) => [
    `\`${signingName}\``,
    String(Object.keys(operations).length),
    Object.keys(operations).toSorted().join(', '),
  ]);
  return `## Operations served\n\nEverything else answers \`InvalidAction\` (Query, REST) or \`UnknownOperationException\` (JSON) and names the operation; a member that is\nunderstood but not served answers \`NotImplemented\`.\n\n${table(['Service', 'Number', 'Operations'], rows)}`;
};

const rulesPart = ({ title, rules }: Section): string =>
  `## ${title}\n\n${table(
    ['Rule', 'Code', 'Known from', 'Enforced by'],
    rules.map(([rule, code, source, enforced]: Rule) => [
      rule,
      code === 'none' ? '' : code,
      `\`${source}\``,
      typeof enforced === 'string' ? `not enforced: ${enforced}` : enforced.join('; '),
    ]),
  )}`;

const factsPart = (): string =>
  `## Facts\n\nQuotas, times in AWS seconds, and what AWS's documentation leaves open. Each can be set, in process when the sandbox is\nstarted and through the control endpoint at any time.\n\n${table(
    ['Fact', 'Default'],
    Object.entries(FACTS).map(([name, value]) => [`\`${name}\``, `\`${value}\``]),
  )}`;

const throttlingPart = (): string => {
  const rows = THROTTLING.aws.map((bucket) => [
    `\`${bucket.service}\``,
    `${bucket.operations.join(', ')}${bucket.unfiltered ? ' without filters' : ''}`,
    String(bucket.burst),
    String(bucket.perSecond),
    [
      bucket.also ? 'besides the others' : '',
      bucket.each ? 'one for each operation' : '',
      bucket.perChange ? 'a token for each change, two for an UPSERT' : '',
    ]
      .filter((note) => note !== '')
      .join('; '),
  ]);
  return `## Throttling\n\nOff unless switched on. A call takes a token from the first bucket that fits and from every bucket marked so; buckets fill in\nAWS time, so a clock that runs 60 times as fast fills them 60 times as fast. Profile \`aws\` has the figures AWS publishes;\n\`aws-current\` has 200 tokens and 50 a second for ELBv2's Describe calls, which clients of AWS count on since 2026; \`custom\`\ntakes buckets of this form.\n\n${table(['Service', 'Operations', 'Tokens', 'A second', 'Note'], rows)}`;
};

const controlPart = (): string =>
  `## Control endpoint\n\nOn the port of the AWS API, for this machine only: requests from elsewhere, or with a Host or Origin that is not loopback,\nget 403. Bodies are JSON; an error is \`{"error": "…"}\` with status 400, 404 or 405.\n\n${table(
    ['Request', 'What it does'],
    CONTROL_ROUTES.map(({ method, path, doc }) => [`\`${method} /_sandbox${path}\``, doc]),
  )}\n\nA fault is \`{"kind": …}\` with, if wanted, \`service\` (the signing name), \`operation\`, \`count\`, \`skip\`, \`probability\` with \`seed\`, and\n\`latency\` in real milliseconds. Kinds: \`throttle\`, \`internal\` (500), \`unavailable\` (503), \`denied\` (403), \`error\` with \`code\`, \`status\`\nand \`message\`, \`lost-request\` (the connection breaks before anything is done), \`lost-reply\` (after everything is done),\n\`partial-page\` (the shortest page possible), \`slow\`.\n\nReads can lag for these kinds: ${LAG_KINDS.map((kind) => `\`${kind}\``).join(', ')}. Writes never do.`;

const comparisonPart = (): string => {
  const moto = motoResults();
  const marks = { right: 'yes', wrong: 'no', 'not asked': '' } as const;
  const rows = Object.entries(PROBES).flatMap(([area, probes]) =>
    probes.map(([row, error]) => [
      area,
      row,
      `\`${error}\``,
      'yes',
      marks[moto?.results[area]?.[row] ?? 'not asked'],
    ]),
  );
  const asked = rows.filter((cells) => cells[4] !== '').length;
  const right = rows.filter((cells) => cells[4] === 'yes').length;
  const said =
    moto === undefined
      ? "moto's server was not asked."
      : `moto's server ${moto.version} was asked ${asked} of them (those that need no lever of the sandbox) with \`npm run compare:moto\`, and does ${right} as AWS. Its texts were not compared, only its codes.`;
  return `## Probes\n\nThe sandbox does all ${rows.length} as AWS. ${said}\n\n${table(['Area', 'Probe', 'Outcome', 'Sandbox', 'moto'], rows)}`;
};

if (process.argv[1] === import.meta.filename) writeFileSync(PAGE, await behaviourPage());
