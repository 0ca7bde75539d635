import type { LastAction } from '../model/rule.ts';
import { acceptUnless, type Parser, refuse } from './parser.ts';
import { wholeNumber } from './scalar-parsers.ts';
import {
  type Findings,
  fault,
  join,
  listOf,
  parseJson,
  record,
  type Shape,
  string,
  truth,
  whole,
  word,
} from './shape.ts';

/**
 * Where a forward goes: a port of a Service beside the Ingress (by number or name), or somebody's
 * target group, by ARN or by name.
 */
export type ForwardTarget =
  | { readonly service: string; readonly port: number | string; readonly weight: number }
  | { readonly arn: `arn:${string}`; readonly weight: number }
  | { readonly targetGroup: string; readonly weight: number };

/** What an `actions.*` annotation asks for; only forwards still have Services to be resolved. */
export type ActionSetting =
  | {
      readonly type: 'forward';
      readonly targets: readonly ForwardTarget[];
      readonly stickinessSeconds?: number;
    }
  | Exclude<LastAction, { type: 'forward' }>;

/** JSON of one action, in the shape that LBC documents. */
export const action: Parser<ActionSetting> = {
  type: 'JSON action: forward, redirect or fixed-response',
  schema: { pattern: '^\\s*\\{' },
  parse: (raw) => {
    const json = parseJson(raw);
    if (json === undefined)
      return refuse('JSON like {"type":"fixed-response","fixedResponseConfig":{"statusCode":"503"}}');
    const findings: Findings = { faults: [], remarks: [] };
    const read = ACTION(json, '', findings);
    const setting = read && settingOf(read, findings);
    if (setting === undefined) return acceptUnless(findings.faults, unreachable);
    return acceptUnless(findings.faults, () => setting, findings.remarks);
  },
};

/** A shape that gives undefined has noted a fault, so there is always one to refuse with. */
const unreachable = (): never => {
  throw new Error('an action was refused without a reason');
};

/** ELBv2 API: letters, digits and hyphens, not at the ends. Unique in an account and Region. */
const NAMED_GROUP = string(
  'the name of a target group: 1 to 32 letters, digits and hyphens, no hyphen at an end',
  (value) => /^[A-Za-z0-9]([A-Za-z0-9-]{0,30}[A-Za-z0-9])?$/.test(value),
);

const ARN = string(
  'the ARN of a target group, arn:aws:elasticloadbalancing:REGION:ACCOUNT:targetgroup/NAME/ID',
  (value) =>
    /^arn:aws[a-z-]*:elasticloadbalancing:[a-z0-9-]+:\d+:targetgroup\/[A-Za-z0-9-]{1,32}\/[0-9a-f]+$/.test(
      value,
    ),
);

const SERVICE = string('the name of a Service', (value) =>
  /^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/.test(value),
);

/** A port number, also written as text, or the name of a port (a DNS label). */
const SERVICE_PORT: Shape<number | string> = (value, at, findings) => {
  const expected = 'a port from 1 to 65535 or the name of a port of the Service';
  const port = typeof value === 'string' ? wholeNumber(value) : value;
  if (typeof port === 'number')
    return Number.isInteger(port) && port >= 1 && port <= 65_535
      ? port
      : fault(findings, at, expected, value);
  const named =
    typeof value === 'string' && value.length <= 63 && /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(value);
  return named ? value : fault(findings, at, expected, value);
};

/** AWS: at most five target groups per action, weights 0..999, stickiness one second to one week. */
const FORWARD = record({
  targetGroups: listOf(
    record({
      targetGroupARN: ARN,
      targetGroupName: NAMED_GROUP,
      serviceName: SERVICE,
      servicePort: SERVICE_PORT,
      weight: whole(0, 999),
    }),
    1,
    5,
  ),
  targetGroupStickinessConfig: record({ enabled: truth, durationSeconds: whole(1, 604_800) }),
});

/** A piece of a redirect: printable, within the length of the ELBv2 API, with AWS's placeholders only. */
const piece = (expected: string, most: number, fits: RegExp): Shape<string> =>
  string(
    `${expected}, at most ${most} characters; placeholders are #{protocol} #{host} #{port} #{path} #{query}`,
    (value) =>
      value.length <= most && fits.test(value.replaceAll(/#\{(protocol|host|port|path|query)\}/g, 'x')),
  );

const REDIRECT = record({
  protocol: word('HTTP', 'HTTPS', '#{protocol}'),
  host: piece('a host name', 128, /^[A-Za-z0-9.*?_-]+$/),
  port: string('a port as text, "1" to "65535", or "#{port}"', (value) => {
    const port = wholeNumber(value);
    return value === '#{port}' || (/^\d+$/.test(value) && port !== undefined && port >= 1 && port <= 65_535);
  }),
  path: piece('a path that begins with /', 128, /^\/[^\s#{}]*$/),
  query: piece('a query without the leading ?', 128, /^[^\s#{}]*$/),
  statusCode: word('HTTP_301', 'HTTP_302'),
});

const FIXED = record({
  statusCode: string('a status code as text: "2xx", "4xx" or "5xx", e.g. "503"', (value) =>
    /^[245]\d\d$/.test(value),
  ),
  contentType: word('text/plain', 'text/css', 'text/html', 'application/javascript', 'application/json'),
  messageBody: string('text of at most 1024 characters', (value) => value.length <= 1024),
});

const ACTION = record({
  type: word('forward', 'redirect', 'fixed-response'),
  targetGroupARN: ARN,
  targetGroupName: NAMED_GROUP,
  forwardConfig: FORWARD,
  redirectConfig: REDIRECT,
  fixedResponseConfig: FIXED,
});

type Read<S> = S extends Shape<infer T> ? T : never;

const settingOf = (read: Read<typeof ACTION>, findings: Findings): ActionSetting | undefined => {
  switch (read.type) {
    case 'forward':
      remarkUnused(read, ['redirectConfig', 'fixedResponseConfig'], findings);
      return forwardOf(read, findings);
    case 'redirect':
      remarkUnused(
        read,
        ['forwardConfig', 'fixedResponseConfig', 'targetGroupARN', 'targetGroupName'],
        findings,
      );
      return read.redirectConfig
        ? redirectOf(read.redirectConfig, findings)
        : fault(findings, 'redirectConfig', 'a redirectConfig, because type is redirect');
    case 'fixed-response':
      remarkUnused(read, ['forwardConfig', 'redirectConfig', 'targetGroupARN', 'targetGroupName'], findings);
      return read.fixedResponseConfig
        ? fixedOf(read.fixedResponseConfig, findings)
        : fault(findings, 'fixedResponseConfig', 'a fixedResponseConfig, because type is fixed-response');
    default:
      return fault(findings, 'type', 'one of forward, redirect, fixed-response');
  }
};

const remarkUnused = (
  read: Read<typeof ACTION>,
  names: readonly (keyof Read<typeof ACTION>)[],
  findings: Findings,
): void => {
  for (const name of names)
    if (read[name] !== undefined)
      findings.remarks.push({
        at: name,
        expected: `has no effect: an action of type ${read.type} does not use it`,
      });
};

const forwardOf = (read: Read<typeof ACTION>, findings: Findings): ActionSetting | undefined => {
  const { targetGroupARN: arn, targetGroupName: name, forwardConfig: config } = read;
  const given = [arn, name, config].filter((it) => it !== undefined);
  if (given.length > 1)
    return fault(
      findings,
      config ? 'forwardConfig' : 'targetGroupName',
      'only one of forwardConfig, targetGroupARN and targetGroupName',
    );
  if (arn !== undefined) return { type: 'forward', targets: [{ arn: asArn(arn), weight: 1 }] };
  if (name !== undefined) return { type: 'forward', targets: [{ targetGroup: name, weight: 1 }] };
  if (!config?.targetGroups)
    return fault(
      findings,
      'forwardConfig.targetGroups',
      'target groups, or targetGroupARN or targetGroupName for a single one',
    );
  const targets = targetsOf(config.targetGroups, findings);
  const stickiness = config.targetGroupStickinessConfig;
  if (stickiness?.enabled && stickiness.durationSeconds === undefined)
    return fault(
      findings,
      'forwardConfig.targetGroupStickinessConfig.durationSeconds',
      'seconds from 1 to 604800, because enabled is true',
    );
  const seconds = stickiness?.enabled ? stickiness.durationSeconds : undefined;
  return (
    targets && { type: 'forward', targets, ...(seconds === undefined ? {} : { stickinessSeconds: seconds }) }
  );
};

type Tuple = NonNullable<Read<typeof FORWARD>['targetGroups']>[number];

const targetsOf = (tuples: readonly Tuple[], findings: Findings): readonly ForwardTarget[] | undefined => {
  const seen = new Set<string>();
  const targets = tuples.map((tuple, index) => {
    const at = `forwardConfig.targetGroups[${index}]`;
    if (tuple.weight === undefined && tuples.length > 1)
      return fault(
        findings,
        join(at, 'weight'),
        'a weight from 0 to 999, because there are several target groups',
      );
    const target = targetOf(tuple, at, findings);
    const identity = target && identityOf(target);
    if (identity !== undefined && seen.has(identity))
      return fault(findings, at, `every target once, but ${identity} is there twice`);
    if (identity !== undefined) seen.add(identity);
    return target;
  });
  const read = targets.filter((target) => target !== undefined);
  return read.length === tuples.length ? read : undefined;
};

const identityOf = (target: ForwardTarget): string => {
  if ('arn' in target) return target.arn;
  return 'targetGroup' in target ? target.targetGroup : `${target.service}:${target.port}`;
};

const targetOf = (tuple: Tuple, at: string, findings: Findings): ForwardTarget | undefined => {
  const { serviceName: service, servicePort: port, targetGroupARN: arn, weight = 1 } = tuple;
  const { targetGroupName: name } = tuple;
  if ([arn, name, service].filter((it) => it !== undefined).length > 1)
    return fault(findings, at, 'only one of serviceName, targetGroupARN and targetGroupName');
  if (arn !== undefined) return { arn: asArn(arn), weight };
  if (name !== undefined) return { targetGroup: name, weight };
  if (service === undefined)
    return fault(findings, at, 'serviceName with servicePort, or targetGroupARN, or targetGroupName');
  if (port === undefined)
    return fault(findings, join(at, 'servicePort'), 'the port number or port name of the Service');
  return { service, port, weight };
};

/** The ARN shape has checked the text already. */
const asArn = (text: string): `arn:${string}` => `arn:${text.slice('arn:'.length)}`;

/** AWS: a redirect must change protocol, host, port or path; what is absent stays as in the request. */
const redirectOf = (config: Read<typeof REDIRECT>, findings: Findings): ActionSetting | undefined => {
  const {
    protocol = '#{protocol}',
    host = '#{host}',
    port = '#{port}',
    path = '/#{path}',
    query = '#{query}',
  } = config;
  if (config.statusCode === undefined)
    return fault(findings, 'redirectConfig.statusCode', 'HTTP_301 or HTTP_302');
  if (protocol === '#{protocol}' && host === '#{host}' && port === '#{port}' && path === '/#{path}')
    return fault(
      findings,
      'redirectConfig',
      'another protocol, host, port or path than the request has: it would redirect to itself',
    );
  return { type: 'redirect', protocol, host, port, path, query, statusCode: config.statusCode };
};

const fixedOf = (config: Read<typeof FIXED>, findings: Findings): ActionSetting | undefined => {
  const { statusCode, contentType = 'text/plain', messageBody = '' } = config;
  if (statusCode === undefined)
    return fault(findings, 'fixedResponseConfig.statusCode', 'a status code as text, e.g. "503"');
  return { type: 'fixed-response', statusCode, contentType, messageBody };
};
