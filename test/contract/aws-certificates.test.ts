/** Certificates of ours against ACM and Route 53: what is asked once, shared, adopted, refused, and cleared away. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import {
  ACMClient,
  DeleteCertificateCommand,
  DescribeCertificateCommand,
  ListCertificatesCommand,
  RequestCertificateCommand,
} from '@aws-sdk/client-acm';
import { ChangeResourceRecordSetsCommand, Route53Client } from '@aws-sdk/client-route-53';
import type { Secret } from '../../src/core/kube/objects.ts';
import type { Actual } from '../../src/core/model/actual.ts';
import {
  type CertificateSpec,
  certificateIdentity,
  certificateKey,
} from '../../src/core/model/certificate.ts';
import { CONTENT_TAG, ownershipTags, STATED_TAGS_TAG } from '../../src/core/model/names.ts';
import type { Graph, Resource } from '../../src/core/model/resource.ts';
import type { Tags } from '../../src/core/model/tags.ts';
import { diff } from '../../src/core/plan/diff.ts';
import type { Operation } from '../../src/core/plan/plan.ts';
import { afterOperation } from '../../src/core/plan/simulate.ts';
import type { Attempt, Aws } from '../../src/core/ports.ts';
import { readTlsSecret } from '../../src/core/tls/tls-secret.ts';
import { makeCertificate, type Pem } from '../../src/sandbox/aws/acm/make-certificate.ts';
import { CLUSTER } from './aws-sample.ts';
import { startWorld, type World } from './aws-world.ts';

let world: World;
let acm: ACMClient;
let route53: Route53Client;
before(async () => {
  world = await startWorld();
  const config = { region: world.region, endpoint: world.endpoint };
  acm = new ACMClient(config);
  route53 = new Route53Client(config);
});
beforeEach(() => world.reset());
after(() => world.stop());

type Certificate = Resource<'certificate'>;

const made = (stack: string, spec: Omit<CertificateSpec, 'tags'>): Certificate => {
  const identity = certificateIdentity(spec);
  const content = spec.content === undefined ? {} : { [CONTENT_TAG]: spec.content };
  const tags = { ...ownershipTags(CLUSTER, stack, identity), ...content };
  return { kind: 'certificate', key: certificateKey(stack, identity), spec: { ...spec, tags } };
};

const requested = (stack: string, host = 'shop.example.com', issued = true): Certificate =>
  made(stack, { origin: 'requested', domains: [host], zones: { [host]: 'ZEX' }, issued });

const GRACES = { loadBalancer: 0, targetGroup: 0 };

/** One plan carried out: how each operation ended, and what AWS is taken to hold then. */
const step = async (
  aws: Aws,
  wanted: Graph,
  from: Actual,
): Promise<{ readonly attempts: readonly Attempt[]; readonly actual: Actual }> => {
  let actual = from;
  const attempts: Attempt[] = [];
  for (const operation of diff(wanted, actual, GRACES).operations) {
    const attempt = await aws.perform(operation, actual);
    attempts.push(attempt);
    if (attempt.status === 'done') actual = known(afterOperation(actual, operation), operation, attempt.id);
  }
  return { attempts, actual };
};

const known = (actual: Actual, { key }: Operation, id: string | undefined): Actual =>
  id === undefined ? actual : { ...actual, ids: new Map([...actual.ids, [key, id]]) };

const graph = (...all: readonly Certificate[]): Graph => new Map(all.map((it) => [it.key, it]));

/** Asks, then looks until it has been issued. */
const issue = async (aws: Aws, stack: string): Promise<Actual> => {
  const first = await step(aws, graph(requested(stack, undefined, false)), await aws.observe(stack, []));
  let { actual } = first;
  for (let tries = 0; tries < 100; tries++) {
    const next = await step(aws, graph(requested(stack)), actual);
    if (next.attempts.every(({ status }) => status === 'done')) return next.actual;
    assert.deepEqual(
      next.attempts.map(({ status }) => status),
      ['wait'],
    );
    actual = next.actual;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error('it was never issued');
};

const arns = async (): Promise<readonly string[]> => {
  const Includes = { keyTypes: ['RSA_2048' as const, 'EC_prime256v1' as const] };
  const { CertificateSummaryList = [] } = await acm.send(new ListCertificatesCommand({ Includes }));
  return CertificateSummaryList.map(({ CertificateArn = '' }) => CertificateArn).filter(
    (arn) => !world.fixtures.certificates.includes(arn),
  );
};

test('a tag that was stated and is no more goes', async () => {
  const aws = world.connect();
  const actual = await issue(aws, 'a/one');
  const { spec, ...rest } = requested('a/one');
  const tagged = (tags: Tags): Graph =>
    graph({ ...rest, spec: { ...spec, tags: { ...spec.tags, ...tags } } });
  const stated = await step(aws, tagged({ cost: '7', team: 'shop', [STATED_TAGS_TAG]: 'cost team' }), actual);
  world.mark();
  await step(aws, tagged({ team: 'shop', [STATED_TAGS_TAG]: 'team' }), stated.actual);
  assert.deepEqual(world.writes(), ['AddTagsToCertificate', 'RemoveTagsFromCertificate']);
  assert.deepEqual(world.inputOf('RemoveTagsFromCertificate').Tags, [{ Key: 'cost' }]);
});

test('a validation record serves all stacks of its domain, and goes with the last of them', async () => {
  const aws = world.connect();
  const one = await issue(aws, 'a/one');
  assert.equal(world.recordNames().length, 2);
  const two = await issue(aws, 'b/two');
  assert.equal((await arns()).length, 2);
  assert.equal(world.recordNames().length, 2, 'the second found it there');
  await step(aws, new Map(), one);
  assert.equal((await arns()).length, 1);
  assert.equal(world.recordNames().length, 2, 'the other one is still renewed by it');
  await step(aws, new Map(), two);
  assert.deepEqual([await arns(), world.recordNames()], [[], []]);
});

test('a record that a certificate of another Region lives on stays, also when that Region does not tell', async () => {
  const cdn = new ACMClient({ region: 'us-east-1', endpoint: world.endpoint });
  const ofCloudFront = { DomainName: '*.shop.example.com', ValidationMethod: 'DNS' as const };
  const { CertificateArn } = await cdn.send(new RequestCertificateCommand(ofCloudFront));
  const aws = world.connect();
  await step(aws, new Map(), await issue(aws, 'a/one'));
  assert.deepEqual([(await arns()).length, world.recordNames().length], [0, 2]);
  await cdn.send(new DeleteCertificateCommand({ CertificateArn }));
  const two = await issue(aws, 'b/two');
  const lift = world.faults.add({ kind: 'denied', service: 'ec2', operation: 'DescribeRegions' });
  await step(aws, new Map(), two);
  lift();
  assert.deepEqual([(await arns()).length, world.recordNames().length], [0, 2]);
  await step(aws, new Map(), await issue(aws, 'c/three'));
  assert.deepEqual([await arns(), world.recordNames()], [[], []]);
});

test('a validation record that somebody took away is put back beside the word that it is ours', async () => {
  const aws = world.connect();
  const one = await issue(aws, 'a/one');
  const { records } = world.state.zones.get('ZEX') ?? {};
  const [key, cname] = [...(records ?? [])].find(([, { Type }]) => Type === 'CNAME') ?? [];
  assert.ok(key && cname);
  await route53.send(
    new ChangeResourceRecordSetsCommand({
      HostedZoneId: 'ZEX',
      ChangeBatch: { Changes: [{ Action: 'DELETE', ResourceRecordSet: cname }] },
    }),
  );
  assert.equal(world.recordNames().length, 1);
  await issue(aws, 'b/two');
  assert.equal(world.recordNames().length, 2);
  await step(aws, new Map(), one);
  assert.equal(world.recordNames().length, 2);
});

test('the certificate goes also where Route 53 is not permitted any more, and waits where too much would go', async () => {
  const few = world.connect({ maxRecordDeletes: 0 });
  const one = await issue(few, 'a/one');
  const { attempts } = await step(few, new Map(), one);
  assert.deepEqual(
    attempts.map(({ status }) => status),
    ['wait'],
  );
  assert.equal((await arns()).length, 1);
  const lift = world.faults.add({ kind: 'denied', service: 'route53' });
  await step(world.connect(), new Map(), one);
  lift();
  assert.deepEqual([(await arns()).length, world.recordNames().length], [0, 2]);
});

test('a controller that remembers nothing finds what it asked for, and asks no second time', async () => {
  await issue(world.connect(), 'a/one');
  const aws = world.connect();
  assert.deepEqual(await aws.inventory(), ['a/one']);
  const actual = await aws.observe('a/one', []);
  world.mark();
  const { attempts } = await step(aws, graph(requested('a/one')), actual);
  assert.deepEqual([attempts, world.writes()], [[], []]);
  assert.equal((await aws.facts(0)).certificates?.find(({ stack }) => stack === 'a/one')?.status, 'ISSUED');
});

test('a lost answer makes no second certificate', async () => {
  const wanted = graph(requested('a/one', undefined, false));
  const [create] = diff(wanted, await world.connect().observe('a/one', []), GRACES).operations;
  assert.ok(create);
  const empty = await world.connect().observe('a/one', []);
  await world.connect().perform(create, empty);
  await world.connect().perform(create, empty);
  assert.equal((await arns()).length, 1);
});

test("LBC's certificate for the same names is taken over, not made anew", async () => {
  await acm.send(
    new RequestCertificateCommand({
      DomainName: 'shop.example.com',
      ValidationMethod: 'DNS',
      Tags: Object.entries(ownershipTags(CLUSTER, 'a/one', 'shop.example.com')).map(([Key, Value]) => ({
        Key,
        Value,
      })),
    }),
  );
  await issue(world.connect(), 'a/one');
  assert.equal((await arns()).length, 1);
});

test('what ACM has given up is asked for anew, and the old one goes', async () => {
  const aws = world.connect();
  await step(aws, graph(requested('a/one', undefined, false)), await aws.observe('a/one', []));
  const before = await arns();
  world.passTime(73 * 3600);
  const actual = await aws.observe('a/one', []);
  assert.deepEqual(
    [...actual.owned.values()].map((it) => it.kind === 'certificate' && it.spec.issued),
    [false],
  );
  await step(aws, graph(requested('a/one', undefined, false)), actual);
  const now = await arns();
  assert.deepEqual([now.length, now[0] === before[0]], [1, false]);
});

test('a record of somebody else in the place of ours is left alone and named', async () => {
  const aws = world.connect();
  const { actual } = await step(
    aws,
    graph(requested('a/one', undefined, false)),
    await aws.observe('a/one', []),
  );
  const [CertificateArn] = await arns();
  const { Certificate } = await acm.send(new DescribeCertificateCommand({ CertificateArn }));
  const Name = Certificate?.DomainValidationOptions?.[0]?.ResourceRecord?.Name;
  const ResourceRecordSet = {
    Name,
    Type: 'CNAME' as const,
    TTL: 60,
    ResourceRecords: [{ Value: 'else.example.org' }],
  };
  await route53.send(
    new ChangeResourceRecordSetsCommand({
      HostedZoneId: 'ZEX',
      ChangeBatch: { Changes: [{ Action: 'CREATE', ResourceRecordSet }] },
    }),
  );
  const { attempts } = await step(aws, graph(requested('a/one')), actual);
  const [attempt] = attempts;
  assert.ok(attempt?.status === 'failed' && attempt.code === 'NameTaken', JSON.stringify(attempt));
  assert.match(attempt.message, /is not ours to change; ACM needs it to be CNAME _/);
  await step(aws, new Map(), actual);
  assert.deepEqual(world.recordNames().length, 1);
});

test('a private authority issues without records', async () => {
  const authority = `arn:aws:acm-pca:${world.region}:123456789012:certificate-authority/1`;
  const wish = (issued: boolean): Graph =>
    graph(made('a/one', { origin: 'requested', domains: ['shop.internal.example'], authority, issued }));
  const aws = world.connect();
  let { actual } = await step(aws, wish(false), await aws.observe('a/one', []));
  for (let status = 'wait'; status !== 'done'; ) {
    const next = await step(aws, wish(true), actual);
    status = next.attempts[0]?.status ?? 'none';
    actual = next.actual;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  assert.deepEqual(world.recordNames(), []);
  const again = await world.connect().observe('a/one', []);
  assert.deepEqual(diff(wish(true), again, GRACES).operations, []);
});

const secretOf = ({ certificate, privateKey }: Pem): Secret => ({
  metadata: { name: 'tls', namespace: 'a' },
  data: {
    'tls.crt': Buffer.from(certificate).toString('base64'),
    'tls.key': Buffer.from(privateKey).toString('base64'),
  },
});

const imported = (secret: Secret): Certificate => {
  const read = readTlsSecret(secret, undefined);
  if ('wrong' in read) throw new Error(read.wrong);
  const { domains, keyAlgorithm, content, notAfter } = read;
  return made('a/one', {
    origin: 'imported',
    secret: 'a/tls',
    domains,
    keyAlgorithm,
    content,
    notAfter,
    issued: true,
  });
};

test('a Secret is imported into one ARN as often as it changes, until that is too often', async () => {
  const pem = (): Secret => secretOf(makeCertificate({ names: ['shop.example.com'] }));
  let secret = pem();
  const aws = world.connect({ secretAt: () => secret, maxImports: 3 });
  let { actual } = await step(aws, graph(imported(secret)), await aws.observe('a/one', []));
  const first = await arns();
  for (const expected of ['done', 'done', 'failed']) {
    secret = pem();
    const next = await step(aws, graph(imported(secret)), actual);
    assert.deepEqual(
      next.attempts.map(({ status }) => status),
      [expected],
    );
    actual = next.actual;
  }
  assert.deepEqual(await arns(), first);
  const stale = await step(aws, graph(imported(pem())), actual);
  assert.equal(stale.attempts[0]?.status, 'wait', 'the plan was made for another content');
  // Nobody but ACM has the key.
  assert.doesNotMatch(JSON.stringify([...actual.owned]), /PRIVATE/);
});

test('what ACM refuses does not count as an import, and other names in a Secret do', async () => {
  const pem = (name: string): Secret => secretOf(makeCertificate({ names: [name] }));
  let secret = pem('a.example.com');
  const aws = world.connect({ secretAt: () => secret, maxImports: 2, maxAttempts: 1 });
  const empty = await aws.observe('a/one', []);
  const attempt = async (): Promise<string> => {
    const { attempts } = await step(aws, graph(imported(secret)), empty);
    return attempts.map((it) => (it.status === 'failed' ? it.code : it.status)).join();
  };
  const denied = world.faults.add({ kind: 'denied', service: 'acm', operation: 'ImportCertificate' });
  for (let tries = 0; tries < 3; tries++) assert.match(await attempt(), /AccessDenied/);
  denied();
  const down = world.faults.add({ kind: 'unavailable', service: 'acm', operation: 'ImportCertificate' });
  for (let tries = 0; tries < 3; tries++) assert.doesNotMatch(await attempt(), /TooManyImports/);
  down();
  assert.equal(await attempt(), 'done', 'one of the two counts for the answers that may have been lost');
  secret = pem('b.example.com');
  assert.equal(await attempt(), 'TooManyImports');
});

test('the same content is not imported again by a controller that remembers nothing', async () => {
  const secret = secretOf(makeCertificate({ names: ['b.example.com', 'a.example.com'], rsaBits: 2048 }));
  const first = world.connect({ secretAt: () => secret });
  await step(first, graph(imported(secret)), await first.observe('a/one', []));
  const aws = world.connect({ secretAt: () => secret });
  assert.deepEqual(diff(graph(imported(secret)), await aws.observe('a/one', []), GRACES).operations, []);
});

test("where the tags of certificates cannot be read, none is made, and none taken for somebody's", async () => {
  world.faults.add({ kind: 'denied', service: 'tagging' });
  const aws = world.connect();
  assert.equal((await aws.observe('a/one', [])).certificatesUnseen, true);
  assert.deepEqual(await aws.inventory(), []);
  world.faults.clear();
});
