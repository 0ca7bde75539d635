/** What the control endpoint can do, as a table: the reference page is made from it. */
import type { Command } from './control-input.ts';
import { readFacts, readFault, readLag, readNumber, readThrottling } from './control-input.ts';
import type { SandboxAws } from './sandbox-aws.ts';
import type { StoredTrustStore } from './state.ts';

export type ControlReply = { readonly status: number; readonly body?: unknown };

type Asked = {
  readonly aws: SandboxAws;
  /** What the groups of the pattern matched, decoded. */
  readonly parts: readonly string[];
  readonly query: URLSearchParams;
  readonly text: string;
  /** The body as a JSON object. */
  readonly command: () => Command;
};

type ControlRoute = {
  readonly method: 'GET' | 'PUT' | 'POST' | 'PATCH' | 'DELETE';
  /** As the reference page shows it. */
  readonly path: string;
  readonly pattern: RegExp;
  readonly doc: string;
  readonly run: (asked: Asked) => ControlReply;
};

const ok = (body: unknown = {}): ControlReply => ({ status: 200, body });
const absent = (what: string): ControlReply => ({ status: 404, body: { error: `There is no ${what}.` } });

const route = (
  method: ControlRoute['method'],
  path: string,
  doc: string,
  run: ControlRoute['run'],
): ControlRoute => ({
  method,
  path,
  pattern: new RegExp(`^${path.replace(/\{(\w+)\}/g, (_, name) => (name === 'KEY' ? '(.+)' : '([^/]+)'))}$`),
  doc,
  run,
});

export const CONTROL_ROUTES: readonly ControlRoute[] = [
  route('GET', '', 'what is here: account, Region, clock, levers in force, and these routes', ({ aws }) =>
    ok(overview(aws)),
  ),
  route(
    'GET',
    '/journal',
    'calls in their order, with account, Region, service, operation, input, time and error code; `service`, `operation`, `code` and `limit` (the last so many) in the query choose',
    ({ aws, query }) => ok({ entries: chosen(aws, query) }),
  ),
  route('DELETE', '/journal', 'forgets the calls', ({ aws }) => {
    aws.clearJournal();
    return ok();
  }),
  route('GET', '/faults', 'the faults in force and how many calls each has hit', ({ aws }) =>
    ok({ faults: aws.faults.list() }),
  ),
  route('POST', '/faults', 'adds a fault; answers with its id', ({ aws, command }) => {
    aws.faults.add(readFault(command()));
    return { status: 201, body: aws.faults.list().at(-1) };
  }),
  route('DELETE', '/faults', 'takes all faults away', ({ aws }) => {
    aws.faults.clear();
    return ok();
  }),
  route('DELETE', '/faults/{ID}', 'takes one fault away', ({ aws, parts: [id = ''] }) =>
    aws.faults.remove(id) ? ok() : absent(`fault ${id}`),
  ),
  route('GET', '/clock', 'emulator time and speed', ({ aws }) => ok(clockOf(aws))),
  route('PUT', '/clock', '`{"speed": 60}`: how many AWS seconds pass in a second', ({ aws, command }) => {
    aws.clock.setSpeed(readNumber(command(), 'speed'));
    return ok(clockOf(aws));
  }),
  route(
    'POST',
    '/clock/advance',
    '`{"seconds": 120}`: lets AWS time pass at once; what is due in it happens',
    ({ aws, command }) => {
      aws.clock.advance(readNumber(command(), 'seconds') * 1000);
      return ok(clockOf(aws));
    },
  ),
  route('GET', '/throttling', 'the profile and its token buckets', ({ aws }) =>
    ok({ profile: aws.throttling.profile, buckets: aws.throttling.buckets }),
  ),
  route(
    'PUT',
    '/throttling',
    '`{"profile": "off"}`, `aws`, `aws-current`, or `custom` with `buckets`; all buckets start full',
    ({ aws, command }) => {
      const { profile, buckets } = readThrottling(command());
      if (profile === 'custom') aws.throttling.set(profile, buckets);
      else aws.throttling.set(profile);
      return ok({ profile, buckets: aws.throttling.buckets });
    },
  ),
  route('GET', '/lag', 'by how many seconds the reads of each kind of resource lag', ({ aws }) =>
    ok(aws.lag.seconds),
  ),
  route(
    'PUT',
    '/lag',
    '`{"security-group": 5}`: reads show that kind as it was so many AWS seconds ago; replaces what was set before',
    ({ aws, command }) => {
      aws.lag.set(readLag(command()));
      return ok(aws.lag.seconds);
    },
  ),
  route('GET', '/facts', 'quotas, times and doubtful facts in force', ({ aws }) => ok(aws.facts)),
  route('PATCH', '/facts', '`{"rulesPerLoadBalancer": 200}`: changes some of them', ({ aws, command }) => {
    Object.assign(aws.facts, readFacts(command()));
    return ok(aws.facts);
  }),
  route('GET', '/snapshot', 'everything the accounts hold, as JSON', ({ aws }) => ok(aws.snapshot())),
  route('PUT', '/snapshot', 'replaces everything by a snapshot', ({ aws, command }) => {
    aws.restore(command());
    return ok();
  }),
  route(
    'POST',
    '/reset',
    'back to the start: fixtures only, no faults, no lag, throttling as at the start, an empty journal',
    ({ aws }) => {
      aws.reset();
      return ok();
    },
  ),
  route(
    'PUT',
    '/objects/{BUCKET}/{KEY}',
    'puts an object into S3 as the trust stores see it; the body is its text',
    ({ aws, parts, text }) => {
      aws.objects.set(parts.join('/'), text);
      return ok();
    },
  ),
  route('GET', '/objects/{BUCKET}/{KEY}', 'that object', ({ aws, parts }) => {
    const text = aws.objects.get(parts.join('/'));
    return text === undefined ? absent(`object ${parts.join('/')}`) : ok(text);
  }),
  route('DELETE', '/objects/{BUCKET}/{KEY}', 'takes that object away', ({ aws, parts }) =>
    aws.objects.delete(parts.join('/')) ? ok() : absent(`object ${parts.join('/')}`),
  ),
  route(
    'GET',
    '/trust-stores/{ARN}/bundle',
    'the CA certificates of a trust store; GetTrustStoreCaCertificatesBundle leads here',
    ({ aws, parts: [arn = ''] }) => contentOf(aws, arn, ({ bundle }) => bundle),
  ),
  route(
    'GET',
    '/trust-stores/{ARN}/revocations/{ID}',
    'a revocation list; GetTrustStoreRevocationContent leads here',
    ({ aws, parts: [arn = '', id = ''] }) =>
      contentOf(aws, arn, ({ revocations }) => revocations.get(id)?.crl),
  ),
];

const contentOf = (
  aws: SandboxAws,
  arn: string,
  read: (store: StoredTrustStore) => string | undefined,
): ControlReply => {
  const store = aws.state.trustStores.get(arn);
  const text = store === undefined ? undefined : read(store);
  return text === undefined ? absent(`such content of trust store ${arn}`) : ok(text);
};

const clockOf = ({ clock }: SandboxAws) => ({ now: new Date(clock.now()).toISOString(), speed: clock.speed });

const overview = (aws: SandboxAws) => ({
  account: aws.accountId,
  region: aws.region,
  clock: clockOf(aws),
  throttling: aws.throttling.profile,
  lag: aws.lag.seconds,
  faults: aws.faults.list().length,
  journal: aws.journal.length,
  routes: CONTROL_ROUTES.map(({ method, path, doc }) => `${method} /_sandbox${path}: ${doc}`),
});

const chosen = ({ journal }: SandboxAws, query: URLSearchParams) => {
  const found = journal.filter((entry) =>
    (['service', 'operation', 'code'] as const).every(
      (name) => !query.has(name) || entry[name] === query.get(name),
    ),
  );
  const limit = query.get('limit');
  if (limit === null) return found;
  if (!/^\d{1,9}$/.test(limit)) throw new Error(`'limit' must be a number, not ${limit}.`);
  return limit === '0' ? [] : found.slice(-Number(limit));
};
